import { labelOf } from '../../records/labels.ts';
import type { StoredVerdict } from '../../window/compare-stored.ts';
import type { WindowDifference } from '../../window/compare-windows.ts';
import { grouped } from '../shared/progress-line.ts';
import { type TableColumn, textTable } from '../shared/text-table.ts';
import type { CsvCounts } from './csv-counts.ts';
import { differingValues, storedDifferenceText } from './stored.ts';
import {
  complaintOf,
  differenceText,
  differingCounts,
  type PipelineVerdict,
  sourceSurplus,
  storedSurplus,
  type ValueVerdict,
  windowSurplus,
} from './verdict.ts';

const mostValues = 20;
const mostDifferences = 100;

/** The counts of a pipeline as a table, and under it what they prove or where they first differ. */
export function verdictText(verdict: PipelineVerdict, lang: 'zh' | 'en', width?: number): string {
  const { pipeline, size, values, totals, check } = verdict;
  const shown = values.slice(0, mostValues);
  const rows = shown.map((value) => ({ ...value, name: nameOf(value.value, verdict, lang) }));
  const table = valuesTable([...rows, { ...totals, name: 'total' }], width);
  const more = values.length - shown.length;
  const from = check.since === undefined ? '' : `, from ${new Date(check.since).toISOString()} on`;
  return [
    `${pipeline.name}: ${pipeline.column} → ${pipeline.topic} → ${pipeline.resultTopic}, windows of ${size}ms${from}\n`,
    table,
    more > 0 ? `… and ${grouped(more)} more values\n` : '',
    conclusion(verdict),
  ].join('');
}

const nameOf = (value: string, { pipeline }: PipelineVerdict, lang: 'zh' | 'en'): string => {
  const label = labelOf(pipeline.labels, value)?.[lang];
  const shown = value === '' ? '""' : value;
  return label === undefined || label === value ? shown : `${shown} ${label}`;
};

type TableRow = Omit<ValueVerdict, 'value'> & { name: string };

function valuesTable(rows: readonly TableRow[], width: number | undefined): string {
  const number = (title: string, of: (row: TableRow) => number): [TableColumn, string[]] => [
    { title, align: 'right' },
    rows.map((row) => grouped(of(row))),
  ];
  const columns: [TableColumn, string[]][] = [
    [{ title: 'VALUE' }, rows.map(({ name }) => name)],
    number('CSV', ({ csv }) => csv),
    number('SOURCE', ({ source }) => source),
    number('WINDOWS', ({ windows }) => windows),
  ];
  if (rows.some(({ stored }) => stored !== undefined)) columns.push(number('STORED', ({ stored }) => stored ?? 0));
  if (rows.some(({ open }) => open > 0)) columns.push(number('OPEN', ({ open }) => open));
  if (rows.some(({ late }) => late > 0)) columns.push(number('LATE', ({ late }) => late));
  columns.push([{ title: 'DIFFERENCE' }, rows.map(surplusText)]);
  return textTable(
    columns.map(([column]) => column),
    rows.map((_, row) => columns.map(([, cells]) => cells[row] ?? '')),
    width,
  );
}

function surplusText(row: TableRow): string {
  const signed = (name: string, surplus: number) =>
    surplus === 0 ? [] : [`${name} ${surplus > 0 ? '+' : '−'}${grouped(Math.abs(surplus))}`];
  const surpluses = [
    ...signed('source', sourceSurplus(row)),
    ...signed('windows', windowSurplus(row)),
    ...signed('stored', storedSurplus(row)),
  ];
  return surpluses.join(', ') || '-';
}

function conclusion(verdict: PipelineVerdict): string {
  const { pipeline, check, totals } = verdict;
  const { windows, corrected, open, differences } = check;
  if (verdict.proved) {
    const parts = [
      `${plural(totals.windows, 'record')} in ${plural(windows, 'window')} of ${pipeline.resultTopic}`,
      totals.late > 0 ? `${grouped(totals.late)} late` : '',
      totals.open > 0 ? `${grouped(totals.open)} in ${plural(open.windows, 'window')} still open` : '',
    ];
    const sum = parts.filter(Boolean).join(' + ');
    const amended = corrected > 0 ? `; ${plural(corrected, 'window')} corrected` : '';
    const rows = `${plural(totals.csv, 'row')} = ${plural(totals.source, 'record')} in ${pipeline.topic}`;
    return `proved: ${rows} = ${sum}${amended}${storedText(check.stored)}\n`;
  }
  const lines = [`not proved: ${complaintOf(verdict)?.message}`];
  const [first] = differences;
  if (!first && check.late.agrees) lines.push(`the windows of ${pipeline.resultTopic} agree with ${pipeline.topic}`);
  if (first) lines.push(...windowLines(first, verdict));
  else if (check.stored) lines.push(...storedLines(check.stored, verdict));
  return `${lines.join('\n')}\n`;
}

