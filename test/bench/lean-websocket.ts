import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface LeanWebSocket {
  send(text: string): void;
}

interface LeanWebSocketOptions {
  address: URL;
  /** Told of each message; its bytes are gone when it returns. */
  onMessage: (message: Buffer, socket: LeanWebSocket) => void;
  onClose: () => void;
}

// All sockets of a process read into it, one after the other: a buffer for each read is most of what reading costs.
const readBuffer = Buffer.allocUnsafe(256 * 1_024);
const opcodes = { text: 1, ping: 9, pong: 10 } as const;

/**
 * A websocket that costs as little as can be, so that thousands of them in one process do not become what is measured.
 * For servers of the benches only: it takes their word for everything, and nothing in pieces.
 */
export function leanWebSocket({ address, onMessage, onClose }: LeanWebSocketOptions): LeanWebSocket {
  let isOpen = false;
  let kept = Buffer.alloc(0);
  const socket: Socket = connect({
    host: address.hostname,
    port: Number(address.port),
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback(length: number) {
        const came = readBuffer.subarray(0, length);
        const bytes = kept.length > 0 ? Buffer.concat([kept, came]) : came;
        const rest = bytes.subarray(isOpen ? takeFrames(bytes) : takeAnswer(bytes));
        kept = rest.length > 0 ? Buffer.from(rest) : rest;
        return true;
      },
    },
  });
  socket.on('connect', () => {
    socket.write(
      `GET ${address.pathname}${address.search} HTTP/1.1\r\nHost: ${address.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
  });
  socket.on('error', () => {});
  socket.on('close', onClose);

  const self: LeanWebSocket = { send: (text) => socket.write(maskedFrame(opcodes.text, Buffer.from(text))) };

  function takeAnswer(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    if (!bytes.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) socket.destroy();
    isOpen = true;
    return end + 4 + takeFrames(bytes.subarray(end + 4));
  }

  /** How many bytes were of whole frames. */
  function takeFrames(bytes: Buffer): number {
    for (let at = 0; ; ) {
      if (bytes.length < at + 2) return at;
      const opcode = (bytes[at] ?? 0) & 0xf;
      const short = bytes[at + 1] ?? 0;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (bytes.length < at + header) return at;
      const length = header === 2 ? short : header === 4 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
      const end = at + header + length;
      if (bytes.length < end) return at;
      const payload = bytes.subarray(at + header, end);
      if (opcode === opcodes.text) onMessage(payload, self);
      else if (opcode === opcodes.ping) socket.write(maskedFrame(opcodes.pong, payload));
      at = end;
    }
  }
  return self;
}

/** A short frame as clients have to send it; a mask of zeros leaves the bytes as they are. */
const maskedFrame = (opcode: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
