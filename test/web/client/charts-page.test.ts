import { describe, expect, test } from 'vitest';
import {
  moveBy,
  periodAt,
  pointsFor,
  roundSpan,
  shiftOf,
  wholePoints,
  zoomBy,
  zoomWithin,
} from '../../../src/web/client/pages/charts/periods.ts';
import { drawnGroups, groupOf, slotsFor } from '../../../src/web/client/pages/charts/values.ts';
import { type ChartView, firstView, queryOf, viewFrom } from '../../../src/web/client/pages/charts/view.ts';
import type { PipelineInfo } from '../../../src/web/messages.ts';

const label = (text: string) => ({ zh: text, en: text });
const gender: PipelineInfo = {
  name: 'gender',
  title: label('Gender'),
  window: 1_000,
  labels: { 0: label('Female'), 1: label('Male'), 2: label('?') },
  unknown: ['2', 'NULL'],
};
const category: PipelineInfo = { ...gender, name: 'category', labels: {} };
const naming = { language: 'en', unknownName: 'Unknown', emptyName: '(empty)' } as const;
const _point = (second: number, counts: Record<string, number>, seconds = 1) => ({
  start: second * 1_000,
  end: (second + seconds) * 1_000,
  revision: 0,
  counts,
});
const minute = 60_000;

describe('the address', () => {
  const view: ChartView = {
    pipeline: 'category',
    values: ['1271', 'a,b & c', ''],
    top: undefined,
    unknown: true,
    range: { from: 1_700_000_000_000, to: 1_700_000_300_500 },
    type: 'area',
    unit: 'count',
    compare: true,
    zoom: { from: 1_700_000_100_000, to: 1_700_000_200_000 },
    hidden: ['1271'],
  };

  test('says all of the view, and says it again', () => {
    expect(viewFrom(new URLSearchParams(queryOf(view).toString()))).toEqual(view);
    const live: ChartView = { ...firstView, pipeline: 'age', range: '7d', top: 8 };
    expect(viewFrom(queryOf(live))).toEqual(live);
    expect(viewFrom(queryOf({ ...view, values: [] })).values).toEqual([]);
  });

  test('has fixed times for a fixed range and none for one that goes on with the clock', () => {
    expect(queryOf(view).get('from')).toBe('2023-11-14T22:13:20Z');
    expect(queryOf({ ...firstView, range: '1h' }).toString()).toBe('range=1h&type=line');
  });

  test('that says something wrong is as if it did not say it', () => {
    const query = new URLSearchParams(
      'range=9m&type=radar&unit=x&top=7&from=5000&to=1000&zoom-from=1&zoom-to=9999999999999999',
    );
    expect(viewFrom(query)).toEqual(firstView);
  });
});

describe('the period', () => {
  const density = { type: 'line', window: 1_000, perWindow: 4, inAll: 4 } as const;

  test('of a live range ends with the last whole window, that of a fixed one where it says', () => {
    expect(periodAt('5m', 600_999, 1_000)).toEqual({ from: 300_000, to: 600_000 });
    expect(periodAt({ from: 1, to: 2 }, 600_999, 1_000)).toEqual({ from: 1, to: 2 });
    expect(periodAt('all', 600_999, 1_000)).toBeUndefined();
    expect(periodAt('all', 600_999, 1_000, { from: 5_000, to: 9_000 })).toEqual({ from: 5_000, to: 9_000 });
  });

  test('is asked for in points of a round time', () => {
    expect(roundSpan(5 * minute, density)).toBe(1_000);
    expect(roundSpan(60 * minute, density)).toBe(10_000);
    expect(roundSpan(24 * 60 * minute, density)).toBe(5 * minute);
    expect(roundSpan(7 * 24 * 60 * minute, density)).toBe(30 * minute);
    expect(roundSpan(5 * minute, { ...density, type: 'bar' })).toBe(5_000);
    expect(roundSpan(3_000 * 24 * 60 * minute, density)).toBe(8 * 24 * 60 * minute);
    expect(pointsFor({ from: 500, to: 500 + 60 * minute }, density)).toBe(361);
  });

  test('is asked for in fewer points where each carries thousands of values', () => {
    const many = { ...density, perWindow: 64, inAll: 2_048 };
    expect(roundSpan(5 * minute, many)).toBe(1_000);
    const span = roundSpan(24 * 60 * minute, many);
    expect(((24 * 60 * minute) / span) * 2_048).toBeLessThanOrEqual(120_000);
  });

  test('has one before it of the same length, in whole points', () => {
    expect(shiftOf({ from: 0, to: 5 * minute }, 1_000)).toBe(5 * minute);
    expect(shiftOf({ from: 500, to: 95_500 }, 60_000)).toBe(120_000);
  });

  test('goes to whole points, but not beyond now while it is live', () => {
    expect(wholePoints({ from: 61_000, to: 185_000 }, minute, false)).toEqual({ from: minute, to: 4 * minute });
    expect(wholePoints({ from: 61_000, to: 185_000 }, minute, true)).toEqual({ from: minute, to: 185_000 });
  });
});

