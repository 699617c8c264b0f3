import type { WindowCount } from '../records/window-count.ts';
import type { PipelineTotals, SeriesQuery, WindowStore } from '../records/window-store.ts';

interface MemoryStoreOptions {
  /** Windows kept of each pipeline; an hour of one-second windows unless told otherwise. */
  capacity?: number;
  /** Counts kept in the windows of a pipeline together: windows with many keys are kept for less long. */
  mostCounts?: number;
}

// However many keys a window has, this many stay: for as long as a window can be corrected, with room.
const leastWindows = 120;
// Forgotten windows that may lie before the kept ones until the list is cut.
const cutOff = 256;

/**
 * Keeps the newest windows of each pipeline in memory, and the totals over all that it has ever been given.
 * Totals stay exact through corrections, since a window that can still be corrected is still kept: the allowed
 * lateness is a minute, the capacity an hour. A window older than all that is kept could be new or a repetition;
 * it is left out and counted as ignored. Of windows that overlap, totals are made of those that hold each record once.
 */
export function memoryStore({ capacity = 3_600, mostCounts = 400_000 }: MemoryStoreOptions = {}): WindowStore {
  const pipelines = new Map<string, KeptWindows>();
  return {
    async put(windows) {
      for (const window of windows) {
        const kept = pipelines.get(window.pipeline) ?? keptWindows(capacity, mostCounts);
        pipelines.set(window.pipeline, kept);
        kept.put(window);
      }
    },
    series: async (pipeline, query = {}) => pipelines.get(pipeline)?.series(query) ?? [],
    totals: async (pipeline) =>
      pipelines.get(pipeline)?.totals() ?? { counts: new Map(), windows: 0, lateDropped: 0, ignored: 0 },
    close: async () => pipelines.clear(),
  };
}

type KeptWindows = ReturnType<typeof keptWindows>;

/** Whether it begins at a multiple of its own length, as tumbling windows do. */
const isTile = ({ start, end }: WindowCount) => start % (end - start) === 0;

/** Whether two windows are of those that begin at different times and overlap. */
const areHopping = (a: WindowCount, b: WindowCount) =>
  a.start !== b.start && a.end - a.start === b.end - b.start && a.start < b.end && b.start < a.end;

const isBefore = (a: WindowCount, b: WindowCount) => a.start < b.start || (a.start === b.start && a.end < b.end);

function keptWindows(capacity: number, mostCounts: number) {
  // Ascending from `first` on; what lies before it has been forgotten and is cut off now and then, not each time.
  let windows: WindowCount[] = [];
  let first = 0;
  let forgotten: WindowCount | undefined;
  const counts = new Map<string, number>();
  let counted = 0;
  /** Windows hop: one after the other without overlap are only those that begin at a multiple of their length. */
  let hopping = false;
  /** Counts in the windows that are kept. */
  let held = 0;
  let lateDropped = 0;
  let ignored = 0;

  // Index of the first kept window that does not come before `window`.
  const positionOf = (window: WindowCount) => {
    const newest = windows.at(-1);
    if (!newest || windows.length === first || isBefore(newest, window)) return windows.length;
    return lowerBound((candidate) => isBefore(candidate, window));
  };

  const lowerBound = (comesBefore: (candidate: WindowCount) => boolean) => {
    let low = first;
    let high = windows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = windows[middle];
      if (candidate && comesBefore(candidate)) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const add = (window: WindowCount, sign: 1 | -1) => {
    for (const [key, count] of window.counts) {
      const total = (counts.get(key) ?? 0) + sign * count;
      if (total === 0) counts.delete(key);
      else counts.set(key, total);
    }
  };

  /** Whether the window at an index is one of those that hold each record once: of one start, that is the longest. */
  const isInTotals = (position: number) => {
    const window = windows[position];
    return window !== undefined && window.start !== windows[position + 1]?.start && (!hopping || isTile(window));
  };

  /** Takes windows off the totals that turn out to overlap others. */
  const noticeHopping = (position: number) => {
    const [before, window, after] = [windows[position - 1], windows[position], windows[position + 1]];
    if (hopping || !window || ![before, after].some((other) => other && areHopping(window, other))) return;
    for (let index = first; index < windows.length; index += 1) {
      const other = windows[index];
      if (other && index !== position && isInTotals(index) && !isTile(other)) add(other, -1);
    }
    hopping = true;
  };

  const replace = (position: number, window: WindowCount, present: WindowCount) => {
    if (isInTotals(position)) add(present, -1);
    windows[position] = window;
    held += window.counts.size - present.counts.size;
    if (isInTotals(position)) add(window, 1);
  };

  const insert = (position: number, window: WindowCount) => {
    const shorter = windows[position - 1];
    if (shorter && position > first && shorter.start === window.start && isInTotals(position - 1)) add(shorter, -1);
    if (position === windows.length) windows.push(window);
    else windows.splice(position, 0, window);
    counted += 1;
    held += window.counts.size;
    noticeHopping(position);
    if (isInTotals(position)) add(window, 1);
  };

  const isFull = () => {
    const kept = windows.length - first;
    return kept > capacity || (kept > leastWindows && held > mostCounts);
  };

  const forgetOldest = () => {
    forgotten = windows[first];
    held -= forgotten?.counts.size ?? 0;
    first += 1;
    if (first < cutOff) return;
    windows = windows.slice(first);
    first = 0;
  };

  return {
    put(window: WindowCount) {
      lateDropped = Math.max(lateDropped, window.lateDropped);
      if (forgotten && !isBefore(forgotten, window)) {
        ignored += 1;
        return;
      }
      const position = positionOf(window);
      const present = windows[position];
      if (present && present.start === window.start && present.end === window.end) {
        if (window.revision < present.revision) return;
        replace(position, window, present);
      } else insert(position, window);
      while (isFull()) forgetOldest();
    },

    series({ from, to, limit }: SeriesQuery): WindowCount[] {
      const begin = from === undefined ? first : lowerBound((window) => window.start < from);
      const end = to === undefined ? windows.length : lowerBound((window) => window.start < to);
      return windows.slice(limit === undefined ? begin : Math.max(begin, end - limit), Math.max(begin, end));
    },

    totals: (): PipelineTotals => ({ counts: new Map(counts), windows: counted, lateDropped, ignored }),
  };
}
