import type { WindowCount } from '../records/window-count.ts';
import { areHopping, byTime, isBefore, isTile, type WindowTimes } from './window-order.ts';

/** A window that is in the database. */
export interface StoredWindow extends WindowTimes {
  revision: number;
  /** Its counts are in the sums. */
  counted: boolean;
}

/** What a database remembers of a pipeline. */
export interface PipelineState {
  /** Windows hop: one after the other without overlap are only those that begin at a multiple of their length. */
  hops: boolean;
  windows: number;
  lateDropped: number;
  ignored: number;
  /** The last window that was taken out. */
  pruned: WindowTimes | undefined;
  /** The start of the last that was taken out and whose counts are in the sums. */
  prunedCountedStart: number | undefined;
}

/** What is to be done so that windows are stored. */
export interface WindowPlan {
  state: PipelineState;
  /** New windows, and those that replace one. */
  write: { window: WindowCount; counted: boolean; replaced: StoredWindow | undefined }[];
  /** Stored windows that no longer belong into the sums, besides those that are replaced. */
  uncount: StoredWindow[];
  /** Windows were seen to hop: all others that begin at no multiple of their length have to leave the sums, too. */
  beganToHop: boolean;
}

interface Place extends WindowTimes {
  stored: StoredWindow | undefined;
  window: WindowCount | undefined;
}

/**
 * What becomes of a pipeline's windows when others come in. `stored` are those in the database from the first of
 * `incoming` to the last, with one neighbour before and one behind where there are any; both in the order of time.
 * Counted are windows that together hold each record once, see `PipelineTotals`.
 */
export function planWindows(
  before: PipelineState,
  stored: readonly StoredWindow[],
  incoming: readonly WindowCount[],
): WindowPlan {
  const state = { ...before };
  const places = new Map<string, Place>();
  for (const window of stored) places.set(nameOf(window), { ...timesOf(window), stored: window, window: undefined });
  for (const window of incoming) {
    state.lateDropped = Math.max(state.lateDropped, window.lateDropped);
    const place = places.get(nameOf(window));
    if (place) {
      const revision = (place.window ?? place.stored)?.revision ?? 0;
      if (window.revision >= revision) place.window = window;
    } else if (mayBePruned(before, window)) {
      state.ignored += 1;
    } else {
      places.set(nameOf(window), { ...timesOf(window), stored: undefined, window });
      state.windows += 1;
    }
  }
  const ordered = [...places.values()].sort(byTime);
  const hoppingNow = ordered.some((place, index) => {
    const next = ordered[index + 1];
    return next !== undefined && areHopping(place, next);
  });
  const beganToHop = hoppingNow && !before.hops;
  state.hops ||= hoppingNow;

  const write: WindowPlan['write'] = [];
  const uncount: StoredWindow[] = [];
  for (const [index, place] of ordered.entries()) {
    const counted = ordered[index + 1]?.start !== place.start && (!state.hops || isTile(place));
    if (place.window) write.push({ window: place.window, counted, replaced: place.stored });
    // What follows the last place is not known here, so a window is only ever taken out of the sums.
    else if (place.stored?.counted && !counted) uncount.push(place.stored);
  }
  return { state, write, uncount, beganToHop };
}

const nameOf = ({ start, end }: WindowTimes) => `${start}/${end}`;
const timesOf = ({ start, end }: WindowTimes): WindowTimes => ({ start, end });

/** Whether it may have been taken out: then nobody knows whether it has been counted. */
const mayBePruned = ({ pruned, prunedCountedStart }: PipelineState, window: WindowTimes) =>
  pruned !== undefined && (!isBefore(pruned, window) || window.start <= (prunedCountedStart ?? -Infinity));