describe('zooming', () => {
  const period = { from: 0, to: 300_000 };

  test('is to whole windows, five at least, and within the period', () => {
    expect(zoomWithin({ from: 10_400, to: 20_300 }, period, 1_000)).toEqual({ from: 10_000, to: 20_000 });
    expect(zoomWithin({ from: 10_000, to: 10_100 }, period, 1_000)).toEqual({ from: 10_000, to: 15_000 });
    expect(zoomWithin({ from: 295_000, to: 310_000 }, period, 1_000)).toEqual({ from: 285_000, to: 300_000 });
  });

  test('to nearly everything is none', () => {
    expect(zoomWithin({ from: 1_000, to: 300_000 }, period, 1_000)).toBeUndefined();
  });

  test('by buttons goes closer about the middle, wider, and to both sides', () => {
    expect(zoomBy(0.5, period, period, 1_000)).toEqual({ from: 75_000, to: 225_000 });
    expect(zoomBy(2, { from: 75_000, to: 225_000 }, period, 1_000)).toBeUndefined();
    expect(moveBy(-0.5, { from: 75_000, to: 225_000 }, period, 1_000)).toEqual({ from: 0, to: 150_000 });
    expect(moveBy(0.5, { from: 100_000, to: 120_000 }, period, 1_000)).toEqual({ from: 110_000, to: 130_000 });
  });
});

describe('values', () => {
  test('that are called the same are one, and so are those that mean not known', () => {
    const age = { ...gender, labels: { 7: label('≥50'), 8: label('≥50') }, unknown: ['0'] };
    expect(groupOf('8', age, naming)).toMatchObject({ id: '7', keys: ['7', '8'] });
    expect(groupOf('NULL', gender, naming)).toMatchObject({ id: '2', name: 'Unknown', keys: ['2', 'NULL'] });
    expect(groupOf('', category, naming).name).toBe('(empty)');
  });

  test('are drawn in their own order when few have names, else by what was counted; unknown only when asked', () => {
    const names = (view: Partial<ChartView>, counts: Record<string, number>, pipeline: PipelineInfo) =>
      drawnGroups({ ...firstView, ...view }, counts, pipeline, naming).map(({ name }) => name);
    expect(names({}, { 1: 9, 0: 1, 2: 5 }, gender)).toEqual(['Female', 'Male']);
    expect(names({ unknown: true }, { 1: 9 }, gender)).toEqual(['Female', 'Male', 'Unknown']);
    const counts = { a: 1, b: 7, c: 3, d: 3, e: 9, f: 2, NULL: 99 };
    expect(names({}, counts, category)).toEqual(['e', 'b', 'c', 'd', 'f']);
    expect(names({ top: 3 }, counts, category)).toEqual(['e', 'b', 'c']);
    expect(names({ values: ['f', 'z'] }, counts, category)).toEqual(['f', 'z']);
  });

  test('keep their colour while others come and go', () => {
    const groups = (...keys: string[]) => keys.map((key) => groupOf(key, category, naming));
    const first = slotsFor(groups('a', 'b', 'c'), 'category');
    const later = slotsFor(groups('c', 'd', 'a'), 'category', first);
    expect(later.get('a')).toEqual(first.get('a'));
    expect(later.get('c')).toEqual(first.get('c'));
    expect(later.get('d')).toEqual(first.get('b'));
    expect(slotsFor([groupOf('0', gender, naming)], 'gender').get('0')?.kind).toBe('female');
  });
});
