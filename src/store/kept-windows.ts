import type { WindowCount } from '../records/window-count.ts';
import type { PipelineTotals, SeriesQuery } from '../records/window-store.ts';
import type { MemoryStoreOptions } from './memory.ts';
import { spanSums } from './span-sums.ts';
import { spanSizes } from './spans.ts';
import { areHopping, isBefore, isTile } from './window-order.ts';

// However many keys a window has, this many stay: for as long as a window can be corrected, with room.
const leastWindows = 120;
// Forgotten windows that may lie before the kept ones until the list is cut.
const cutOff = 256;
// A day of minutes and a month of hours, of pipelines that do not have very many keys.
const [minutes, hours] = [1_440, 720];

export type KeptWindows = ReturnType<typeof keptWindows>;

/** The windows of one pipeline in memory, see `memoryStore`. */
export function keptWindows({ capacity, mostCounts, keepsSums }: Required<MemoryStoreOptions>) {
  // Ascending from `first` on; what lies before it has been forgotten and is cut off now and then, not each time.
  let windows: WindowCount[] = [];
  let first = 0;
  /** Of the windows that are no longer kept the last, and the start of the last of those that are in the totals. */
  let forgotten: WindowCount | undefined;
  let forgottenStart = Number.NEGATIVE_INFINITY;
  const summedUp = {
    minute: spanSums({ size: spanSizes.minute, capacity: keepsSums ? minutes : 0, mostCounts }),
    hour: spanSums({ size: spanSizes.hour, capacity: keepsSums ? hours : 0, mostCounts }),
  };
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

  /** To be called while the window is still in its place. */
  const forget = (position: number) => {
    const window = windows[position];
    if (!window) return;
    held -= window.counts.size;
    if (!forgotten || isBefore(forgotten, window)) forgotten = window;
    if (!isInTotals(position)) return;
    forgottenStart = Math.max(forgottenStart, window.start);
    summedUp.minute.add(window);
    summedUp.hour.add(window);
  };

  const forgetOldest = () => {
    forget(first);
    first += 1;
    if (first < cutOff) return;
    windows = windows.slice(first);
    first = 0;
  };

  /** Whether it may have been forgotten: then nobody knows whether it has been counted. */
  const mayBeForgotten = (window: WindowCount) =>
    forgotten !== undefined && (!isBefore(forgotten, window) || window.start <= forgottenStart);

  const inTotals = function* () {
    for (let index = first; index < windows.length; index += 1) {
      const window = windows[index];
      if (window && isInTotals(index)) yield window;
    }
  };

  return {
    put(window: WindowCount) {
      lateDropped = Math.max(lateDropped, window.lateDropped);
      const position = positionOf(window);
      const present = windows[position];
      if (present && present.start === window.start && present.end === window.end) {
        if (window.revision < present.revision) return;
        replace(position, window, present);
      } else if (mayBeForgotten(window)) {
        ignored += 1;
        return;
      } else insert(position, window);
      while (isFull()) forgetOldest();
    },

    series(pipeline: string, query: SeriesQuery): WindowCount[] {
      const { from, to, limit, resolution = 'window' } = query;
      if (resolution !== 'window') return summedUp[resolution].series(pipeline, query, inTotals());
      const begin = from === undefined ? first : lowerBound((window) => window.start < from);
      const end = to === undefined ? windows.length : lowerBound((window) => window.start < to);
      return windows.slice(limit === undefined ? begin : Math.max(begin, end - limit), Math.max(begin, end));
    },

    /** Forgets the windows that end by then, but the newest. */
    prune(before: number): number {
      const positions = windows.keys().filter((position) => {
        const { end = Infinity } = windows[position] ?? {};
        return position >= first && position < windows.length - 1 && end <= before;
      });
      const leaving = new Set(positions);
      if (leaving.size === 0) return 0;
      for (const position of leaving) forget(position);
      windows = windows.filter((_, position) => position >= first && !leaving.has(position));
      first = 0;
      return leaving.size;
    },

    totals: (): PipelineTotals => ({ counts: new Map(counts), windows: counted, lateDropped, ignored }),
  };
}
