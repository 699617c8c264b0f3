import { assert, boolean, constantFrom, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divideRows, leastRows } from '../../src/tui/divide-rows.ts';

const wishes = { stages: 3, lists: 6, log: 'if-room', error: false } as const;

describe('divideRows', () => {
  test('the fewest rows are the chart and the three fixed lines', () => {
    expect(divideRows(leastRows, wishes)).toMatchObject({ plot: 3, numbers: 1, stages: 0, lists: 0, log: 0 });
  });

  test('thirty rows hold everything but the log', () => {
    expect(divideRows(30, wishes)).toEqual({
      plot: 9,
      numbers: 3,
      stages: 3,
      lists: 6,
      log: 0,
      error: 0,
      gaps: { header: 1, numbers: 1, stages: 1, lists: 1, keys: 1 },
    });
  });

  test('the log comes when asked for, before anything else may grow', () => {
    expect(divideRows(20, { ...wishes, log: 'asked' }).log).toBe(6);
    expect(divideRows(20, wishes).log).toBe(0);
  });

  test('a failure has its line even where there is hardly room', () => {
    expect(divideRows(leastRows + 1, { ...wishes, error: true }).error).toBe(1);
  });

  test('the chart takes what is left', () => {
    expect(divideRows(60, wishes).plot - divideRows(50, wishes).plot).toBe(10);
  });

  test('every row is given out, once, and the chart never has fewer than three', () => {
    assert(
      property(
        integer({ min: leastRows, max: 200 }),
        integer({ min: 0, max: 3 }),
        integer({ min: 0, max: 60 }),
        constantFrom('asked', 'if-room', 'none'),
        boolean(),
        (rows, stages, lists, log, error) => {
          const { gaps, ...parts } = divideRows(rows, { stages, lists, log, error });
          const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
          // Header and keys, and the chart's axis and times.
          expect(sum(Object.values(parts)) + sum(Object.values(gaps)) + 4).toBe(rows);
          expect(parts.plot).toBeGreaterThanOrEqual(3);
        },
      ),
    );
  });
});
