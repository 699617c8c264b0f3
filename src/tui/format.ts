/** What stands for a number that is not known. */
const unknownNumber = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A whole number with separators: 12,408. Both languages write it so. */
export const formatCount = (value: number): string => (Number.isFinite(value) ? grouped.format(value) : unknownNumber);

/** A number per second: 100, and 0.5 below ten where the fraction says something. */
export function formatRate(value: number): string {
  if (!Number.isFinite(value)) return unknownNumber;
  return value > 0 && value < 9.95 && Math.abs(value - Math.round(value)) >= 0.05
    ? oneDigit.format(value)
    : formatCount(value);
}

/** A size in bytes: 512 B, 3.4 KB, 12 MB; in decimal units, as disks are sold. */
export function formatBytes(value: number): string {
  if (!Number.isFinite(value)) return unknownNumber;
  let [size, unit] = [value, 'B'];
  for (const larger of ['KB', 'MB', 'GB', 'TB']) {
    if (Math.round(size) < 1_000) break;
    size /= 1_000;
    unit = larger;
  }
  return `${unit !== 'B' && size < 9.95 ? oneDigit.format(size) : formatCount(size)} ${unit}`;
}

/** A share of a hundred: 6.2 %. */
export const formatPercent = (value: number): string =>
  Number.isFinite(value) ? `${value >= 99.95 && value < 100 ? '99.9' : oneDigit.format(value)} %` : unknownNumber;

/** A length of time to wait, from ms: 0:42, 18:42, 2:03:11, 3 d 4 h. */
export function formatDuration(value: number): string {
  if (!Number.isFinite(value)) return unknownNumber;
  const seconds = Math.max(0, Math.round(value / 1_000));
  const [minutes, hours, days] = [60, 3_600, 86_400].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  const two = (part: number) => String(part).padStart(2, '0');
  if (days > 0) return `${formatCount(days)} d ${hours % 24} h`;
  if (hours > 0) return `${hours}:${two(minutes % 60)}:${two(seconds % 60)}`;
  return `${minutes}:${two(seconds % 60)}`;
}

/** How far behind something is, from ms, with the unit that keeps it short: 42 ms, 1.3 s, 4 min, 2 h, 3 d. */
export function formatDelay(value: number): string {
  if (!Number.isFinite(value)) return unknownNumber;
  const size = Math.abs(value);
  const sign = value < 0 && Math.round(value) !== 0 ? '−' : '';
  if (size < 999.5) return `${sign}${Math.round(size)} ms`;
  if (size < 9_950) return `${sign}${oneDigit.format(size / 1_000)} s`;
  if (size < 119_500) return `${sign}${Math.round(size / 1_000)} s`;
  if (size < 7_170_000) return `${sign}${Math.round(size / 60_000)} min`;
  if (size < 172_000_000) return `${sign}${Math.round(size / 3_600_000)} h`;
  return `${sign}${formatCount(Math.round(size / 86_400_000))} d`;
}

/** The length of a window as the flags write it, from ms: 1s, 500ms, 15m. Nothing for one second: `/s`. */
export function formatPer(window: number): string {
  if (window === 1_000) return '/s';
  for (const [unit, name] of [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1_000, 's'],
  ] as const) {
    if (window % unit === 0) return `/${window === unit ? '' : window / unit}${name}`;
  }
  return `/${window}ms`;
}

/** Time of day, 12:03:27, from epoch ms, in a zone as `Intl` names it; without one, that of this machine. */
export function clockFormat(timeZone?: string): (time: number) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone ? { timeZone } : {}),
  });
  return (time) => (Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? format.format(time) : '--:--:--');
}
