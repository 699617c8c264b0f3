import { expect, test } from 'vitest';
import { progressText, summaryFields, summaryText } from '../../../src/commands/produce/report.ts';
import type { ProduceSummary } from '../../../src/commands/produce/stage.ts';

const targets = [
  { name: 'gender', column: 'gender', topic: 'sex' },
  { name: 'action', column: 'action', topic: 'action' },
];
const summary: ProduceSummary = {
  rows: 12_345,
  records: { gender: 12_345, action: 12_345 },
  rejected: 9,
  reasons: new Map([
    ['too few columns', { count: 7, first: [3, 9, 12, 40, 51].map((line) => ({ file: 'log.csv', line })) }],
    [
      'stray quote',
      {
        count: 2,
        first: [
          { file: 'log.csv', line: 8 },
          { file: 'more.csv', line: 2 },
        ],
      },
    ],
  ]),
  seconds: 2.5,
  complete: true,
};

test('the summary says what went where, and which lines were left out and why', () => {
  expect(summaryText(summary, targets)).toBe(`12,345 rows sent in 2.5 s, 4,938 rows/s
  sex: 12,345 records of gender
  action: 12,345 records of action
  rejected: 9
    too few columns: 7, log.csv line 3, 9, 12, 40, 51 …
    stray quote: 2, log.csv:8, more.csv:2
`);
});

test('the summary of an interrupted replay says so first', () => {
  expect(summaryText({ ...summary, complete: false }, targets)).toMatch(/^interrupted: 12,345 rows sent/);
});

test('the summary in a JSON log holds the same as fields', () => {
  expect(JSON.parse(JSON.stringify(summaryFields(summary, targets)))).toMatchObject({
    rows: 12_345,
    rate: 4_938,
    records: { sex: 12_345, action: 12_345 },
    rejected: 9,
    reasons: { 'too few columns': { count: 7 } },
    complete: true,
  });
});

test('the progress line shows the share of bytes, rows, their rate and the time that is left', () => {
  const text = progressText({ rows: 1_000, rejected: 2, bytes: 25_000, totalBytes: 100_000, rate: 50 });
  expect(text).toBe('━━━━━━──────────────────  25%  1,000 rows  50 rows/s  2 rejected  ETA 1:00');
});

test('the progress line of a pipe, which has no size, shows rows and their rate alone', () => {
  const text = progressText({ rows: 1_000, rejected: 0, bytes: 25_000, totalBytes: undefined, rate: 9.96 });
  expect(text).toBe('1,000 rows  10 rows/s');
});
