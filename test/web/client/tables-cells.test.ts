import { describe, expect, test } from 'vitest';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { countIn, nameOf, restOf, topValues, valueColumns } from '../../../src/web/client/pages/tables/cells.ts';
import { spanOf } from '../../../src/web/client/pages/tables/times.ts';
import { tablesWords } from '../../../src/web/client/pages/tables/words.ts';
import { formatNamedZone } from '../../../src/web/client/state/format.ts';
import { fromField, toField } from '../../../src/web/client/state/time-field.ts';
import { infoOf } from '../../../src/web/snapshot.ts';

const pipelineOf = (name: string) => {
  const found = builtInPipelines.find((pipeline) => pipeline.name === name);
  if (!found) throw new Error(`there is no pipeline ${name}`);
  return infoOf(found);
};
const columnsOf = (name: string) => valueColumns(pipelineOf(name), 'en', 'Unknown');

const rowOf = (counts: Record<string, number>, more: { values?: number; total?: number } = {}) => ({
  start: 0,
  end: 1_000,
  revision: 0,
  lateDropped: 0,
  counts,
  total: Object.values(counts).reduce((sum, count) => sum + count, 0),
  values: Object.keys(counts).length,
  ...more,
});

describe('columns', () => {
  test('are the names of few values, those of one name together, and what is not known at the end', () => {
    expect(columnsOf('gender')?.map(({ name }) => name)).toEqual(['Female', 'Male', 'Unknown']);
    expect(columnsOf('age')?.map(({ name }) => name)).toEqual([
      '<18',
      '18–24',
      '25–29',
      '30–34',
      '35–39',
      '40–49',
      '≥50',
      'Unknown',
    ]);
    expect(columnsOf('age')?.find(({ name }) => name === '≥50')?.keys).toEqual(['7', '8']);
  });

  test('are not made of values without names, nor of many', () => {
    expect(columnsOf('category')).toBeUndefined();
    expect(columnsOf('province')).toBeUndefined();
  });

  test('add up the counts of their values, and with the rest the total', () => {
    const columns = columnsOf('gender') ?? [];
    const row = rowOf({ 0: 47, 1: 34, 2: 15, NULL: 4, 9: 3 });
    expect(columns.map((column) => countIn(row, column))).toEqual([47, 34, 19]);
    expect(restOf(row, columns)).toBe(3);
    expect(restOf(rowOf({ 0: 1 }), columns)).toBe(0);
  });

  test('of a row that does not tell all of its values say so, rather than none', () => {
    const row = rowOf({ 0: 47 }, { values: 30, total: 90 });
    expect(countIn(row, { name: 'Female', keys: ['0'] })).toBe(47);
    expect(countIn(row, { name: 'Male', keys: ['1'] })).toBeUndefined();
  });
});

test('the greatest values come first, equal ones by their keys, and the others are counted', () => {
  const { top, more } = topValues(rowOf({ b: 2, a: 2, c: 9, d: 1 }, { values: 30 }), 3);
  expect(top).toEqual([
    { key: 'c', count: 9 },
    { key: 'a', count: 2 },
    { key: 'b', count: 2 },
  ]);
  expect(more).toBe(27);
});

test('values are called by their labels, else as they are', () => {
  const name = (key: string, pipeline: string) => nameOf(key, pipelineOf(pipeline), 'zh', tablesWords.zh);
  expect(name('0', 'gender')).toBe('女生');
  expect(name('NULL', 'gender')).toBe('未知');
  expect(name('1271', 'category')).toBe('1271');
  expect(nameOf('', { ...pipelineOf('category'), unknown: [] }, 'zh', tablesWords.zh)).toBe('（空）');
  expect(name('constructor', 'gender')).toBe('constructor');
});

describe('times', () => {
  const at = (...parts: [number, number, number, number?]) => new Date(2026, 10, 11, ...parts).getTime();

  test('of windows are told to the second, of minutes and hours to the minute', () => {
    expect(spanOf(at(14, 3, 26), at(14, 3, 27), 'window')).toEqual({
      date: '2026-11-11',
      from: '14:03:26',
      to: '14:03:27',
    });
    expect(spanOf(at(14, 3, 0), at(14, 4, 0), 'minute')).toMatchObject({ from: '14:03', to: '14:04' });
    expect(spanOf(at(14, 0, 0), at(15, 0, 0), 'window')).toMatchObject({ from: '14:00:00', to: '15:00:00' });
    expect(spanOf(at(14, 3, 26, 500), at(14, 3, 27), 'window')).toMatchObject({
      from: '14:03:26.500',
      to: '14:03:27.000',
    });
  });

  test('name the day of the end where a window is as long as one', () => {
    expect(spanOf(at(0, 0, 0), at(24, 0, 0), 'window')).toMatchObject({
      date: '2026-11-11',
      to: '2026-11-12 00:00:00',
    });
    expect(spanOf(at(23, 59, 59), at(24, 0, 0), 'window').to).toBe('00:00:00');
  });

  test('come back from a field as they went into it', () => {
    expect(toField(at(9, 5, 7))).toBe('2026-11-11T09:05:07');
    expect(fromField(toField(at(9, 5, 7)))).toBe(at(9, 5, 7));
    expect([toField(undefined), fromField('')]).toEqual(['', undefined]);
  });

  test('are told with their zone', () => {
    const ahead = -new Date(at(0, 0, 0)).getTimezoneOffset();
    const offset = ahead === 0 ? 'UTC' : /^UTC[+−]\d{1,2}(:\d\d)?$/;
    expect(formatNamedZone(at(0, 0, 0), 'UTC')).toEqual(expect.stringMatching(offset));
    expect(formatNamedZone(at(0, 0, 0), 'Asia/Shanghai')).toMatch(/^Asia\/Shanghai, UTC/);
  });
});
