import type { WindowPoint } from '../../messages.ts';

/** A point of a line: where its window stands and its count; `null` breaks the line. */
export type Point = readonly [time: number, count: number | null];

/**
 * Where a window stands in time: at its start. One that is longer than those of its pipeline overlaps others and may
 * share its start with them; it stands where one of that length with the same end would.
 */
export const placeOf = ({ start, end }: WindowPoint, length = Number.POSITIVE_INFINITY): number =>
  Math.max(start, end - length);

/**
 * The line of some keys over windows: 0 where a window lacks them, a break where a window is missing. `length` is that
 * of a window of the pipeline, ms.
 */
export function pointsOf(windows: readonly WindowPoint[], keys: readonly string[], length?: number): Point[] {
  const points: Point[] = [];
  let end: number | undefined;
  for (const window of windows) {
    if (end !== undefined && window.start > end) points.push([end, null]);
    points.push([placeOf(window, length), keys.reduce((sum, key) => sum + (window.counts[key] ?? 0), 0)]);
    end = window.end;
  }
  return points;
}

/**
 * The windows that stand in the range of `count` windows up to the newest, and two before it: the line comes in from
 * the left edge and leaves over it.
 */
export function windowsInRange(windows: readonly WindowPoint[], count: number, length: number): WindowPoint[] {
  const last = windows.at(-1);
  if (!last) return [];
  const from = placeOf(last, length) - (count + 1) * length;
  return windows.filter((window) => placeOf(window, length) >= from);
}

/**
 * Heights for labels that want to stand at `wanted` (from the top, in order of the result), at least `gap` apart and
 * within `[0, height]`.
 */
export function spreadLabels(wanted: readonly number[], gap: number, height: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = [...wanted];
  let least = 0;
  for (const index of order) {
    placed[index] = Math.max(placed[index] ?? 0, least);
    least = (placed[index] ?? 0) + gap;
  }
  let most = height;
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index] ?? 0, most);
    most = (placed[index] ?? 0) - gap;
  }
  // Two that had to make room share it, so that none stands further from its point than it must.
  const [first, second] = order.reverse();
  if (first === undefined || second === undefined || wanted.length !== 2) return placed;
  const middle = ((wanted[first] ?? 0) + (wanted[second] ?? 0)) / 2;
  if ((wanted[second] ?? 0) - (wanted[first] ?? 0) >= gap) return placed;
  const top = Math.min(Math.max(0, middle - gap / 2), height - gap);
  placed[first] = top;
  placed[second] = top + gap;
  return placed;
}
