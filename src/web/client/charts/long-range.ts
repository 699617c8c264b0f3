import type { SeriesAnswer } from '../../answers.ts';
import type { WindowPoint } from '../../messages.ts';
import { overlap } from '../state/today.ts';

/** Points that the server is asked for: a screen has no more room for a spline. */
export const pointsAsked = 360;

/** From when on the server is asked for a range of so many minutes up to the newest window; undefined for all. */
export const startOf = (minutes: number | undefined, end: number): number | undefined =>
  minutes === undefined ? undefined : end - minutes * 60_000;

/** The shortest span of one point, so that a range looks the same however much of it is stored. */
export const leastSpan = (minutes: number | undefined, window: number): number =>
  minutes === undefined ? window : Math.max(1, Math.ceil((minutes * 60_000) / pointsAsked / window)) * window;

/**
 * What a range shows that is longer than the page itself remembers: the server's points, and in their places and after
 * them the sums of the windows that have come, over the same spans. Spans that are not over yet are left out: they
 * would look like a fall.
 */
export function longPoints(
  answer: Pick<SeriesAnswer, 'span' | 'series'>,
  windows: readonly WindowPoint[],
  least = 0,
): { span: number; points: WindowPoint[] } {
  if (answer.span >= least || overlap(answer.series)) return { span: answer.span, points: joined(answer, windows) };
  return { span: least, points: joined({ span: least, series: sumsOver(least, answer.series) }, windows) };
}

function joined(
  { span, series }: Pick<SeriesAnswer, 'span' | 'series'>,
  windows: readonly WindowPoint[],
): WindowPoint[] {
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last) return [...series];
  const whole = series.filter(({ end }) => end <= last.end);
  if (overlap(windows)) return whole;
  const known = sumsOver(span, windows).filter(({ start, end }) => start >= first.start && end <= last.end);
  const from = known[0]?.start ?? Number.POSITIVE_INFINITY;
  return [...whole.filter(({ start }) => start < from), ...known];
}

/** Windows added up over spans that begin at multiples of their length. */
export function sumsOver(span: number, windows: readonly WindowPoint[]): WindowPoint[] {
  const sums = new Map<number, WindowPoint>();
  for (const { start, counts } of windows) {
    const begin = Math.floor(start / span) * span;
    const sum = sums.get(begin) ?? { start: begin, end: begin + span, revision: 0, counts: {} };
    for (const [key, count] of Object.entries(counts)) sum.counts[key] = (sum.counts[key] ?? 0) + count;
    sums.set(begin, sum);
  }
  return [...sums.values()];
}

/** Sums over spans as what they come to per window, to a tenth. */
export const averaged = (points: readonly WindowPoint[], window: number): WindowPoint[] =>
  points.map((point) => {
    const parts = (point.end - point.start) / window;
    if (parts <= 1) return point;
    const entries = Object.entries(point.counts).map(([key, count]) => [key, Math.round((10 * count) / parts) / 10]);
    return { ...point, counts: Object.fromEntries(entries) };
  });
