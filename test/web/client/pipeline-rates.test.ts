import { describe, expect, test } from 'vitest';
import {
  latestOf,
  measured,
  type Sample,
  sampleOf,
  sparkPath,
  storedPerSecond,
  windowsPerSecond,
  withSample,
} from '../../../src/web/client/pages/pipeline/rates.ts';
import type { StageStatus } from '../../../src/web/messages.ts';

const produceAt = (rate: number): StageStatus => ({
  produce: { source: 'log.csv', state: 'running', rows: 0, rejected: 0, rate, target: 100, percent: null },
});
const storedAt = (windows: number): StageStatus => ({
  store: { kind: 'memory', readOnly: false, windows, reachable: true },
});

/** The samples after statuses that came at these seconds. */
const seen = (...statuses: [second: number, status: StageStatus][]): readonly Sample[] =>
  statuses.reduce<readonly Sample[]>(
    (kept, [second, status]) => withSample(kept, sampleOf(status, undefined, second * 1_000)),
    [],
  );

describe('samples', () => {
  test('hold one second each, the last status of it', () => {
    const samples = seen([10, produceAt(1)], [10.4, produceAt(2)], [11, produceAt(3)]);
    expect(samples).toEqual([
      { second: 10, produce: 2 },
      { second: 11, produce: 3 },
    ]);
  });

  test('go back little more than a minute', () => {
    const samples = seen(
      ...Array.from({ length: 200 }, (_, second) => [second, produceAt(second)] as [number, StageStatus]),
    );
    expect(samples.length).toBeLessThan(70);
    expect(samples.at(-1)).toEqual({ second: 199, produce: 199 });
  });

  test('leave out what a process does not know', () => {
    expect(sampleOf({}, undefined, 5_000)).toEqual({ second: 5 });
  });
});

describe('a series', () => {
  test('has a value for each of the last 60 whole seconds, and none where nothing was heard', () => {
    const series = measured(seen([98, produceAt(7)], [100, produceAt(9)]), 'produce', 101_300);
    expect(series).toHaveLength(60);
    expect(series.slice(-4)).toEqual([null, 7, null, 9]);
    expect(latestOf(series)).toBe(9);
    expect(latestOf(measured([], 'produce', 101_300))).toBeUndefined();
  });

  test('of stored windows is how many more there are, evened out over five seconds', () => {
    const statuses = [0, 5, 10, 15, 20, 25, 40].map(
      (windows, second) => [second, storedAt(windows)] as [number, StageStatus],
    );
    expect(storedPerSecond(seen(...statuses), 7_000).slice(-3)).toEqual([5, 5, 7]);
  });

  test('of stored windows does not go below zero when the server is started again', () => {
    const samples = seen([1, storedAt(500)], [2, storedAt(505)], [3, storedAt(2)]);
    expect(storedPerSecond(samples, 4_000).slice(-2)).toEqual([5, null]);
  });

  test('of windows counts those of all pipelines by the second in which they ended', () => {
    const ends = (...seconds: number[]) => seconds.map((second) => ({ end: second * 1_000 }));
    const windows = new Map([
      ['gender', ends(1, 96, 97, 98, 99, 100)],
      ['age', ends(98, 99, 100)],
    ]);
    const series = windowsPerSecond(windows, 101_500);
    expect(series.at(-1)).toBe(8 / 5);
    expect(series.at(-6)).toBe(0);
  });
});

test('a line begins anew after a gap, and its greatest value is at the top', () => {
  expect(sparkPath([1, null, 2, 0], 30, 10)).toBe('M0.0 5.0M20.0 0.0L30.0 10.0');
  expect(sparkPath([null, null], 30, 10)).toBe('');
  expect(sparkPath([0, 0], 30, 10)).toBe('M0.0 10.0L30.0 10.0');
});
