import type { Pipeline } from '../../records/pipelines.ts';
import type { ValueSums, WindowDifference } from '../../window/compare-windows.ts';
import type { TopicsCheck } from './stage.ts';
import { storedDifferenceText, storedHint } from './stored.ts';

/** One value of a pipeline: rows of the CSV, and what became of them. */
export interface ValueVerdict extends ValueSums {
  value: string;
  csv: number;
  /** Records in stored windows, where a store was compared. */
  stored?: number;
}

/** Whether the counts of one pipeline agree, and where they do not. */
export interface PipelineVerdict {
  pipeline: Pipeline;
  /** Length of a window in ms. */
  size: number;
  check: TopicsCheck;
  /** Those that differ first, then by rows. */
  values: ValueVerdict[];
  totals: Omit<ValueVerdict, 'value'>;
  /** CSV and source topic agree for every value. */
  csvAgrees: boolean;
  /** The source topic holds each value so many times as often as the CSV; undefined when it does not. */
  times: number | undefined;
  /** CSV, source topic, results and, where it was compared, the store all agree. */
  proved: boolean;
}

/** Records that the source topic has more than the CSV. */
export const sourceSurplus = ({ source, csv }: Omit<ValueVerdict, 'value'>): number => source - csv;

/** Records that windows, open ones and late ones have together more than the source topic. */
export const windowSurplus = ({ source, windows, open, late }: Omit<ValueVerdict, 'value'>): number =>
  windows + open + late - source;

/** Records that the store has more than the results; none where no store was compared. */
export const storedSurplus = ({ stored, windows }: Omit<ValueVerdict, 'value'>): number =>
  (stored ?? windows) - windows;

const differs = (value: ValueVerdict) =>
  sourceSurplus(value) !== 0 || windowSurplus(value) !== 0 || storedSurplus(value) !== 0;

/** Puts the rows of the CSV, by value, beside what the topics of its pipeline hold. */
export function verdictOf(
  pipeline: Pipeline,
  size: number,
  csv: ReadonlyMap<string, number>,
  check: TopicsCheck,
): PipelineVerdict {
  const none: ValueSums = { source: 0, windows: 0, open: 0, late: 0 };
  const { stored } = check;
  const values = [...new Set([...csv.keys(), ...check.values.keys(), ...(stored?.values.keys() ?? [])])]
    .map((value) => ({
      ...{ value, csv: csv.get(value) ?? 0, ...(check.values.get(value) ?? none) },
      ...(stored ? { stored: stored.values.get(value) ?? 0 } : {}),
    }))
    .sort((a, b) => Number(differs(b)) - Number(differs(a)) || b.csv - a.csv || (a.value < b.value ? -1 : 1));
  const totals: PipelineVerdict['totals'] = { csv: 0, ...none, ...(stored ? { stored: 0 } : {}) };
  for (const value of values) {
    totals.csv += value.csv;
    totals.source += value.source;
    totals.windows += value.windows;
    totals.open += value.open;
    totals.late += value.late;
    if (totals.stored !== undefined) totals.stored += value.stored ?? 0;
  }
  const csvAgrees = values.every((value) => sourceSurplus(value) === 0);
  const topicsAgree = check.differences.length === 0 && check.late.agrees && check.unreadable.count === 0;
  const proved = csvAgrees && topicsAgree && (stored?.differences.length ?? 0) === 0;
  return { pipeline, size, check, values, totals, csvAgrees, times: timesOf(values), proved };
}

function timesOf(values: readonly ValueVerdict[]): number | undefined {
  const [first] = values;
  if (!first || first.csv === 0) return undefined;
  const times = first.source / first.csv;
  return Number.isInteger(times) && times > 1 && values.every(({ csv, source }) => source === csv * times)
    ? times
    : undefined;
}

