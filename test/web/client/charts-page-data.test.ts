import { describe, expect, test, vi } from 'vitest';
import type { SeriesAnswer } from '../../../src/web/answers.ts';
import { localTicks, scaleFor, steadyScale, tickText } from '../../../src/web/client/pages/charts/axis.ts';
import { chartData } from '../../../src/web/client/pages/charts/chart-data.ts';
import { firstView } from '../../../src/web/client/pages/charts/view.ts';
import type { PipelineInfo } from '../../../src/web/messages.ts';

const label = (text: string) => ({ zh: text, en: text });
const gender: PipelineInfo = {
  name: 'gender',
  title: label('Gender'),
  window: 1_000,
  labels: { 0: label('Female'), 1: label('Male'), 2: label('?') },
  unknown: ['2', 'NULL'],
};
const _category: PipelineInfo = { ...gender, name: 'category', labels: {} };
const naming = { language: 'en', unknownName: 'Unknown', emptyName: '(empty)' } as const;
const point = (second: number, counts: Record<string, number>, seconds = 1) => ({
  start: second * 1_000,
  end: (second + seconds) * 1_000,
  revision: 0,
  counts,
});
const minute = 60_000;

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

  test('take the zone of the reader into account once', () => {
    const zone = vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(-480);
    const evening = Date.UTC(2026, 10, 26, 11, 20);
    const ticks = localTicks(evening, evening + 30 * 60 * minute, 8);
    zone.mockRestore();
    expect(ticks).toHaveLength(5);
    expect(ticks.every((tick) => (tick + 480 * minute) % (6 * 60 * minute) === 0)).toBe(true);
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
