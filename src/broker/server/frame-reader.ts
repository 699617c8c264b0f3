import type { BufferPool } from '../log/buffer-pool.ts';
import { ProtocolError } from '../protocol/reader.ts';

/** Key, version and correlation id: the least that a request has. */
const leastBytes = 8;
/** No client sends more: topics limit their batches to far less. */
const mostBytes = 100 * 1024 * 1024;
/** The key of Produce, whose handler keeps nothing of its request past the answer. */
const produceKey = 0;

/**
 * A buffer for the whole of a frame is taken when this part of it is there: early, so that what the socket brought is
 * done with at once and cheap to collect, but not for a length that is merely claimed.
 */
const partForBuffer = 1 / 16;

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
  // Bytes in the chunks.
  #waiting = 0;
  // The length of the frame that is being read; null while the four bytes of it are.
  #expected: number | null = null;
  // Where the bytes of that frame go as they come, once there is a buffer for it.
  #begun: { frame: Frame; filled: number } | undefined;
  readonly #pool: BufferPool;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Bytes of a frame that is not complete. */
  get buffered(): number {
    return this.#waiting + (this.#begun?.filled ?? 0);
  }

  /**
   * Takes what came from the socket and gives the frames that are complete with it.
   * @throws ProtocolError for a length that no request has.
   */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#begun) return this.#fill(this.#begun);
    if (this.#expected === null) {
      if (this.#waiting < 4) return undefined;
      this.#expected = checkLength(this.#take(4));
    }
    const size = this.#expected;
    const isLarge = this.#waiting < size || (this.#chunks[0]?.length ?? 0) < size;
    if (isLarge && this.#waiting >= size * partForBuffer && this.#startsWithKey(produceKey)) {
      const pooled = this.#pool.take(size);
      this.#begun = { frame: { bytes: pooled.subarray(0, size), pooled }, filled: 0 };
      return this.#fill(this.#begun);
    }
    if (this.#waiting < size) return undefined;
    this.#expected = null;
    return { bytes: this.#take(size), pooled: undefined };
  }

  #fill(begun: { frame: Frame; filled: number }): Frame | undefined {
    begun.filled += this.#moveTo(begun.frame.bytes.subarray(begun.filled));
    if (begun.filled < begun.frame.bytes.length) return undefined;
    this.#begun = undefined;
    this.#expected = null;
    return begun.frame;
  }

  /** The next bytes; so many are there. */
  #take(size: number): Buffer {
    const first = this.#chunks[0];
    // Most frames lie in one chunk and need no copy.
    if (first && first.length >= size) {
      this.#waiting -= size;
      if (first.length > size) this.#chunks[0] = first.subarray(size);
      else this.#chunks.shift();
      return first.subarray(0, size);
    }
    const bytes = Buffer.allocUnsafe(size);
    this.#moveTo(bytes);
    return bytes;
  }

  #startsWithKey(key: number): boolean {
    const first = this.#chunks[0];
    return first !== undefined && first.length >= 2 && first.readInt16BE(0) === key;
  }

  /** Moves bytes until the target is full or there are no more; how many it were. */
  #moveTo(target: Buffer): number {
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
    this.#waiting -= filled;
    return filled;
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
