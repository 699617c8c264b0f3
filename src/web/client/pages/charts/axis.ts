import { timeTicks, zoneAt } from '../../charts/ranges.ts';
import { formatTime, two } from '../../state/format.ts';

export interface Scale {
  top: number;
  step: number;
}

const mostLines = 8;

/** From zero to a round number above the peak; whole numbers where counts are drawn. */
export function scaleFor(peak: number, whole: boolean): Scale {
  const least = whole ? 1 : 0.01;
  const wanted = Math.max(least, peak / mostLines);
  const magnitude = 10 ** Math.floor(Math.log10(wanted) + 1e-9);
  const factor = [1, 2, 5, 10].find((candidate) => candidate * magnitude >= wanted * (1 - 1e-9)) ?? 10;
  // Rounded, since 3 × 0.1 is not 0.3.
  const round = (value: number) => Number(value.toPrecision(12));
  const step = round(factor * magnitude);
  return { top: round(Math.max(4, Math.floor(peak / step + 1e-9) + 1) * step), step };
}

/** The scale for the next drawing of the same view: it grows at once and shrinks when half of it is no longer needed. */
export function steadyScale(before: Scale | undefined, peak: number, whole: boolean): Scale {
  const fitting = scaleFor(peak, whole);
  return before && before.top >= fitting.top && before.top <= 2 * fitting.top ? before : fitting;
}

const minute = 60_000;
const day = 86_400_000;

/** Times for the axis that are round on the reader's clock, no more than so many. */
export function localTicks(from: number, to: number, most: number, zone = zoneAt(from)): number[] {
  if ((to - from) / day <= most) return timeTicks(from, to, most, zone);
  // A step of whole days starts at midnight.
  const step = Math.ceil((to - from) / day / most) * day;
  const ticks: number[] = [];
  for (let tick = Math.ceil((from + zone) / step) * step - zone; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}

/** The text of a tick: no finer than the step between ticks, and the day where a new one begins. */
export function tickText(time: number, step: number): string {
  const date = new Date(time);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step >= day || (isMidnight && step >= minute)) return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return step < minute ? formatTime(time) : formatTime(time).slice(0, 5);
}
