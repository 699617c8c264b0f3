import { describe, expect, test } from 'vitest';
import type { SeriesAnswer } from '../../../src/web/answers.ts';
import { localTicks, scaleFor, steadyScale, tickText } from '../../../src/web/client/pages/charts/axis.ts';
import { chartData } from '../../../src/web/client/pages/charts/chart-data.ts';
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
const point = (second: number, counts: Record<string, number>, seconds = 1) => ({
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
    const query = new URLSearchParams('range=9m&type=radar&unit=x&top=7&from=5000&to=1000&zoom-from=abc&zoom-to=2');
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

describe('the axes', () => {
  test('start at zero and leave room above the greatest value, also below one', () => {
    expect(scaleFor(73, true)).toEqual({ top: 80, step: 10 });
    expect(scaleFor(0, true)).toEqual({ top: 4, step: 1 });
    expect(scaleFor(0.31, false)).toEqual({ top: 0.35, step: 0.05 });
  });

  test('do not jump with each point', () => {
    const tall = scaleFor(73, true);
    expect(steadyScale(tall, 45, true)).toBe(tall);
    expect(steadyScale(tall, 100, true).top).toBeGreaterThan(100);
    expect(steadyScale(tall, 20, true).top).toBeLessThan(40);
  });

  test('have ticks that are round on the clock of the reader', () => {
    const midnight = Date.UTC(2026, 10, 26, 16);
    const hours = localTicks(midnight, midnight + 24 * 60 * minute, 8, 480 * minute);
    expect(hours[1]).toBe(midnight + 180 * minute);
    const days = localTicks(midnight - 1, midnight + 30 * 24 * 60 * minute, 10, 480 * minute);
    expect(days.length).toBeLessThanOrEqual(11);
    expect(days.every((tick) => (tick + 480 * minute) % (24 * 60 * minute) === 0)).toBe(true);
  });

  test('say no more of a time than its step needs', () => {
    const noon = new Date(2026, 10, 27, 12, 30, 15).getTime();
    expect(tickText(noon, 1_000)).toBe('12:30:15');
    expect(tickText(noon, 5 * minute)).toBe('12:30');
    expect(tickText(new Date(2026, 10, 27).getTime(), 60 * minute)).toBe('11-27');
    expect(tickText(noon, 24 * 60 * minute)).toBe('11-27');
  });
});

describe('what is drawn', () => {
  const answer = (span: number, series: SeriesAnswer['series'], more: Partial<SeriesAnswer> = {}): SeriesAnswer => ({
    ...{ pipeline: 'gender', window: 1_000, resolution: 'window', span: span * 1_000, from: 0, to: 60_000 },
    series,
    ...more,
  });
  const drawn = (more: Partial<Parameters<typeof chartData>[0]>) =>
    chartData({
      view: { ...firstView, range: { from: 0, to: 10_000 }, unit: 'count' },
      pipeline: gender,
      naming,
      now: 100_000,
      windows: [],
      overview: answer(1, [point(1, { 0: 3 }), point(2, { 1: 5 }), point(5, { 0: 1, 1: 1 })]),
      detail: undefined,
      before: undefined,
      period: { from: 0, to: 10_000 },
      shown: { from: 0, to: 10_000 },
      shift: 10_000,
      ...more,
    });

  test('is zero where a point lacks a value, and a gap where a point is missing', () => {
    const { seen, sums } = drawn({});
    expect(seen.map(({ values, gap }) => [values, gap])).toEqual([
      [[3, 0], false],
      [[0, 5], false],
      [[1, 1], true],
    ]);
    expect(sums).toEqual({ 0: 4, 1: 6 });
  });

  test('is per second of the time that a point covers, of the newest only up to now', () => {
    const overview = answer(60, [point(0, { 0: 120 }, 60), point(60, { 0: 30 }, 60)], { resolution: 'minute' });
    const period = { from: 0, to: 75_000 };
    const { seen } = drawn({ view: { ...firstView }, overview, period, shown: period, now: 75_000 });
    expect(seen.map(({ values }) => values[0])).toEqual([2, 2]);
  });

  test('takes newer windows from the feed while it is live, and the higher revision of each', () => {
    const windows = [{ ...point(5, { 0: 9 }), revision: 1 }, point(6, { 0: 2 })];
    const { seen } = drawn({ view: { ...firstView, unit: 'count' }, windows });
    expect(seen.map(({ values }) => values[0])).toEqual([3, 0, 9, 2]);
    const older = drawn({ view: { ...firstView, unit: 'count' }, windows: [{ ...point(5, { 0: 9 }), revision: -1 }] });
    expect(older.seen.map(({ values }) => values[0])).toEqual([3, 0, 1]);
  });

  test('has the period before moved onto this one, with what was counted in it', () => {
    const before = answer(1, [point(-9, { 0: 7 }), point(-1, { 1: 2 })]);
    const data = drawn({ before });
    expect(data.before?.map(({ start, at, values }) => [start, at, values])).toEqual([
      [-9_000, 1_000, [7, 0]],
      [-1_000, 9_000, [0, 2]],
    ]);
    expect(data.beforeSums).toEqual({ 0: 7, 1: 2 });
    expect(drawn({ before: answer(1, []) }).beforeSums).toBeUndefined();
  });

  test('is as coarse as the coarser of both periods, so that points can be compared', () => {
    const before = answer(5, [point(-10, { 0: 10 }, 5)]);
    const { span, seen } = drawn({ before });
    expect(span).toBe(5_000);
    expect(seen.map(({ at, values }) => [at, values])).toEqual([
      [0, [3, 5]],
      [5_000, [1, 1]],
    ]);
  });

  test('is finer where a reader has zoomed in, and goes on at the sides', () => {
    const overview = answer(10, [point(0, { 0: 10 }, 10), point(10, { 0: 20 }, 10), point(20, { 0: 30 }, 10)]);
    const detail = answer(1, [point(12, { 0: 4 }), point(13, { 0: 5 })]);
    const data = drawn({
      overview,
      detail,
      period: { from: 0, to: 30_000 },
      shown: { from: 10_000, to: 20_000 },
    });
    expect(data.seen.map(({ at, values }) => [at, values[0]])).toEqual([
      [12_000, 4],
      [13_000, 5],
    ]);
    // Ten seconds of ten are one a second beside points of one second.
    expect(data.rows.map(({ at, values }) => [at, values[0]])).toEqual([
      [0, 1],
      [12_000, 4],
      [13_000, 5],
      [20_000, 3],
    ]);
    expect(data.sums).toEqual({ 0: 9 });
  });
});
