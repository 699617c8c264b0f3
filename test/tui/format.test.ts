import { assert, double, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clockFormat,
  formatBytes,
  formatCount,
  formatDelay,
  formatDuration,
  formatPer,
  formatPercent,
  formatRate,
} from '../../src/tui/format.ts';

describe('numbers', () => {
  test('counts have separators', () => {
    expect([0, 999, 12_408, 1_234_567].map(formatCount)).toEqual(['0', '999', '12,408', '1,234,567']);
  });

  test('bytes have a fraction only below ten of a unit', () => {
    const sizes = [0, 999, 1_000, 9_949, 9_960, 999_499, 999_500, 12_345_678_901, 4e15, Number.NaN];
    const texts = ['0 B', '999 B', '1.0 KB', '9.9 KB', '10 KB', '999 KB', '1.0 MB', '12 GB', '4,000 TB', '–'];
    expect(sizes.map(formatBytes)).toEqual(texts);
  });

  test('a rate has a fraction only below ten and where it is one', () => {
    expect([0, 0.5, 1, 9.94, 9.96, 99.6, 355_000].map(formatRate)).toEqual([
      '0',
      '0.5',
      '1',
      '9.9',
      '10',
      '100',
      '355,000',
    ]);
  });

  test('a share says a hundred only when it is', () => {
    expect([0, 6.2, 99.94, 99.96, 100].map(formatPercent)).toEqual(['0.0 %', '6.2 %', '99.9 %', '99.9 %', '100.0 %']);
  });
});

describe('times', () => {
  test('a wait is written as a clock would, days in words', () => {
    expect([0, 42_400, 1_122_000, 7_391_000, 273_600_000].map(formatDuration)).toEqual([
      '0:00',
      '0:42',
      '18:42',
      '2:03:11',
      '3 d 4 h',
    ]);
  });

  test('a delay has the unit that keeps it short', () => {
    expect([0, 42, -50, 999, 999.7, 1_300, 12_000, 240_000, 7_200_000, 259_200_000].map(formatDelay)).toEqual([
      '0 ms',
      '42 ms',
      '−50 ms',
      '999 ms',
      '1.0 s',
      '1.3 s',
      '12 s',
      '4 min',
      '2 h',
      '3 d',
    ]);
  });

  test('nothing is behind by minus zero', () => {
    expect(formatDelay(-0.2)).toBe('0 ms');
  });

  test('the unit of a rate is the length of the window', () => {
    expect([1_000, 500, 5_000, 60_000, 900_000, 3_600_000, 86_400_000].map(formatPer)).toEqual([
      '/s',
      '/500ms',
      '/5s',
      '/m',
      '/15m',
      '/h',
      '/d',
    ]);
  });

  test('the clock tells the time of its zone, with two digits for midnight', () => {
    const midnight = Date.UTC(2026, 10, 11);
    expect(clockFormat('UTC')(midnight)).toBe('00:00:00');
    expect(clockFormat('Asia/Shanghai')(midnight)).toBe('08:00:00');
    expect(clockFormat('UTC')(Number.NaN)).toBe('--:--:--');
  });
});

test('no number is written in more than 30 characters or as NaN', () => {
  assert(
    property(double({ min: -1e15, max: 1e15 }), (value) => {
      for (const format of [formatCount, formatRate, formatPercent, formatDuration, formatDelay]) {
        expect(format(value).length).toBeLessThanOrEqual(30);
        expect(format(value)).not.toMatch(/NaN|Infinity|e\+/);
      }
    }),
  );
});
