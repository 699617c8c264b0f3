import type { Timers } from '../../../src/broker/group/timers.ts';

export interface FakeTimers extends Timers {
  /** Lets time pass; timers run in the order of their due times, those that they set as well. */
  advance(duration: number): void;
  /** Timers that were set and have neither run nor been cancelled. */
  readonly pending: number;
}

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/** Timers of a clock that only moves when told to. */
export function fakeTimers(start = 1_700_000_000_000): FakeTimers {
  let now = start;
  const tasks = new Set<Task>();
  const nextBy = (limit: number) =>
    [...tasks].filter(({ at }) => at <= limit).reduce<Task | null>((a, b) => (a && a.at <= b.at ? a : b), null);
  return {
    now: () => now,
    after(delay, run) {
      const task = { at: now + Math.max(delay, 0), run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
    advance(duration) {
      const limit = now + duration;
      for (let task = nextBy(limit); task; task = nextBy(limit)) {
        tasks.delete(task);
        now = task.at;
        task.run();
      }
      now = limit;
    },
    get pending() {
      return tasks.size;
    },
  };
}
