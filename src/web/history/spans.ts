import { greatestCommonDivisor, type WindowShape } from '../../records/window-shape.ts';
import type { Resolution } from '../../records/window-store.ts';

export const minute = 60_000;
export const hour = 3_600_000;

/** Length of what a series is made of, ms. */
export const unitOf = (resolution: Resolution, { size }: WindowShape): number =>
  resolution === 'window' ? size : resolution === 'minute' ? minute : hour;

export const floorTo = (span: number, time: number) => Math.floor(time / span) * span;
export const ceilTo = (span: number, time: number) => Math.ceil(time / span) * span;

/** How many spans that start at multiples of their length lie in `[from, to)`, in part too. */
const spansIn = (span: number, from: number, to: number) => Math.floor((to - 1) / span) - Math.floor(from / span) + 1;

// Multiples that readers of a clock are used to, of seconds and minutes, and of hours.
const roundTimes = { short: [1, 2, 3, 5, 10, 15, 20, 30], long: [1, 2, 3, 4, 6, 12, 24, 48, 72, 168] };

/** The least round multiple of `base` that cuts `[from, to)` into no more than so many spans. */
export function spanFor(base: number, from: number, to: number, most: number): number {
  const least = Math.max(1, Math.ceil((to - from) / base / most));
  const round = roundTimes[base >= hour ? 'long' : 'short'];
  for (const times of round) if (times >= least && spansIn(times * base, from, to) <= most) return times * base;
  let times = least;
  while (spansIn(times * base, from, to) > most) times += 1;
  return times * base;
}

/**
 * What spans of kept sums should be multiples of: minutes or hours that hold a whole number of windows, so that none
 * stands out only because one more window starts in it. Where that would be long, it does not matter much.
 */
export function baseOf(unit: number, size: number): number {
  const whole = (unit / greatestCommonDivisor(unit, size)) * size;
  return whole <= 10 * Math.max(unit, size) ? whole : ceilTo(unit, size);
}
