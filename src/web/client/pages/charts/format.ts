import type { Language } from '../../state/figures.ts';
import { formatCount, formatMoment, formatTime } from '../../state/format.ts';
import type { Period, Unit } from './view.ts';

/** Averages with as many digits as matter, so that columns of them line up. */
export function formatAverage(value: number): string {
  if (Math.abs(value) >= 1_000) return formatCount(Math.round(value));
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

/** How numbers of a view are written: counts are whole, and so are averages over a single second. */
export const formatFor = (unit: Unit, span: number): ((value: number) => string) =>
  unit === 'count' || span === 1_000 ? formatCount : formatAverage;

/** A number of the axis: all with as many digits as the distance between them needs. */
export const formatTick = (value: number, step: number): string =>
  step >= 1 ? formatCount(value) : value.toFixed(step >= 0.1 ? 1 : 2);

const units = [
  { unit: 86_400_000, zh: '天', en: 'd' },
  { unit: 3_600_000, zh: '小时', en: 'h' },
  { unit: 60_000, zh: '分', en: 'min' },
  { unit: 1_000, zh: '秒', en: 's' },
] as const;

/** How much time a point covers, in the greatest unit of which it is a whole number. */
export function formatStep(span: number, language: Language): string {
  const form = units.find(({ unit }) => span % unit === 0);
  return form ? `${span / form.unit} ${form[language]}` : `${span} ms`;
}

/** A change as a part of 1: `+12.5 %`. */
export function formatChange(change: number): string {
  const percent = (change * 100).toFixed(1);
  const sign = change > 0 ? '+' : '';
  return `${sign}${percent.replace('-', '−')} %`;
}

const isSameDay = (a: number, b: number) => new Date(a).toDateString() === new Date(b).toDateString();

/** From when to when; the day once where it is the same. */
export const formatPeriod = ({ from, to }: Period): string =>
  `${formatMoment(from)} – ${isSameDay(from, to) ? formatTime(to) : formatMoment(to)}`;

/** A name for a file that says what is in it and of when. */
export function fileName(pipeline: string, { from, to }: Period, unit: Unit | 'share', extension: string): string {
  const stamp = (time: number) => formatMoment(time).replaceAll(':', '').replace(' ', 'T');
  const name = pipeline.replace(/[^\p{L}\p{N}_.-]+/gu, '_');
  return `dashctl-${name}-${unit}-${stamp(from)}-${stamp(to)}.${extension}`;
}
