import type { SeriesAnswer } from '../../../answers.ts';
import type { WindowPoint } from '../../../messages.ts';
import { countOf, type ValueGroup } from './values.ts';
import type { Period, Unit } from './view.ts';

/** One point of time with what is drawn of it. */
export interface Row {
  start: number;
  end: number;
  /** Where it stands on the axis. */
  at: number;
  /** By group, in the unit of the view. */
  values: readonly number[];
  /** Something is missing between the row before and this one. */
  gap: boolean;
}

export interface RowOptions {
  unit: Unit;
  /** The moment that the newest point reaches to: it may be of a minute that is not over. */
  now: number;
  /** How much later than they were the rows stand, ms. */
  shift?: number;
}

/** The rows of some groups: 0 where a point lacks them; a missing point is a gap, not a zero. */
export function rowsOf(
  points: readonly WindowPoint[],
  groups: readonly ValueGroup[],
  { unit, now, shift = 0 }: RowOptions,
): Row[] {
  const growing = isGrowing(points);
  return points.map((point, index) => {
    const { start, end, counts } = point;
    const before = points[index - 1];
    const seconds = Math.max(1, Math.min(end, Math.max(now, start + 1)) - start) / 1_000;
    return {
      start,
      end,
      at: (growing ? end : start) + shift,
      values: groups.map((group) => (unit === 'rate' ? countOf(group, counts) / seconds : countOf(group, counts))),
      gap: before !== undefined && start > before.end,
    };
  });
}

// Cumulative windows share their start: what tells them apart is how far they go.
const isGrowing = (points: readonly WindowPoint[]) =>
  points.some(({ start }, index) => index > 0 && start === points[index - 1]?.start);

/** What was counted in some points, by value; of points that overlap those are taken that do not. */
export function sumsOf(points: readonly WindowPoint[]): Record<string, number> {
  const sums: Record<string, number> = {};
  let from = Number.POSITIVE_INFINITY;
  for (const { start, end, counts } of points.toReversed()) {
    if (end > from) continue;
    from = start;
    for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

/** Points that lie in a period, in part too. */
export const within = <T extends { start: number; end: number }>(points: readonly T[], { from, to }: Period): T[] =>
  points.filter(({ start, end }) => end > from && start < to);

/** What has come by websocket since the server answered, put into the answer; a higher revision replaces a lower. */
export function withNewest(
  answer: SeriesAnswer,
  windows: readonly WindowPoint[],
  from: number,
): readonly WindowPoint[] {
  if (answer.resolution !== 'window' || answer.span !== answer.window) return answer.series;
  const oldest = answer.series[0]?.start ?? from;
  const points = new Map(answer.series.map((point) => [`${point.start}/${point.end}`, point]));
  for (const window of windows) {
    const id = `${window.start}/${window.end}`;
    const known = points.get(id);
    if (window.start >= Math.max(from, oldest) && (known?.revision ?? -1) <= window.revision) points.set(id, window);
  }
  return [...points.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** A point of time with what was then, and what was a period before. */
export interface Pair {
  at: number;
  now: Row | undefined;
  before: Row | undefined;
}

/** Rows of both periods by where they stand on the axis, ascending. */
export function pairsOf(rows: readonly Row[], before: readonly Row[]): Pair[] {
  const pairs = new Map<number, Pair>(rows.map((row) => [row.at, { at: row.at, now: row, before: undefined }]));
  for (const row of before) {
    const pair = pairs.get(row.at) ?? { at: row.at, now: undefined, before: undefined };
    pairs.set(row.at, { ...pair, before: row });
  }
  return [...pairs.values()].sort((a, b) => a.at - b.at);
}

/** How much more than before, as a part of 1; undefined where there was nothing before. */
export const changeOf = (now: number, before: number): number | undefined =>
  before === 0 ? undefined : (now - before) / before;
