import type { Resolution } from '../../records/window-store.ts';
import { baseOf, ceilTo, floorTo, hour, minute, spanFor } from './spans.ts';
import type { StoredRange } from './stored-range.ts';

export interface ChosenSpan {
  resolution: Resolution;
  /** What one point covers, ms. */
  span: number;
  /** Each point is a window as it was counted, also where windows overlap. */
  asCounted: boolean;
}

/** Counts that one request reads, and that an answer holds. */
export const mostCounts = 400_000;
const mostWindows = 10_000;

/**
 * The finest points that show `[from, to)` in no more than so many, of which none needs more reading than one request may
 * take. What there is to read is estimated: nothing is read for it.
 */
export function chooseSpan(from: number, to: number, stored: StoredRange, points: number): ChosenSpan {
  const { shape, complete, counts } = stored;
  const { size } = shape;
  const windows = windowsIn(from, to, stored);
  if (from >= complete.window && windows <= points && windows * counts.window <= mostCounts) {
    return { resolution: 'window', span: size, asCounted: true };
  }
  const ofWindows = spanFor(size, from, to, points);
  const readable = windows <= mostWindows && windows * counts.window <= mostCounts;
  if (shape.kind === 'tumbling' && readable && ofWindows < minute && floorTo(ofWindows, from) >= complete.window) {
    return { resolution: 'window', span: ofWindows, asCounted: false };
  }
  const ofMinutes = spanFor(baseOf(minute, size), from, to, points);
  const minutes = Math.ceil((to - from) / minute);
  if (ofMinutes < hour && minutes * counts.minute <= mostCounts && floorTo(ofMinutes, from) >= complete.minute) {
    return { resolution: 'minute', span: ofMinutes, asCounted: false };
  }
  return { resolution: 'hour', span: spanFor(baseOf(hour, size), from, to, points), asCounted: false };
}

/** Windows that may start in a time: there are fewer where nothing was counted. */
function windowsIn(from: number, to: number, { shape, to: newest }: StoredRange): number {
  const { kind, size } = shape;
  if (kind !== 'cumulative') {
    const every = kind === 'hopping' ? shape.slide : size;
    return Math.ceil(to / every) - Math.ceil(from / every);
  }
  const first = ceilTo(size, from);
  return first >= to ? 0 : Math.ceil((Math.min(newest, ceilTo(size, to)) - first) / shape.step);
}
