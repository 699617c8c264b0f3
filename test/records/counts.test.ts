import { expect, test } from 'vitest';
import { addCounts, totalOf } from '../../src/records/counts.ts';

test('counts are added value by value, and taken off again', () => {
  const sums = new Map([['a', 1]]);
  const counts = new Map([
    ['a', 2],
    ['b', 3],
  ]);
  addCounts(sums, counts);
  expect([...sums]).toEqual([
    ['a', 3],
    ['b', 3],
  ]);
  expect(totalOf(sums)).toBe(6);
  addCounts(sums, counts, -1);
  expect([...sums]).toEqual([
    ['a', 1],
    ['b', 0],
  ]);
  expect(totalOf(new Map())).toBe(0);
});
