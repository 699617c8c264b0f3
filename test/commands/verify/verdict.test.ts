import { expect, test } from 'vitest';
import type { TopicsCheck } from '../../../src/commands/verify/stage.ts';
import { verdictsJson, verdictText } from '../../../src/commands/verify/text.ts';
import { complaintOf, verdictOf } from '../../../src/commands/verify/verdict.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';

const gender = builtInPipelines.find(({ name }) => name === 'gender') ?? expect.fail('no pipeline');

/** A check of a source topic with these counts, all of them in windows. */
const checkOf = (source: Record<string, number>, more: Partial<TopicsCheck> = {}): TopicsCheck => ({
  windows: 3,
  corrected: 0,
  open: { windows: 0, records: 0, firstEnd: Number.POSITIVE_INFINITY },
  late: { told: 0, missing: 0, agrees: true },
  differences: [],
  mendable: 0,
  values: new Map(
    Object.entries(source).map(([value, count]) => [value, { source: count, windows: count, open: 0, late: 0 }]),
  ),
  since: undefined,
  unreadable: { count: 0, first: undefined },
  ...more,
});
const verdict = (csv: Record<string, number>, source: Record<string, number>, more?: Partial<TopicsCheck>) =>
  verdictOf(gender, 1_000, new Map(Object.entries(csv)), checkOf(source, more));

test('equal counts are a proof', () => {
  const equal = verdict({ 0: 1_200, '': 1 }, { 0: 1_200, '': 1 });
  expect(equal.proved).toBe(true);
  expect(complaintOf(equal)).toBeUndefined();
  expect(verdictText(equal, 'en')).toBe(
    [
      'gender: gender → sex → result, windows of 1000ms',
      'VALUE       CSV  SOURCE  WINDOWS  DIFFERENCE',
      '0 Female  1,200   1,200    1,200  -',
      '""            1       1        1  -',
      'total     1,201   1,201    1,201  -',
      'proved: 1,201 rows = 1,201 records in sex = 1,201 records in 3 windows of result',
      '',
    ].join('\n'),
  );
});

test('a value that every object has by birth has no label in the JSON form either', () => {
  const own = verdict({ 0: 1, constructor: 1 }, { 0: 1, constructor: 1 });
  const { pipelines } = verdictsJson(['log.csv'], { rows: 2, rejected: 0, reasons: new Map(), counts: new Map() }, [
    own,
  ]);
  expect(Object.fromEntries(pipelines[0]?.values.map(({ value, label }) => [value, label]) ?? [])).toEqual({
    0: { zh: '女生', en: 'Female' },
    constructor: null,
  });
});

test('open windows, late records and corrections are told of in the proof', () => {
  const values = new Map([['0', { source: 10, windows: 6, open: 3, late: 1 }]]);
  const open = { windows: 1, records: 3, firstEnd: 9_000 };
  const text = verdictText(verdict({ 0: 10 }, {}, { values, open, corrected: 2 }), 'en');
  expect(text).toContain('= 6 records in 3 windows of result + 1 late + 3 in 1 window still open; 2 windows corrected');
  expect(text).toMatch(/VALUE +CSV +SOURCE +WINDOWS +OPEN +LATE +DIFFERENCE\n0 Female +10 +10 +6 +3 +1 +-\n/);
});

test('a value that is only in the CSV, or only in the topic, is a difference', () => {
  const swapped = verdict({ 0: 5, 1: 1 }, { 0: 5, 2: 1 });
  expect(swapped.proved).toBe(false);
  expect(swapped.values.map(({ value }) => value)).toEqual(['1', '2', '0']);
  expect(complaintOf(swapped)?.message).toBe('sex holds 0 records of "1", the CSV 1 row');
});

test.each([
  [{ 0: 6, 1: 3 }, 3, 'sex holds 3 × the CSV'],
  [{ 0: 6, 1: 4 }, undefined, 'did an earlier run'],
  [{ 0: 1, 1: 1 }, undefined, 'still under way'],
  [{}, undefined, 'fill it with "dashctl produce"'],
])('with two 0 and one 1 in the CSV and %j in the topic the hint is the likely cause', (source, times, hint) => {
  const differing = verdict({ 0: 2, 1: 1 }, source);
  expect(differing.times).toBe(times);
  expect(complaintOf(differing)?.hint).toContain(hint);
});

test('one and a half times the CSV is no number of runs', () => {
  expect(verdict({ 0: 2, 1: 4 }, { 0: 3, 1: 6 }).times).toBeUndefined();
});

test('results that cannot be read, or late records that nothing lacks, are no proof', () => {
  const unreadable = verdict({ 0: 1 }, { 0: 1 }, { unreadable: { count: 2, first: 'result/0 at offset 3: no' } });
  expect(complaintOf(unreadable)?.message).toBe('2 records cannot be read, the first in result/0 at offset 3: no');
  const late = verdict({ 0: 1 }, { 0: 1 }, { late: { told: 5, missing: 0, agrees: false } });
  expect(complaintOf(late)?.message).toContain('tells of 5 late records, but 0 are missing');
});

test('windows of another length give the length as a hint', () => {
  const window = {
    start: 0,
    end: 5_000,
    expected: new Map(),
    spans: [],
    counted: new Map([['0', 1]]),
    revision: 0,
    asked: true,
  };
  const other = verdict({ 0: 1 }, { 0: 1 }, { differences: [{ kind: 'unfounded', window }] });
  expect(complaintOf(other)?.hint).toContain('add --window 5000ms');
});
