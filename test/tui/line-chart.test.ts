import { array, assert, constant, integer, oneof, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisTop, chartSpan, lineChart } from '../../src/tui/line-chart.ts';
import { noon, textOf, utc, widest } from './_states.ts';

const chartOf = (values: readonly (readonly (number | null)[])[], columns: number, rows: number) =>
  lineChart(
    {
      series: values.map((points, index) => ({
        label: ['female', 'male', '内蒙古'][index] ?? '',
        tone: 'text',
        points,
      })),
      from: noon - 60_000,
      to: noon,
      clock: utc,
    },
    columns,
    rows,
  );

describe('axisTop', () => {
  test('the top is a round number just above the greatest value', () => {
    expect([0, 3, 5, 11, 47, 64, 101, 150, 81_000].map(axisTop)).toEqual([4, 4, 5, 12, 50, 80, 120, 160, 100_000]);
  });

  test('it is never below the value and never more than twice it', () => {
    assert(
      property(integer({ min: 5, max: 1e12 }), (value) => {
        expect(axisTop(value)).toBeGreaterThanOrEqual(value);
        expect(axisTop(value)).toBeLessThanOrEqual(value * 2);
      }),
    );
  });
});

test('a wider chart shows a longer time', () => {
  expect([40, 80, 100, 200].map(chartSpan)).toEqual([12, 30, 60, 120]);
});

describe('lineChart', () => {
  const lines = chartOf(
    [
      [8, 8, 8],
      [2, 2, 2],
    ],
    80,
    8,
  ).map(textOf);

  test('numbers stand where their values are, and zero on the axis', () => {
    expect(lines[0]).toMatch(/^8┤⠉/);
    expect(lines[4]).toMatch(/^4┤/);
    expect(lines[8]).toMatch(/^0┼─/);
  });

  test('each series ends with its mark, name and newest value', () => {
    expect(lines[0]).toMatch(/── female 8$/);
    expect(lines.filter((line) => line.endsWith('╌╌ male 2'))).toHaveLength(1);
  });

  test('names of series that end at one height stand under each other', () => {
    const equal = chartOf(
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      80,
      5,
    ).map(textOf);
    expect(equal.slice(2, 5).map((line) => line.replace(/^.*[│┤⣀] */, ''))).toEqual([
      '── female 0',
      '╌╌ male 0',
      '·· 内蒙古 0',
    ]);
  });

  test('where the names find no room beside it, they stand between the times', () => {
    const times = chartOf(
      [
        [8, 8],
        [2, 2],
      ],
      50,
      4,
    )
      .map(textOf)
      .at(-1);
    expect(times).toBe('  12:02:27  ── female  ╌╌ male            12:03:27');
  });

  test('times stand under their marks', () => {
    const [axis, times] = lines.slice(-2);
    const marks = [...(axis ?? '')].flatMap((char, column) => (char === '┬' ? [column] : []));
    expect(times).toMatch(/^12:02:27 .*12:02:47 .*12:03:07 .*12:03:27$/);
    expect(marks.slice(0, 2).map((column) => times?.slice(column - 4, column + 4))).toEqual(['12:02:47', '12:03:07']);
  });

  test('any values at any size make as many lines as were asked for, none too wide', () => {
    const points = array(oneof(constant(null), integer({ min: 0, max: 1e9 })));
    assert(
      property(
        array(points, { maxLength: 3 }),
        integer({ min: 20, max: 240 }),
        integer({ min: 3, max: 40 }),
        (values, columns, rows) => {
          const chart = chartOf(values, columns, rows);
          expect(chart).toHaveLength(rows + 2);
          expect(widest(chart)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