function windowLines(difference: WindowDifference, { pipeline, check }: PipelineVerdict): string[] {
  const { window } = difference;
  const shown = differingCounts(window).slice(0, mostValues);
  const windows = new Set(check.differences.map((each) => each.window)).size;
  return [
    `first differing window, of ${grouped(windows)}: ${new Date(window.start).toISOString()} to ${new Date(window.end).toISOString()}`,
    `  what      ${differenceText(difference, pipeline)}`,
    `  key       ${window.start}/${window.end}`,
    ...shown.map(([value, right, result]) => `  "${value}"  counted ${grouped(result)}, expected ${grouped(right)}`),
    ...window.spans.map(
      ({ partition, first, last }) => `  records   ${pipeline.topic}/${partition} from offset ${first} to ${last}`,
    ),
  ];
}

/** What a proof says of the store. */
function storedText(stored: StoredVerdict | undefined): string {
  if (!stored) return '';
  const { windows, rolledUp, unchecked } = stored;
  const pruned = rolledUp > 0 ? ` and ${plural(rolledUp, 'window')} as sums per minute` : '';
  const left = unchecked > 0 ? `; ${plural(unchecked, 'pruned window')} at the beginning cannot be checked` : '';
  return ` = stored in ${plural(windows, 'window')}${pruned}${left}`;
}

function storedLines({ differences }: StoredVerdict, { pipeline }: PipelineVerdict): string[] {
  const [first] = differences;
  if (!first) return [];
  const { start, end } = first;
  return [
    `first difference of the store, of ${grouped(differences.length)}: ${new Date(start).toISOString()} to ${new Date(end).toISOString()}`,
    `  what      ${storedDifferenceText(first, pipeline.resultTopic)}`,
    ...differingValues(first)
      .slice(0, mostValues)
      .map(([value, right, wrong]) => `  "${value}"  stored ${grouped(wrong)}, result ${grouped(right)}`),
  ];
}

const plural = (count: number, noun: string) => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

/** The same as one object; of many differences the first hundred. */
export const verdictsJson = (files: readonly string[], csv: CsvCounts, verdicts: readonly PipelineVerdict[]) => ({
  proved: verdicts.every(({ proved }) => proved),
  csv: { files, rows: csv.rows, rejected: csv.rejected, reasons: Object.fromEntries(csv.reasons) },
  pipelines: verdicts.map(pipelineJson),
});

function pipelineJson(verdict: PipelineVerdict) {
  const { pipeline, size, values, totals, check, proved, csvAgrees, times } = verdict;
  const { windows, corrected, open, late, differences, unreadable, since } = check;
  const complaint = complaintOf(verdict);
  return {
    ...{ pipeline: pipeline.name, column: pipeline.column, topic: pipeline.topic, resultTopic: pipeline.resultTopic },
    ...{ window: size, since: since ?? null, proved, csvAgrees, times: times ?? null },
    error: complaint?.message ?? null,
    hint: complaint?.hint ?? null,
    totals: { ...totals, difference: surplusJson(totals) },
    values: values.map((value) => ({
      ...value,
      label: labelOf(pipeline.labels, value.value) ?? null,
      difference: surplusJson(value),
    })),
    windows: { out: windows, corrected, open: open.windows },
    late,
    unreadable: unreadable.count,
    differing: differences.length,
    differences: differences.slice(0, mostDifferences).map((difference) => differenceJson(difference)),
    ...(check.stored ? { stored: storedJson(check.stored) } : {}),
  };
}

const surplusJson = (value: Omit<ValueVerdict, 'value'>) => ({
  source: sourceSurplus(value),
  windows: windowSurplus(value),
  ...(value.stored === undefined ? {} : { stored: storedSurplus(value) }),
});

const storedJson = ({ windows, rolledUp, unchecked, differences }: StoredVerdict) => ({
  ...{ windows, rolledUp, unchecked, differing: differences.length },
  differences: differences.slice(0, mostDifferences).map(({ kind, start, end, stored, counted }) => ({
    kind,
    key: `${start}/${end}`,
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    revision: { stored: stored?.revision ?? null, result: counted?.revision ?? null },
    stored: stored ? Object.fromEntries(stored.counts) : null,
    counted: counted ? Object.fromEntries(counted.counts) : null,
  })),
});

const differenceJson = ({ kind, window, fault }: WindowDifference) => ({
  kind,
  key: `${window.start}/${window.end}`,
  start: new Date(window.start).toISOString(),
  end: new Date(window.end).toISOString(),
  revision: fault?.revision ?? (window.revision < 0 ? null : window.revision),
  counted: window.counted ? Object.fromEntries(window.counted) : null,
  expected: Object.fromEntries(window.expected),
  offsets: window.spans,
  ...(fault ? { result: { partition: fault.partition, offset: fault.offset } } : {}),
});
