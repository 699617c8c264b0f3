/** How much memory requests take on all connections together; above the limit, connections stop reading. */
export class MemoryGauge {
  readonly #limit: number;
  #used = 0;
  #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#used > this.#limit;
  }

  add(bytes: number): void {
    this.#used += bytes;
    if (this.isFull || this.#waiting.size === 0) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const resume of waiting) resume();
  }

  /** Calls back once, when there is room again. */
  whenFree(resume: () => void): void {
    this.#waiting.add(resume);
  }
}
