import type { BufferPool } from '../log/buffer-pool.ts';
import { ProtocolError } from '../protocol/reader.ts';

/** Key, version and correlation id: the least that a request has. */
const leastBytes = 8;
/** No client sends more: topics limit their batches to far less. */
const mostBytes = 100 * 1024 * 1024;
/** The key of Produce, whose handler keeps nothing of its request past the answer. */
const produceKey = 0;

export interface Frame {
  /** Without the length before it. */
  readonly bytes: Buffer;
  /** What the bytes lie in, where that may be used again after the answer. */
  readonly pooled: Buffer | undefined;
}

/**
 * Cuts a byte stream into frames, each after its length in four bytes. Memory is taken as bytes arrive, never for what a
 * length merely claims.
 */
export class FrameReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  // The length of the frame that is being read; null while the four bytes of it are.
  #expected: number | null = null;
  readonly #pool: BufferPool;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Bytes of a frame that is not complete. */
  get buffered(): number {
    return this.#buffered;
  }

  /**
   * Takes what came from the socket and gives the frames that are complete with it.
   * @throws ProtocolError for a length that no request has.
   */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      if (this.#expected === null) {
        if (this.#buffered < 4) break;
        this.#expected = checkLength(this.#take(4).bytes);
      }
      if (this.#buffered < this.#expected) break;
      frames.push(this.#take(this.#expected));
      this.#expected = null;
    }
    return frames;
  }

  #take(size: number): Frame {
    this.#buffered -= size;
    const first = this.#chunks[0];
    // Most frames lie in one chunk and need no copy.
    if (first && first.length >= size) {
      if (first.length > size) this.#chunks[0] = first.subarray(size);
      else this.#chunks.shift();
      return { bytes: first.subarray(0, size), pooled: undefined };
    }
    const pooled = this.#startsWithKey(produceKey) ? this.#pool.take(size) : undefined;
    const bytes = pooled?.subarray(0, size) ?? Buffer.allocUnsafe(size);
    this.#copyTo(bytes);
    return { bytes, pooled };
  }

  #startsWithKey(key: number): boolean {
    const first = this.#chunks[0];
    return first !== undefined && first.length >= 2 && first.readInt16BE(0) === key;
  }

  /** Moves as many bytes as it takes to fill the target. */
  #copyTo(target: Buffer): void {
    let filled = 0;
    let next = 0;
    for (; filled < target.length; next++) {
      const chunk = this.#chunks[next];
      if (!chunk) break;
      const copied = chunk.copy(target, filled);
      filled += copied;
      if (copied < chunk.length) {
        this.#chunks[next] = chunk.subarray(copied);
        break;
      }
    }
    this.#chunks.splice(0, next);
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
