interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A position that only grows, and those who wait for it to reach theirs. */
export class OffsetGate {
  #reached: number;
  // By ascending offset.
  readonly #waiting: Waiter[] = [];

  constructor(reached: number) {
    this.#reached = reached;
  }

  get reached(): number {
    return this.#reached;
  }

  /** Resolves when the position is at `offset` or beyond; rejects when it never will be. */
  wait(offset: number): Promise<void> {
    if (offset <= this.#reached) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = { offset, resolve, reject };
      // Appends wait in order; only a retry of a batch that is still being written comes before others.
      let index = this.#waiting.length;
      while (index > 0 && (this.#waiting[index - 1]?.offset ?? 0) > offset) index--;
      this.#waiting.splice(index, 0, waiter);
    });
  }

  advance(offset: number): void {
    if (offset <= this.#reached) return;
    this.#reached = offset;
    const count = this.#waiting.findIndex((waiter) => waiter.offset > offset);
    for (const waiter of this.#waiting.splice(0, count === -1 ? this.#waiting.length : count)) waiter.resolve();
  }

  /** Tells those who wait for `offset` or more that their position will not be reached. */
  fail(error: Error, offset = 0): void {
    const first = this.#waiting.findIndex((waiter) => waiter.offset >= offset);
    if (first >= 0) for (const waiter of this.#waiting.splice(first)) waiter.reject(error);
  }
}
