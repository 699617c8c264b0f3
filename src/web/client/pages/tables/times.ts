import type { Resolution } from '../../../../records/window-store.ts';
import { two } from '../../state/format.ts';

const day = 86_400_000;

const dateOf = (date: Date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

function clockOf(date: Date, digits: 'minutes' | 'seconds' | 'milliseconds'): string {
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (digits === 'minutes') return minutes;
  const seconds = `${minutes}:${two(date.getSeconds())}`;
  return digits === 'seconds' ? seconds : `${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** From when to when a row goes, in the reader's zone; the end has a date only where it would be missed. */
export function spanOf(start: number, end: number, resolution: Resolution): { date: string; from: string; to: string } {
  const [first, last] = [new Date(start), new Date(end)];
  const fine = start % 1_000 !== 0 || end % 1_000 !== 0 ? 'milliseconds' : 'seconds';
  const digits = resolution === 'window' ? fine : 'minutes';
  const to = clockOf(last, digits);
  return {
    date: dateOf(first),
    from: clockOf(first, digits),
    to: end - start >= day ? `${dateOf(last)} ${to}` : to,
  };
}
