/** Below this, a buffer costs less than looking after it. */
const leastBytes = 16 * 1024;

/** Makes a buffer. */
export type Allocate = (size: number) => Buffer;

/**
 * Large buffers that are used again and again. V8 weighs each new one as memory that a full garbage collection might
 * free, so that megabytes of them, second after second, would keep it collecting all the time.
 */
export class BufferPool {
  // By size, a power of two; the size that was asked for or given last comes last.
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
    const buffer = this.#idleOf(whole).pop();
    if (!buffer) return Buffer.allocUnsafeSlow(whole);
    this.#idleBytes -= whole;
    return buffer;
  }

  /** Takes a buffer back that nobody looks into any more. */
  give(buffer: Buffer): void {
    this.#idleOf(buffer.length).push(buffer);
    this.#idleBytes += buffer.length;
    // Sizes that nobody asks for any more make room for those in use.
    for (const [size, idle] of this.#idle) {
      while (this.#idleBytes > this.#mostIdleBytes && idle.pop()) this.#idleBytes -= size;
      if (this.#idleBytes <= this.#mostIdleBytes) break;
      this.#idle.delete(size);
    }
  }

  #idleOf(size: number): Buffer[] {
    const idle = this.#idle.get(size) ?? [];
    this.#idle.delete(size);
    this.#idle.set(size, idle);
    return idle;
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
