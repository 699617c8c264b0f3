import { describe, expect, test } from 'vitest';
import { isPair, labelCounts, labelNames, topOf, unknownIn, windowRow } from '../../src/tui/counts.ts';
import { noon, pipelineState } from './_states.ts';

const gender = pipelineState('gender', [{ 0: 3, 1: 5, 2: 1, NULL: 2 }]);
const countsOf = (record: Record<string, number>) => new Map(Object.entries(record));

describe('counts by label', () => {
  test('known values have their names and unknown ones are left out', () => {
    expect([...labelCounts(gender, gender.windows[0]?.counts ?? new Map(), 'zh')]).toEqual([
      ['女生', 3],
      ['男生', 5],
    ]);
    expect(unknownIn(gender, gender.windows[0]?.counts ?? new Map())).toBe(3);
  });

  test('values of one name are one', () => {
    const age = pipelineState('age', []);
    expect([...labelCounts(age, countsOf({ 7: 2, 8: 3 }), 'en')]).toEqual([['≥50', 5]]);
    expect(labelNames(age, 'en')).toHaveLength(7);
  });

  test('a value without a name is shown as it is, whatever it is', () => {
    const category = pipelineState('category', []);
    expect([...labelCounts(category, countsOf({ constructor: 1, 1271: 2 }), 'en')]).toEqual([
      ['1271', 2],
      ['constructor', 1],
    ]);
  });

  test('two names make a pair', () => {
    expect(isPair(gender)).toBe(true);
    expect(isPair(pipelineState('action', []))).toBe(false);
    expect(isPair(pipelineState('category', []))).toBe(false);
  });

  test('of equal counts the order is by name, so that it stays', () => {
    expect(topOf(countsOf({ b: 2, a: 2, c: 3, d: 1 }), 3)).toEqual([
      ['c', 3],
      ['a', 2],
      ['b', 2],
    ]);
  });
});

describe('windowRow', () => {
  test('the row ends with the newest window and a missing one is a gap', () => {
    const pipeline = pipelineState('gender', [{ 0: 1 }, { 0: 2 }, { 0: 3 }]);
    const { from, to, row } = windowRow(
      { ...pipeline, windows: pipeline.windows.filter((_, index) => index !== 1) },
      4,
    );
    expect(row.map((counts) => counts?.get('0') ?? null)).toEqual([null, 1, null, 3]);
    expect([from, to]).toEqual([noon - 4_000, noon - 1_000]);
  });

  test('windows that are older than the row are left out', () => {
    const { row } = windowRow(pipelineState('gender', [{ 0: 1 }, { 0: 2 }, { 0: 3 }]), 2);
    expect(row.map((counts) => counts?.get('0'))).toEqual([2, 3]);
  });
});
