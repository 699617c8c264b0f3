import type { Clock } from '../../src/runtime/clock.ts';

/** A clock that stands still until someone sleeps, and then leaps to when they wake. */
export interface LeapingClock extends Clock {
  /** Lets time go by for no reason of the sleeper's: a suspended laptop, a slow send. */
  leap(time: number): void;
}

/** @param start epoch ms */
export function leapingClock(start = 1_000_000): LeapingClock {
  let now = start;
  return {
    now: () => now,
    leap(time) {
      now += time;
    },
    async sleepUntil(time, signal) {
      if (Number.isFinite(time)) {
        now = Math.max(now, time);
        return;
      }
      if (signal?.aborted) return;
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    },
  };
}
