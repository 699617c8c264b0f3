import { addCounts } from '../records/counts.ts';
import { hasNews, type Pane } from './pane.ts';

/** The counts of one window after the other: panes are added as they come into it and taken off as they leave. */
export interface RunningSum {
  /** Goes on to the window `[start, end)`, which lies after the one before; panes are given in order. */
  slideTo(panes: readonly Pane[], start: number, end: number): void;
  /** To be called before a round of windows: begins anew when the first of them does not go on from the last. */
  beginRound(panes: readonly Pane[], start: number): void;
  /** To be called when all windows of a round are out. */
  endRound(): void;
  readonly counts: ReadonlyMap<string, number>;
  /** Records in the sum that windows which were out before this round had been told of. */
  readonly told: number;
}

/**
 * Creates an empty sum. A window is as dear as the panes that come and go, not as all that it holds; a correction costs
 * a new sum, little beside the windows that it brings out again.
 */
export function runningSum(): RunningSum {
  let counts = new Map<string, number>();
  let panes: Pane[] = [];
  let from = Number.NEGATIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  /** Index of the first pane given that has not been looked at in this round. */
  let looked = 0;
  let told = 0;

  const clear = () => {
    counts = new Map();
    panes = [];
    end = Number.NEGATIVE_INFINITY;
    told = 0;
  };

  const takeOff = (pane: Pane) => {
    for (const [key, count] of pane.counts) {
      const left = (counts.get(key) ?? 0) - count;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    }
    told -= pane.told;
  };

  return {
    slideTo(all, start, to) {
      if (start >= end) clear();
      const staying = panes.findIndex((pane) => pane.start >= start);
      for (const pane of panes.splice(0, staying < 0 ? panes.length : staying)) takeOff(pane);
      for (; looked < all.length; looked += 1) {
        const pane = all[looked];
        if (!pane || pane.start >= to) break;
        if (pane.start < Math.max(start, end)) continue;
        addCounts(counts, pane.counts);
        told += pane.told;
        panes.push(pane);
      }
      [from, end] = [start, to];
    },
    beginRound(all, start) {
      looked = 0;
      const isOld = all.some((pane) => pane.start >= from && pane.start < end && hasNews(pane));
      if (isOld || start < from) clear();
    },
    endRound() {
      told = panes.reduce((sum, { records }) => sum + records, 0);
    },
    get counts() {
      return counts;
    },
    get told() {
      return told;
    },
  };
}
