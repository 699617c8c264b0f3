/** The system takes this much in a fraction of a millisecond while it has memory for it. */
const mostBytesAtOnce = 2 * 1024 * 1024;
/** A write that took longer, in milliseconds, has waited for the disk. */
const patience = 20;
/** How long, in milliseconds, the disk is then left to other threads. */
const caution = 10_000;

/**
 * Whether to write at once or by way of another thread. A write goes to the system's memory, and handing it over costs
 * more than the write itself, the more so as the thread that wakes up takes a processor from somebody. But once that
 * memory is full, a write waits for the disk, and nothing else may wait with it.
 */
export class DiskPace {
  readonly #now: () => number;
  #cautiousUntil = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that only goes forward. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a write of so many bytes is over before anybody would notice it. */
  takesAtOnce(bytes: number): boolean {
    return bytes <= mostBytesAtOnce && this.#now() >= this.#cautiousUntil;
  }

  /** Starts to time a write; to be called when it is over, however it ended. */
  time(): () => void {
    const begun = this.#now();
    return () => {
      const now = this.#now();
      if (now - begun > patience) this.#cautiousUntil = now + caution;
    };
  }
}
