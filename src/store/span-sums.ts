import { addCounts } from '../records/counts.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { SeriesQuery } from '../records/window-store.ts';
import { spanStart } from './spans.ts';

interface SpanSumsOptions {
  /** Length of a span in ms. */
  size: number;
  /** Spans that are kept. */
  capacity: number;
  /** Counts in all of them together. */
  mostCounts: number;
}

/** Sums of windows that are no longer kept themselves, per minute or hour: the newest ones, as many as there is room for. */
export function spanSums({ size, capacity, mostCounts }: SpanSumsOptions) {
  const spans = new Map<number, Map<string, number>>();
  let held = 0;
  let newestDropped = Number.NEGATIVE_INFINITY;

  const dropOldest = () => {
    const oldest = Math.min(...spans.keys());
    held -= spans.get(oldest)?.size ?? 0;
    spans.delete(oldest);
    newestDropped = Math.max(newestDropped, oldest);
  };

  return {
    add(window: WindowCount) {
      const start = spanStart(size, window);
      // Half a sum would look like a whole one.
      if (start <= newestDropped) return;
      const sums = spans.get(start) ?? new Map<string, number>();
      spans.set(start, sums);
      held -= sums.size;
      addCounts(sums, window.counts);
      held += sums.size;
      while (spans.size > Math.min(1, capacity) && (spans.size > capacity || held > mostCounts)) dropOldest();
    },

    /** The sums of a query's spans, with those of windows that are still kept added to them. */
    series(pipeline: string, { from = -Infinity, to = Infinity, limit }: SeriesQuery, kept: Iterable<WindowCount>) {
      const within = (start: number) => start >= from && start < to;
      const sums = new Map<number, Map<string, number>>();
      for (const [start, counts] of spans) if (within(start)) sums.set(start, new Map(counts));
      for (const window of kept) {
        const start = spanStart(size, window);
        if (!within(start) || start <= newestDropped) continue;
        const counts = sums.get(start) ?? new Map<string, number>();
        sums.set(start, counts);
        addCounts(counts, window.counts);
      }
      const windows = [...sums].flatMap(([start, all]): WindowCount[] => {
        const counts = new Map([...all].filter(([, count]) => count !== 0));
        return counts.size === 0 ? [] : [{ pipeline, start, end: start + size, revision: 0, lateDropped: 0, counts }];
      });
      windows.sort((a, b) => a.start - b.start);
      return limit === undefined ? windows : windows.slice(Math.max(0, windows.length - limit));
    },
  };
}
