import { addCounts } from '../../records/counts.ts';
import type { WindowCount } from '../../records/window-count.ts';
import type { WindowPoint } from '../messages.ts';
import { floorTo } from './spans.ts';

/**
 * Sums of windows by the span that they start in. Should it hold more than `mostCounts`, spans are made twice as long:
 * how many values a window has may change by much in a long time.
 */
export function spanCounts(span: number, mostCounts: number) {
  let length = span;
  let spans = new Map<number, Map<string, number>>();
  let held = 0;

  const add = (start: number, counts: ReadonlyMap<string, number>) => {
    const at = floorTo(length, start);
    const sums = spans.get(at) ?? new Map<string, number>();
    spans.set(at, sums);
    held -= sums.size;
    addCounts(sums, counts);
    held += sums.size;
  };

  return {
    get span() {
      return length;
    },
    add({ start, counts }: WindowCount) {
      add(start, counts);
      while (held > mostCounts && spans.size > 1) {
        const before = spans;
        length *= 2;
        spans = new Map();
        held = 0;
        for (const [at, sums] of before) add(at, sums);
      }
    },
    points(): WindowPoint[] {
      const ordered = [...spans].sort(([a], [b]) => a - b);
      return ordered
        .filter(([, counts]) => counts.size > 0)
        .map(([start, counts]) => ({ start, end: start + length, revision: 0, counts: Object.fromEntries(counts) }));
    },
  };
}
