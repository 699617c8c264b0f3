import type { Clock } from '../runtime/clock.ts';

/** How many rows a second are let through; may be changed, and paused, while rows are. */
export interface Pace {
  /** Rows per second, `Infinity` for as fast as they go, 0 while paused. */
  readonly rate: number;
  /** The rate that is asked for, also while paused. */
  readonly target: number;
  readonly paused: boolean;
  setRate(rowsPerSecond: number): void;
  pause(): void;
  resume(): void;
  /** Calls back at each change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** A pace, to begin with of `rowsPerSecond` (above 0, or `Infinity`). */
export function createPace(rowsPerSecond: number): Pace {
  const listeners = new Set<() => void>();
  let set = rowsPerSecond;
  let paused = false;
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return {
    get rate() {
      return paused ? 0 : set;
    },
    get target() {
      return set;
    },
    get paused() {
      return paused;
    },
    setRate(next) {
      set = next;
      changed();
    },
    pause() {
      paused = true;
      changed();
    },
    resume() {
      paused = false;
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

// At high rates rows go in groups of this length, so that the timer is no part of the cost.
const groupLength = 20;

// What a stall (a suspended laptop, a broker that hangs) held up is made up for only this far; the schedule moves by the rest.
const longestCatchUp = 1_000;

export interface Pacer {
  /**
   * Waits until the next rows are due.
   * @returns how many of `wanted` may go now: at least 1, or 0 when the signal has aborted.
   */
  take(wanted: number): Promise<number>;
  close(): void;
}

/**
 * Lets rows through at a pace. The k-th row is due k/rate seconds after the first, counted from the start and not from
 * the row before, so that late timers and slow sends do not add up. No row goes before it is due.
 */
export function pacer(pace: Pace, clock: Clock, signal: AbortSignal): Pacer {
  let rate = 0;
  /** When the first row of the schedule is due. */
  let origin = Number.NEGATIVE_INFINITY;
  /** Rows of the schedule that are gone, or given up. */
  let gone = 0;
  let wake = new AbortController();
  const stopListening = pace.onChange(() => wake.abort());
  const onAbort = () => wake.abort();
  signal.addEventListener('abort', onAbort);

  const sleepUntil = async (time: number) => {
    if (wake.signal.aborted) wake = new AbortController();
    if (!signal.aborted) await clock.sleepUntil(time, wake.signal);
  };
  /** Leaves the schedule: `origin` becomes the time at which its next row would have been due. */
  const leave = () => {
    if (rate > 0 && rate < Number.POSITIVE_INFINITY) origin += (gone * 1_000) / rate;
    gone = 0;
    rate = 0;
  };
  const restart = (next: number) => {
    leave();
    // The next row keeps its distance from the row before: changing to and fro, or pausing, lets no extra rows through.
    origin = Math.max(clock.now(), Math.min(origin, clock.now() + 1_000 / next));
    rate = next;
  };
  const due = (): number => {
    // A fake or coarse clock may stand exactly at the due time; the sum of roundings must not hide that.
    const rows = Math.floor(((clock.now() - origin) * rate) / 1_000 + 1e-6) + 1 - gone;
    const most = Math.max(1, Math.ceil((rate * longestCatchUp) / 1_000));
    if (rows > most) gone += rows - most;
    return Math.min(rows, most);
  };

  return {
    async take(wanted) {
      for (;;) {
        if (signal.aborted) return 0;
        if (pace.rate === Number.POSITIVE_INFINITY) {
          rate = Number.POSITIVE_INFINITY;
          origin = clock.now();
          return wanted;
        }
        if (pace.rate === 0) {
          leave();
          await sleepUntil(Number.POSITIVE_INFINITY);
          continue;
        }
        if (pace.rate !== rate) restart(pace.rate);
        const group = Math.min(wanted, Math.max(1, Math.ceil((rate * groupLength) / 1_000)));
        const ready = due();
        if (ready >= group) {
          const rows = Math.min(ready, wanted);
          gone += rows;
          return rows;
        }
        await sleepUntil(origin + ((gone + group - 1) * 1_000) / rate);
      }
    },
    close() {
      stopListening();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
