/** Below this, a buffer costs less than looking after it. */
const leastBytes = 16 * 1024;

/** Makes a buffer. */
export type Allocate = (size: number) => Buffer;

/**
 * Large buffers that are used again and again. V8 weighs each new one as memory that a full garbage collection might
 * free, so that megabytes of them, second after second, would keep it collecting all the time.
 */
export class BufferPool {
  // By size, a power of two.
  readonly #idle = new Map<number, Buffer[]>();
  #idleBytes = 0;
  readonly #mostIdleBytes: number;

  /** @param mostIdleBytes what is kept for the next who ask, all sizes together. */
  constructor(mostIdleBytes: number) {
    this.#mostIdleBytes = mostIdleBytes;
  }

  /** A buffer of at least `size` bytes, with anything in it. */
  take(size: number): Buffer {
    const whole = 2 ** Math.ceil(Math.log2(Math.max(leastBytes, size)));
    const buffer = this.#idle.get(whole)?.pop();
    if (!buffer) return Buffer.allocUnsafeSlow(whole);
    this.#idleBytes -= whole;
    return buffer;
  }

  /** Takes a buffer back that nobody looks into any more. */
  give(buffer: Buffer): void {
    if (this.#idleBytes + buffer.length > this.#mostIdleBytes) return;
    this.#idleBytes += buffer.length;
    const idle = this.#idle.get(buffer.length);
    if (idle) idle.push(buffer);
    else this.#idle.set(buffer.length, [buffer]);
  }

  /** Buffers that go back together. */
  lease(): BufferLease {
    return new BufferLease(this);
  }
}

/** The buffers of one answer. A lease that is never released is left to the garbage collector. */
export class BufferLease {
  readonly #pool: BufferPool;
  #taken: Buffer[] = [];

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** A buffer of just this size, with anything in it. */
  readonly allocate: Allocate = (size) => {
    if (size < leastBytes) return Buffer.allocUnsafe(size);
    const buffer = this.#pool.take(size);
    this.#taken.push(buffer);
    return buffer.subarray(0, size);
  };

  /** Gives all back; what was read into them is gone. */
  release(): void {
    for (const buffer of this.#taken) this.#pool.give(buffer);
    this.#taken = [];
  }
}
