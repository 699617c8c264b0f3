import { setTimeout as delay } from 'node:timers/promises';

/** Wall clock, as an argument, so that pacing and windows can be tested without waiting. Times are epoch ms. */
export interface Clock {
  now(): number;
  /** Resolves at `time`, or at once when it has passed; resolves early, without throwing, when the signal aborts. */
  sleepUntil(time: number, signal?: AbortSignal): Promise<void>;
}

// setTimeout fires at once above this; a sleeper that wakes early just sleeps again.
const longestTimer = 2 ** 31 - 1;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: Date.now,
  async sleepUntil(time, signal) {
    for (;;) {
      const remaining = time - Date.now();
      if (remaining <= 0 || signal?.aborted) return;
      try {
        await delay(Math.min(remaining, longestTimer), undefined, signal ? { signal } : {});
      } catch {
        return;
      }
    }
  },
};
