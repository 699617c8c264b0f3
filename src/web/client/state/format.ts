import type { Language } from './figures.ts';

const whole = new Intl.NumberFormat('en-US');

/** A count with thousands separators: the same in both languages. */
export const formatCount = (value: number): string => whole.format(value);

/** A part of 1 as a percentage, `58.0 %`. */
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Records per second, `100.0`. */
export const formatRate = (rate: number): string => (rate < 1_000 ? rate.toFixed(1) : whole.format(Math.round(rate)));

/** At least two digits, as clocks have them. */
export const two = (value: number): string => String(value).padStart(2, '0');

/** Time of day of an epoch time, in the reader's time zone. */
export function formatTime(time: number): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Time of day to the hundredth of a second. */
export const formatFineTime = (time: number): string =>
  `${formatTime(time)}.${two(Math.floor((((time % 1_000) + 1_000) % 1_000) / 10))}`;

/** The reader's time zone at a moment, `UTC+8`. */
export function formatZone(time: number): string {
  const ahead = -new Date(time).getTimezoneOffset();
  if (ahead === 0) return 'UTC';
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  return `UTC${ahead < 0 ? '−' : '+'}${hours}${minutes === 0 ? '' : `:${two(minutes)}`}`;
}

/** The reader's time zone with its name: `Asia/Shanghai, UTC+8`. */
export function formatNamedZone(time: number, name = new Intl.DateTimeFormat().resolvedOptions().timeZone): string {
  return name && name !== 'UTC' ? `${name}, ${formatZone(time)}` : formatZone(time);
}

/** A time on an axis that is `length` ms long: as much of it as tells its ticks apart. */
export function formatTick(time: number, length: number): string {
  if (length <= 1_200_000) return formatTime(time);
  const date = new Date(time);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (length <= 86_400_000) return clock;
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return length > 864_000_000 ? day : `${day} ${clock}`;
}

/** Day and time of day. */
export function formatMoment(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatTime(time)}`;
}

const spans = [
  { until: 10_000, unit: 1_000, digits: 2, zh: 's', en: 's' },
  { until: 120_000, unit: 1_000, digits: 0, zh: '秒', en: 's' },
  { until: 7_200_000, unit: 60_000, digits: 0, zh: '分', en: 'min' },
  { until: 172_800_000, unit: 3_600_000, digits: 0, zh: '小时', en: 'h' },
  { until: Number.POSITIVE_INFINITY, unit: 86_400_000, digits: 0, zh: '天', en: 'd' },
] as const;

/** How long something has not happened: whole seconds, then minutes and more. */
export const formatWait = (span: number, language: Language): string =>
  span < 10_000
    ? `${Math.max(0, Math.floor(span / 1_000))} ${language === 'zh' ? '秒' : 's'}`
    : formatSpan(span, language);

/** A span of time (ms) as a reader says it: `0.04 s`, `12 秒`, `3 min`; with as many digits as suit it unless told. */
export function formatSpan(span: number, language: Language, digits?: number): string {
  const length = Math.max(0, span);
  const form = spans.find(({ until }) => length < until) ?? spans[4];
  return `${(length / form.unit).toFixed(digits ?? form.digits)} ${form[language]}`;
}
