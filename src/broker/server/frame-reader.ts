import { ProtocolError } from '../protocol/reader.ts';

/** Key, version and correlation id: the least that a request has. */
const leastBytes = 8;
/** No client sends more: topics limit their batches to far less. */
const mostBytes = 100 * 1024 * 1024;

/**
 * Cuts a byte stream into frames, each after its length in four bytes. Memory is taken as bytes arrive, never for what a
 * length merely claims.
 */
export class FrameReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  // The length of the frame that is being read; null while the four bytes of it are.
  #expected: number | null = null;

  /** Bytes of a frame that is not complete. */
  get buffered(): number {
    return this.#buffered;
  }

  /**
   * Takes what came from the socket and gives the frames that are complete with it.
   * @throws ProtocolError for a length that no request has.
   */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const frames: Buffer[] = [];
    for (;;) {
      if (this.#expected === null) {
        if (this.#buffered < 4) break;
        this.#expected = checkLength(this.#take(4));
      }
      if (this.#buffered < this.#expected) break;
      frames.push(this.#take(this.#expected));
      this.#expected = null;
    }
    return frames;
  }

  #take(size: number): Buffer {
    const first = this.#chunks[0];
    // Most frames lie in one chunk and need no copy.
    if (this.#chunks.length > 1 && (first?.length ?? 0) < size) this.#chunks = [Buffer.concat(this.#chunks)];
    const [source = Buffer.alloc(0), ...rest] = this.#chunks;
    this.#buffered -= size;
    this.#chunks = source.length > size ? [source.subarray(size), ...rest] : rest;
    return source.subarray(0, size);
  }
}

function checkLength(bytes: Buffer): number {
  const length = bytes.readInt32BE(0);
  if (length >= leastBytes && length <= mostBytes) return length;
  const isHttp = /^(GET |POST|PUT |HEAD|DELE|OPTI|PATC|CONN)/.test(bytes.toString('latin1'));
  if (isHttp) throw new ProtocolError('an HTTP request came to the Kafka port; is the web page on another port?');
  if (bytes[0] === 0x16 && bytes[1] === 3) {
    throw new ProtocolError(
      'a TLS handshake came to a port without TLS; connect without --ssl (security.protocol=PLAINTEXT)',
    );
  }
  throw new ProtocolError(`a frame of ${length} bytes is announced; ${leastBytes} to ${mostBytes} are possible`);
}
