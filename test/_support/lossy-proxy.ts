import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { BufferPool } from '../../src/broker/log/buffer-pool.ts';
import { FrameReader } from '../../src/broker/server/frame-reader.ts';
import { responseFrames } from './response-frames.ts';

/** A port between clients and a broker that loses answers. */
export interface LossyProxy {
  readonly port: number;
  /** How many answers were lost. */
  readonly lost: number;
  /** Where requests go from now on. */
  leadTo(port: number): void;
  close(): Promise<void>;
}

const produceKey = 0;

/**
 * Starts a proxy that ends a client's connection when the broker has answered a Produce request and the answer would pass:
 * the broker has the records, and the client cannot know. `isLost` is asked about each such answer, counted from 1.
 */
export async function startLossyProxy(isLost: (count: number) => boolean): Promise<LossyProxy> {
  let target = 0;
  let [answers, lost] = [0, 0];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect({ port: target, host: '127.0.0.1' });
    const end = () => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      sockets.add(socket);
      socket
        .setNoDelay(true)
        .on('error', end)
        .on('close', () => {
          sockets.delete(socket);
          end();
        });
    }
    const requests = new FrameReader(new BufferPool(0));
    const responsesOf = responseFrames();
    const produced = new Set<number>();
    client.on('data', (chunk: Buffer) => {
      for (const { bytes: request } of requests.push(chunk)) {
        if (request.readInt16BE(0) === produceKey) produced.add(request.readInt32BE(4));
        broker.write(framed(request));
      }
    });
    broker.on('data', (chunk: Buffer) => {
      for (const response of responsesOf(chunk)) {
        if (produced.delete(response.readInt32BE(0)) && isLost(++answers)) {
          lost++;
          end();
          return;
        }
        client.write(framed(response));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get lost() {
      return lost;
    },
    leadTo(port) {
      target = port;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function framed(frame: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(frame.length);
  return Buffer.concat([size, frame]);
}