/** What is wrong with a pipeline in one line, and what to do about it; undefined when nothing is. */
export function complaintOf(verdict: PipelineVerdict): { message: string; hint: string } | undefined {
  const { pipeline, check, totals, csvAgrees } = verdict;
  if (verdict.proved) return undefined;
  if (!csvAgrees) {
    const [value] = verdict.values.filter((each) => sourceSurplus(each) !== 0);
    const figures =
      totals.source === totals.csv && value
        ? `holds ${count(value.source, 'record')} of "${value.value}", the CSV ${count(value.csv, 'row')}`
        : `holds ${count(totals.source, 'record')}, the CSV ${count(totals.csv, 'row')}`;
    return { message: `${pipeline.topic} ${figures}`, hint: csvHint(verdict) };
  }
  const [first] = check.differences;
  if (first) return { message: differenceText(first, pipeline), hint: windowHint(first, verdict) };
  if (check.unreadable.first !== undefined) {
    return {
      message: `${count(check.unreadable.count, 'record')} cannot be read, the first in ${check.unreadable.first}`,
      hint: 'what else writes to that topic?',
    };
  }
  const unstored = check.late.agrees ? check.stored?.differences[0] : undefined;
  if (unstored && check.stored) {
    return {
      message: storedDifferenceText(unstored, pipeline.resultTopic),
      hint: storedHint(unstored, check.stored),
    };
  }
  return {
    message: `${pipeline.resultTopic} tells of ${count(check.late.told, 'late record')}, but ${check.late.missing} are missing from its windows`,
    hint: 'was the source topic deleted and made anew under the same consumer group?',
  };
}

function csvHint({ pipeline: { topic }, totals, times }: PipelineVerdict): string {
  if (times !== undefined) {
    return `${topic} holds ${times} × the CSV, from --loop or several runs: --from @time begins at the last one`;
  }
  if (totals.source === 0) return 'fill it with "dashctl produce", or begin earlier with --from';
  if (totals.source > totals.csv) {
    return 'did an earlier run, or something else, write to it? --from @time begins at a later one';
  }
  return 'is "dashctl produce" still under way? if it had --where, --skip or --limit, give them here too';
}

function windowHint({ kind, window }: WindowDifference, { pipeline, size, check }: PipelineVerdict): string {
  const length = check.differences.map((each) => each.window.end - each.window.start).find((other) => other !== size);
  if (length !== undefined) return `the results are of windows of ${length}ms: add --window ${length}ms`;
  if (kind === 'missing' && check.windows === 0) {
    return 'is "dashctl aggregate" running? --until-end counts what is there, --wait gives it more time';
  }
  if (kind === 'missing') {
    return 'if "dashctl aggregate" is still counting, --wait gives it time; if it began later, --from @time begins there';
  }
  if (kind === 'twice') return 'was an aggregator killed, or do two groups write to this topic?';
  if (kind === 'skipped') return 'were records of the result topic deleted? --from @time begins after them';
  return `the result: dashctl tail ${pipeline.resultTopic} -o @${window.end} -n 1 --json`;
}

/** A difference in one line. */
export function differenceText({ kind, window, fault }: WindowDifference, { topic, resultTopic }: Pipeline): string {
  const key = `window ${window.start}/${window.end} of ${resultTopic}`;
  const at = fault && `${resultTopic}/${fault.partition} at offset ${fault.offset}`;
  if (kind === 'twice') return `${key} came out twice with revision ${fault?.revision}, again in ${at}`;
  if (kind === 'skipped')
    return `${key} came out with revision ${fault?.revision} in ${at}, but not with the one before`;
  const expected = count(sum(window.expected), 'record');
  if (kind === 'missing') return `${key} is missing; ${topic} has ${expected} for it`;
  if (kind === 'unfounded') return `${key} counts ${sum(window.counted)}, but ${topic} has no record for it`;
  const [value, right] = differingCounts(window)[0] ?? ['', 0];
  return `${key} counts ${window.counted?.get(value) ?? 0} of "${value}", ${topic} has ${right}`;
}

/** The values whose counts differ in a window: value, count by the source topic, count by the result. */
export function differingCounts({ expected, counted }: WindowDifference['window']): [string, number, number][] {
  const values = new Set([...expected.keys(), ...(counted?.keys() ?? [])]);
  return [...values]
    .map((value): [string, number, number] => [value, expected.get(value) ?? 0, counted?.get(value) ?? 0])
    .filter(([, right, result]) => right !== result)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const sum = (counts: ReadonlyMap<string, number> | undefined): number =>
  counts?.values().reduce((total, each) => total + each, 0) ?? 0;

const count = (number: number, noun: string) => `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
