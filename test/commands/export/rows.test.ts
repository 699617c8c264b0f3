import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { csvHeader, exportRows } from '../../../src/commands/export/rows.ts';
import { decodeWindowCount } from '../../../src/records/window-count.ts';
import { windowAt } from '../../store/_contract.ts';

const keys = ['0', 'a,b', 'say "hi"', 'two\nlines', 'two\r\nlines', '', ' ', ' led', '浙江', '=1+1', "it's", 'NULL'];
const counts = Object.fromEntries(keys.map((key, index) => [key, index + 1]));

test('another reader of CSV finds the keys as they were', () => {
  const window = windowAt(1, counts, { pipeline: 'odd, "name"', revision: 2 });
  const rows: string[][] = parse(csvHeader + exportRows([window], { format: 'csv', iso: false }));
  expect(rows[0]).toEqual(['pipeline', 'start', 'end', 'revision', 'key', 'count']);
  expect(new Set(rows.slice(1).map((row) => row.slice(0, 4).join('|')))).toEqual(new Set(['odd, "name"|1000|2000|2']));
  expect(Object.fromEntries(rows.slice(1).map(([, , , , key, count]) => [key, Number(count)]))).toEqual(counts);
});

test('a row is quoted only where it has to be, and keys are in the order of result records', () => {
  const window = windowAt(1, { b: 1, 10: 2, 9: 3, 'a,b': 4 });
  expect(exportRows([window], { format: 'csv', iso: false })).toBe(
    'gender,1000,2000,0,10,2\ngender,1000,2000,0,9,3\ngender,1000,2000,0,"a,b",4\ngender,1000,2000,0,b,1\n',
  );
});

test('times are ISO 8601 when that is asked for', () => {
  expect(exportRows([windowAt(1, { 0: 3 })], { format: 'csv', iso: true })).toBe(
    'gender,1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,0,0,3\n',
  );
});

test('a line of JSON is the value of a result record', () => {
  const windows = [windowAt(1, counts, { revision: 1 }), windowAt(2, {})];
  const lines = exportRows(windows, { format: 'json', iso: false }).trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  const [value = ''] = lines;
  expect(JSON.parse(value)).toMatchObject({ pipeline: 'gender', windowStart: 1_000, windowEnd: 2_000, revision: 1 });
  const read = decodeWindowCount({ key: null, value, timestamp: 0, headers: {} }, { pipeline: 'x', window: 1_000 });
  expect(read).toMatchObject({ counts: new Map(Object.entries(counts)) });
});
