import type { ChartType, Period, RangeName } from './view.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const lengths: Record<Exclude<RangeName, 'all'>, number> = {
  '5m': 5 * minute,
  '15m': 15 * minute,
  '1h': hour,
  '6h': 6 * hour,
  '24h': day,
  '7d': 7 * day,
};

export const lengthOf = ({ from, to }: Period): number => to - from;

const floorTo = (span: number, time: number) => Math.floor(time / span) * span;
const ceilTo = (span: number, time: number) => Math.ceil(time / span) * span;

/**
 * The time that a range covers at a moment. `stored` is what there is at all, as far as that is known; `all` is
 * undefined until it is. A live range ends where the newest window may end.
 */
export function periodAt(
  range: RangeName | Period,
  now: number,
  window: number,
  stored?: Period | undefined,
): Period | undefined {
  if (typeof range !== 'string') return range;
  const to = floorTo(window, now);
  if (range !== 'all') return { from: to - lengths[range], to };
  return stored && { from: stored.from, to: Math.max(stored.to, stored.from + window) };
}

const roundSpans = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * hour),
];

// More points than these make a thicket of a line; bars need room for each.
const mostPoints = { line: 400, area: 400, bar: 120, pie: 400 } as const;
// Each point carries the counts of all its values, and all travel.
const mostCounts = 120_000;

export interface Density {
  type: ChartType;
  /** Length of a window, ms. */
  window: number;
  /** Values that one window has, and all windows together. */
  perWindow: number;
  inAll: number;
}

/** How much time one point should cover: the least round span of which neither too many nor too heavy ones fill the length. */
export function roundSpan(length: number, { type, window, perWindow, inAll }: Density): number {
  const fits = (span: number) => {
    const points = length / span;
    return points <= mostPoints[type] && points * Math.min(inAll, (perWindow * span) / window) <= mostCounts;
  };
  const spans = [window, ...roundSpans.filter((span) => span > window && span % window === 0)];
  return spans.find(fits) ?? ceilTo(day, length / mostPoints[type]);
}

/** How many points to ask the server for, so that each covers a round time: one more, since one may lie across each end. */
export function pointsFor(period: Period, density: Density): number {
  const length = Math.max(density.window, lengthOf(period));
  return Math.ceil(length / roundSpan(length, density)) + 1;
}

/** A period to whole points, so that none is drawn or summed in part. */
export const wholePoints = ({ from, to }: Period, span: number, live: boolean): Period => ({
  from: floorTo(span, from),
  // The newest point of a live view is not over yet.
  to: live ? to : ceilTo(span, to),
});

/** How long after an answer a live view asks again, ms. The newest windows of a short range come by themselves. */
export const refreshAfter = (length: number): number => (length <= 5 * minute || length > 6 * hour ? 5 : 2) * second;

/** How far back the period before lies: its length, in whole points, so that points stand above each other. */
export const shiftOf = (period: Period, span: number): number => Math.max(span, ceilTo(span, lengthOf(period)));

export const shifted = ({ from, to }: Period, shift: number): Period => ({ from: from - shift, to: to - shift });

const leastWindows = 5;

/** A zoom within a period, to whole windows and no narrower than five; undefined when it shows everything. */
export function zoomWithin(zoom: Period, period: Period, window: number): Period | undefined {
  const length = Math.max(leastWindows * window, ceilTo(window, lengthOf(zoom)));
  if (length >= 0.98 * lengthOf(period)) return undefined;
  const from = Math.min(Math.max(floorTo(window, zoom.from), period.from), period.to - length);
  return { from, to: from + length };
}

/** Closer or wider about the middle: half the time, or twice as much. */
export function zoomBy(factor: number, shown: Period, period: Period, window: number): Period | undefined {
  const middle = (shown.from + shown.to) / 2;
  const half = (lengthOf(shown) * factor) / 2;
  return zoomWithin({ from: middle - half, to: middle + half }, period, window);
}

/** Earlier or later by a part of what is shown. */
export function moveBy(part: number, shown: Period, period: Period, window: number): Period | undefined {
  const distance = lengthOf(shown) * part;
  return zoomWithin({ from: shown.from + distance, to: shown.to + distance }, period, window);
}

/** The whole of what there is to see: a zoom stays where it is when a live range has moved on past it. */
export const around = (period: Period, zoom: Period | undefined): Period =>
  zoom ? { from: Math.min(period.from, zoom.from), to: Math.max(period.to, zoom.to) } : period;
