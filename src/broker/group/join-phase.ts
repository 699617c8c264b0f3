import type { Cancel, Timers } from './timers.ts';

export interface JoinPhaseOptions {
  readonly timers: Timers;
  /** How long the first join of an empty group waits for others to come. */
  readonly initialRebalanceDelay: number;
  /** Called when there may be nothing left to wait for. */
  readonly onReady: () => void;
  /** Called when the time is up, whoever is missing. */
  readonly onTimeout: () => void;
}

/** What a join phase waits for besides its members: time, and clients that were given an id and are to come back. */
export class JoinPhase {
  readonly #options: JoinPhaseOptions;
  readonly #expected = new Map<string, Cancel>();
  #cancelTimer: Cancel = () => {};
  /** The initial delay is running: the phase does not end although all have joined. */
  #gathering = false;
  #newcomers = false;

  constructor(options: JoinPhaseOptions) {
    this.#options = options;
  }

  get isWaiting(): boolean {
    return this.#gathering || this.isExpectingMembers;
  }

  get isExpectingMembers(): boolean {
    return this.#expected.size > 0;
  }

  isExpecting(memberId: string): boolean {
    return this.#expected.has(memberId);
  }

  /** Waits for a client that is to come back with this id. */
  expect(memberId: string, timeout: number): void {
    const cancel = this.#options.timers.after(timeout, () => this.dismiss(memberId));
    this.#expected.set(memberId, cancel);
  }

  /** No longer waits for this id; false when it did not. */
  dismiss(memberId: string): boolean {
    const known = this.#forget(memberId);
    if (known) this.#options.onReady();
    return known;
  }

  #forget(memberId: string): boolean {
    this.#expected.get(memberId)?.();
    return this.#expected.delete(memberId);
  }

  /** Somebody came, expected or not. */
  welcome(memberId: string): void {
    this.#forget(memberId);
    this.#newcomers = true;
  }

  /** Begins the phase of a group that was empty: waits for companions, again as long as more come. */
  gather(limit: number): void {
    const wait = Math.min(this.#options.initialRebalanceDelay, limit);
    if (wait <= 0) {
      this.await(limit);
      return;
    }
    this.#gathering = true;
    this.#newcomers = false;
    this.#cancelTimer = this.#options.timers.after(wait, () => {
      if (this.#newcomers) this.gather(limit - wait);
      else this.await(limit);
    });
  }

  /** Begins, or begins again, the wait for those who are missing. */
  await(limit: number): void {
    this.end();
    this.#cancelTimer = this.#options.timers.after(limit, this.#options.onTimeout);
    this.#options.onReady();
  }

  end(): void {
    this.#cancelTimer();
    this.#gathering = false;
  }

  /** Ends the phase and waits for nobody any more. */
  close(): void {
    this.end();
    for (const cancel of this.#expected.values()) cancel();
    this.#expected.clear();
  }
}
