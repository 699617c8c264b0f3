import { bar, clockTime, grouped } from '../shared/progress-line.ts';
import type { ProduceSummary, ProduceTarget } from './stage.ts';
import type { ProduceProgress, RejectTally } from './tally.ts';

/** The progress line of a replay: how much of the files, rows, their rate, and how long it will take. */
export function progressText({ rows, bytes, totalBytes, rate, rejected }: ProduceProgress): string {
  const parts = [`${grouped(rows)} rows`, `${rateText(rate)} rows/s`];
  if (rejected > 0) parts.push(`${grouped(rejected)} rejected`);
  if (!totalBytes) return parts.join('  ');
  const share = Math.min(1, bytes / totalBytes);
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  // Bytes of a row are much the same throughout a file, so what is left of it takes as long as what has been sent did.
  const left = bytes > 0 && rate > 0 ? ((rows / bytes) * (totalBytes - bytes)) / rate : undefined;
  if (left !== undefined) parts.push(`ETA ${clockTime(left)}`);
  return `${bar(share, 24)} ${percent}  ${parts.join('  ')}`;
}

/** What a replay did, as lines for a reader. */
export function summaryText(summary: ProduceSummary, targets: readonly ProduceTarget[]): string {
  const { rows, seconds, rejected, reasons, complete } = summary;
  const lines = [
    `${complete ? '' : 'interrupted: '}${grouped(rows)} rows sent in ${seconds.toFixed(1)} s, ${rateText(rateOf(summary))} rows/s`,
    ...targets.map(
      ({ name, column, topic }) => `  ${topic}: ${grouped(summary.records[name] ?? 0)} records of ${column}`,
    ),
  ];
  if (rejected > 0) {
    lines.push(`  rejected: ${grouped(rejected)}`);
    for (const [reason, tally] of reasons) lines.push(`    ${reason}: ${grouped(tally.count)}, ${placesText(tally)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** `line 3, 17, 29 …`, with the name of the file when there are several. */
function placesText({ count, first }: RejectTally): string {
  const files = new Set(first.map(({ file }) => file));
  const places = files.size > 1 ? first.map(({ file, line }) => `${file}:${line}`) : first.map(({ line }) => line);
  const [only] = files;
  return `${files.size > 1 ? '' : `${only} line `}${places.join(', ')}${count > first.length ? ' …' : ''}`;
}

/** The same for a log in JSON. */
export const summaryFields = (summary: ProduceSummary, targets: readonly ProduceTarget[]) => ({
  rows: summary.rows,
  seconds: summary.seconds,
  rate: rateOf(summary),
  records: Object.fromEntries(targets.map(({ name, topic }) => [topic, summary.records[name] ?? 0])),
  rejected: summary.rejected,
  reasons: Object.fromEntries(summary.reasons),
  complete: summary.complete,
});

const rateOf = ({ rows, seconds }: ProduceSummary): number => (seconds > 0 ? rows / seconds : rows);

const rateText = (rate: number): string => (rate < 100 ? String(Math.round(rate * 10) / 10) : grouped(rate));
