import type { Member } from './member.ts';
import type { Cancel, Timers } from './timers.ts';

/** Who of a generation has not asked for its assignment yet, and how long it may take to. */
export class SyncPhase {
  readonly #timers: Timers;
  readonly #onTimeout: () => void;
  readonly #missing = new Set<string>();
  #cancelTimer: Cancel = () => {};

  constructor(timers: Timers, onTimeout: () => void) {
    this.#timers = timers;
    this.#onTimeout = onTimeout;
  }

  begin(members: readonly Member[], timeout: number): void {
    this.#cancelTimer = this.#timers.after(timeout, this.#onTimeout);
    for (const { id } of members) this.#missing.add(id);
  }

  /** The next rebalance begins, whoever is missing. */
  end(): void {
    this.stopClock();
    this.#missing.clear();
  }

  stopClock(): void {
    this.#cancelTimer();
  }

  get isComplete(): boolean {
    return this.#missing.size === 0;
  }

  isMissing({ id }: Member): boolean {
    return this.#missing.has(id);
  }

  noteSynced({ id }: Member): void {
    this.#missing.delete(id);
  }

  /** A member goes on under another id. */
  replace(former: Member, member: Member): void {
    if (this.#missing.delete(former.id)) this.#missing.add(member.id);
  }
}
