import type { SourceRecord } from '../../src/kafka/topic-source.ts';
import type { Measurement } from './harness.ts';

interface Arrival {
  at: number;
  /** Records that the window holds by then. */
  total: number;
}

/** When results of windows of a second came, in epoch ms, and how much they held. */
export function windowArrivals() {
  const counts = new Map<number, Map<string, number>>();
  const arrivals = new Map<number, Arrival[]>();
  const first = Promise.withResolvers<number>();
  const waiting = new Set<() => void>();

  const note = (start: number, at: number) => {
    let total = 0;
    for (const count of counts.get(start)?.values() ?? []) total += count;
    arrivals.set(start, [...(arrivals.get(start) ?? []), { at, total }]);
  };

  return {
    /** When the first result came. */
    first: first.promise,
    /** Takes results as dashctl sends them (`start/end`, a list) or as Spark does (`start/end/value`, a count). */
    add(records: readonly SourceRecord[], at: number): void {
      const touched = new Set<number>();
      for (const { key, value } of records) {
        const [start = '', , name] = String(key).split('/');
        const parsed: number | Record<string, number>[] = JSON.parse(String(value));
        const list =
          typeof parsed === 'number' ? [[name ?? '', parsed] as const] : parsed.flatMap(Object.entries<number>);
        const window = counts.get(Number(start)) ?? new Map<string, number>();
        for (const [each, count] of list) window.set(each, count);
        counts.set(Number(start), window);
        touched.add(Number(start));
      }
      for (const start of touched) note(start, at);
      first.resolve(at);
      for (const check of waiting) check();
    },
    /**
     * Waits until the windows that begin from `from` up to `to` are whole; gives how long after their ends that was.
     * Rejects when they are not within `patience` of the last end.
     */
    async delays(
      from: number,
      to: number,
      sentIn: (window: number) => number,
      patience = 60_000,
    ): Promise<Measurement> {
      const starts = Array.from({ length: (to - from) / 1_000 }, (_, index) => from + index * 1_000);
      const delaysOf = (start: number) => {
        const [end, all] = [start + 1_000, arrivals.get(start) ?? []];
        // What is told of a window that is still open is not its result.
        const results = all.filter(({ at }) => at >= end);
        const whole = results.find(({ total }) => total === sentIn(start));
        return results[0] && whole ? [{ first: results[0].at - end, whole: whole.at - end }] : [];
      };
      const complete = Promise.withResolvers<void>();
      const check = () => {
        if (starts.every((start) => delaysOf(start).length > 0)) complete.resolve();
      };
      waiting.add(check);
      check();
      const missing = () => starts.filter((start) => delaysOf(start).length === 0);
      const giveUp = () => complete.reject(new Error(`${missing().length} of ${starts.length} windows are not whole`));
      const timer = setTimeout(giveUp, Math.max(0, to - Date.now()) + patience);
      await complete.promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(check);
      });
      const found = starts.flatMap(delaysOf);
      const firsts = found.map(({ first }) => first);
      const wholes = found.map(({ whole }) => whole);
      return {
        'first p50': quantile(firsts, 0.5),
        'first p99': quantile(firsts, 0.99),
        'whole p50': quantile(wholes, 0.5),
        'whole p99': quantile(wholes, 0.99),
      };
    },
  };
}

/** The value that such a part of them does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
}
