import { describe, expect, test } from 'vitest';
import { averaged, leastSpan, longPoints, startOf } from '../../../src/web/client/charts/long-range.ts';
import { boundaryFor, countsSince, midnightBefore } from '../../../src/web/client/state/today.ts';

const second = 1_000;
const minute = 60 * second;
const point = (from: number, to: number, counts: Record<string, number>) => ({
  start: from * second,
  end: to * second,
  revision: 0,
  counts,
});
/** Windows of a second with one record each. */
const run = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => point(from + index, from + index + 1, { 0: 1 }));
const counts = (points: readonly { start: number; counts: Record<string, number> }[]) =>
  points.map(({ start, counts: { 0: count } }) => [start / second, count]);

describe('a range that is longer than the page remembers', () => {
  test('starts that long before the newest window', () => {
    expect(startOf(60, 3_700 * second)).toBe(100 * second);
    expect(startOf(undefined, 3_700 * second)).toBeUndefined();
  });

  test('goes on with the windows that came, over spans of the same length, and without one that is not over', () => {
    const answer = {
      span: 10 * second,
      series: [point(0, 10, { 0: 7 }), point(10, 20, { 0: 8 }), point(20, 30, { 0: 3 })],
    };
    expect(counts(longPoints(answer, run(15, 45)).points)).toEqual([
      [0, 7],
      [10, 8],
      [20, 10],
      [30, 10],
    ]);
  });

  test('counts no window twice: those that the page has take the place of what the server summed up', () => {
    const answer = { span: 10 * second, series: [point(0, 10, { 0: 10 }), point(10, 20, { 0: 99 })] };
    expect(counts(longPoints(answer, run(0, 30)).points)).toEqual([
      [0, 10],
      [10, 10],
      [20, 10],
    ]);
  });

  test('has gaps where nothing was counted', () => {
    const answer = { span: 10 * second, series: [point(0, 10, { 0: 1 })] };
    expect(counts(longPoints(answer, run(40, 60)).points)).toEqual([
      [0, 1],
      [40, 10],
      [50, 10],
    ]);
  });

  test('does not add up windows that overlap', () => {
    const answer = { span: 10 * second, series: [point(0, 10, { 0: 7 })] };
    const hopping = [point(8, 13, { 0: 5 }), point(9, 14, { 0: 5 }), point(25, 30, { 0: 5 })];
    expect(counts(longPoints(answer, hopping).points)).toEqual([[0, 7]]);
  });

  test('looks the same however much of it is stored', () => {
    expect(leastSpan(60, second)).toBe(10 * second);
    expect(leastSpan(60, 7 * second)).toBe(14 * second);
    expect(leastSpan(undefined, second)).toBe(second);
    const { span, points } = longPoints({ span: second, series: run(0, 25) }, run(20, 31), 10 * second);
    expect(span).toBe(10 * second);
    expect(counts(points)).toEqual([
      [0, 10],
      [10, 10],
      [20, 10],
    ]);
  });

  test('is drawn as averages per window, to a tenth', () => {
    expect(averaged([point(0, 60, { 0: 100, 1: 60 })], second)[0]?.counts).toEqual({ 0: 1.7, 1: 1 });
    expect(averaged([point(0, 1, { 0: 5 })], second)[0]?.counts).toEqual({ 0: 5 });
  });
});

describe('today', () => {
  const midnight = 1_000 * minute;
  const windows = run(60_300, 61_200);

  test('begins at the midnight of the reader', () => {
    const start = new Date(midnightBefore(Date.UTC(2026, 10, 11, 12)));
    expect([start.getHours(), start.getMinutes(), start.getSeconds(), start.getMilliseconds()]).toEqual([0, 0, 0, 0]);
  });

  test('is what the server summed up to a minute that can no longer be corrected, and the windows after it', () => {
    const to = boundaryFor(windows) ?? 0;
    expect(to).toBe(61_080 * second);
    expect(countsSince(midnight, { to, counts: { 0: 500, 1: 3 } }, windows)).toEqual(
      new Map([
        ['0', 500 + 120],
        ['1', 3],
      ]),
    );
  });

  test('counts each window once, wherever the server drew the line', () => {
    for (const to of [60_300, 60_900, 61_199, 61_200]) {
      const before = to - midnight / second;
      expect(countsSince(midnight, { to: to * second, counts: { 0: before } }, windows).get('0')).toBe(1_200);
    }
  });

  test('needs no server while the page has seen all of it', () => {
    expect(countsSince(61_000 * second, undefined, windows)).toEqual(new Map([['0', 200]]));
  });

  test('leaves a page that remembers little time to ask again before it forgets', () => {
    const short = Array.from({ length: 900 }, (_, index) => point(index / 10, (index + 1) / 10, { 0: 1 }));
    expect(boundaryFor(short)).toBe(45 * second);
    expect(boundaryFor([])).toBeUndefined();
  });

  test('is all the server’s where windows overlap', () => {
    const hopping = [point(61_000, 61_005, { 0: 5 }), point(61_001, 61_006, { 0: 5 })];
    expect(boundaryFor(hopping)).toBeUndefined();
    expect(countsSince(midnight, { to: 61_020 * second, counts: { 0: 9 } }, hopping)).toEqual(new Map([['0', 9]]));
  });
});
