import { csvCell } from '../../../../records/csv-cell.ts';
import { two } from '../../state/format.ts';
import type { Pair } from './rows.ts';

/** A time as ISO 8601 in the zone of the reader, `2026-11-27T09:30:00.000+08:00`. `offset` is minutes east of UTC. */
export function isoInZone(time: number, offset = -new Date(time).getTimezoneOffset()): string {
  const sign = offset < 0 ? '-' : '+';
  const distance = Math.abs(offset);
  const local = new Date(time + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${sign}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
}

export interface CsvInput {
  names: readonly string[];
  pairs: readonly Pair[];
  /** Whether the period before is drawn; its columns follow those of this one. */
  compare: boolean;
  /** Added to the names of columns of the period before. */
  beforeName: string;
  headers: { time: string; span: string };
  isoOf?: (time: number) => string;
}

// Six digits after the point are more than a screen shows, and no noise of binary fractions.
const numberOf = (value: number | undefined) => (value === undefined ? '' : String(Math.round(value * 1e6) / 1e6));

/** What is drawn as CSV: when a point starts, how many seconds it covers, a column for each value. */
export function csvOf({ names, pairs, compare, beforeName, headers, isoOf = isoInZone }: CsvInput): string {
  const earlier = compare ? [`${headers.time} (${beforeName})`, ...names.map((name) => `${name} (${beforeName})`)] : [];
  const lines = pairs.map(({ at, now, before }) => {
    const row = now ?? before;
    // A point that is only in the period before stands where it would be in this one.
    const time = now?.start ?? at;
    const span = row ? String((row.end - row.start) / 1_000) : '';
    const cells = [isoOf(time), span, ...names.map((_, index) => numberOf(now?.values[index]))];
    if (compare) {
      cells.push(before ? isoOf(before.start) : '', ...names.map((_, index) => numberOf(before?.values[index])));
    }
    return cells.join(',');
  });
  return `${[[headers.time, headers.span, ...names, ...earlier].map(csvCell).join(','), ...lines].join('\n')}\n`;
}
