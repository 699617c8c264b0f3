import { expect, test } from 'vitest';
import { nextRate } from '../../../src/commands/up/view.ts';

test.each([
  [10, 'faster', 20],
  [20, 'faster', 50],
  [100, 'slower', 50],
  [30, 'faster', 50],
  [30, 'slower', 20],
  [1, 'slower', 1],
  [0.5, 'slower', 0.5],
  [5_000_000, 'faster', Number.POSITIVE_INFINITY],
  [Number.POSITIVE_INFINITY, 'slower', 5_000_000],
  [Number.POSITIVE_INFINITY, 'faster', Number.POSITIVE_INFINITY],
] as const)('from %d rows a second, %s is %d', (rate, direction, expected) => {
  expect(nextRate(rate, direction)).toBe(expected);
});
