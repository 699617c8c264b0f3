import { expect, test } from 'vitest';
import { flatnessOf } from './flatness.ts';

test('a run that grew at first and then no more is flat', () => {
  expect(flatnessOf([10, 50, 90, 100, 100, 100, 100, 100, 100])).toEqual({ second: 100, last: 100, growth: 0 });
});

test('growth is that of the last third over the second', () => {
  expect(flatnessOf([1, 1, 1, 90, 100, 110, 120, 130, 140]).growth).toBeCloseTo(0.3);
  expect(flatnessOf([1, 1, 1, 100, 100, 100, 90, 90, 90]).growth).toBeCloseTo(-0.1);
});

test('samples that make no whole third count to the first', () => {
  expect(flatnessOf([500, 500, 1, 2, 3])).toEqual({ second: 2, last: 3, growth: 0.5 });
});
