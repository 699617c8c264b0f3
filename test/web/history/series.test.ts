import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSeries, type SeriesRequest } from '../../../src/web/history/series.ts';
import { windowAt } from '../../store/_contract.ts';
import { addedUp, counted, gender, midnight, storeOf, timeOfDays, windowsOfDays } from './_windows.ts';

const auto: SeriesRequest = { resolution: 'auto', points: 2_000 };
const run = (first: number, length: number, counts: Record<string, number> = { 0: 1, 1: 2 }) =>
  Array.from({ length }, (_, index) => windowAt(midnight + first + index, counts));

test('however a time is cut into points, each holds what was counted in it, and none is lost', async () => {
  const asked = fc.record({
    windows: windowsOfDays,
    from: fc.option(timeOfDays, { nil: undefined }),
    to: fc.option(timeOfDays, { nil: undefined }),
    points: fc.integer({ min: 2, max: 2_000 }),
    pruned: fc.option(timeOfDays, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ windows, from, to, points, pruned }) => {
      if (from !== undefined && to !== undefined && from > to) return;
      const { store, stored } = await storeOf(windows, pruned);
      const answer = await readSeries(store, gender, stored, { ...auto, points, from, to });
      const { series, span } = answer;
      expect(series.length).toBeLessThanOrEqual(points);
      for (const { start, end, counts } of series) {
        expect([start % span, end - start]).toEqual([0, span]);
        expect(counted(counts)).toEqual(addedUp(windows, start, end));
      }
      const sum: Record<string, number> = {};
      for (const { counts } of series)
        for (const [key, count] of Object.entries(counted(counts))) sum[key] = (sum[key] ?? 0) + count;
      expect(sum).toEqual(addedUp(windows, answer.from ?? 0, answer.to ?? 0));
      expect(answer.from).toBeLessThanOrEqual(from ?? Number.POSITIVE_INFINITY);
      expect(answer.to).toBeGreaterThanOrEqual(to ?? Number.NEGATIVE_INFINITY);
    }),
    { numRuns: 150 },
  );
});

test('points are windows, then neighbours together, then minutes, then hours, as the time gets longer', async () => {
  const { store, stored } = await storeOf([...run(0, 10), ...run(10 * 86_400, 10)]);
  const end = (midnight + 10 * 86_400 + 10) * 1_000;
  const chosen = async (length: number) => {
    const { resolution, span } = await readSeries(store, gender, stored, {
      ...auto,
      from: end - length * 1_000,
      to: end,
    });
    return `${resolution} ${span / 1_000}`;
  };
  expect(await chosen(20)).toBe('window 1');
  expect(await chosen(2_000)).toBe('window 1');
  expect(await chosen(3_600)).toBe('window 2');
  expect(await chosen(9_000)).toBe('window 5');
  expect(await chosen(6 * 3_600)).toBe('minute 60');
  expect(await chosen(5 * 86_400)).toBe('minute 300');
  expect(await chosen(20 * 86_400)).toBe('minute 600');
});

test('months are hours', async () => {
  const { store, stored } = await storeOf([...run(-200 * 86_400, 10), ...run(0, 10)]);
  const { resolution, span, series } = await readSeries(store, gender, stored, auto);
  expect([resolution, span]).toEqual(['hour', 3 * 3_600_000]);
  expect(series.map(({ counts }) => counts)).toEqual([
    { 0: 10, 1: 20 },
    { 0: 10, 1: 20 },
  ]);
});

test('windows that were taken out are told from the sums of their minutes', async () => {
  const { store, stored } = await storeOf(run(0, 300), (midnight + 90) * 1_000);
  const { resolution, series } = await readSeries(store, gender, stored, auto);
  expect([resolution, series.length, series[0]?.counts]).toEqual(['minute', 5, { 0: 60, 1: 120 }]);
  const from = (midnight + 120) * 1_000;
  expect((await readSeries(store, gender, stored, { ...auto, from })).resolution).toBe('window');
});

test('windows of many values make fewer points, so that an answer stays small', async () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, key) => [`k${key}`, 1]));
  const { store, stored } = await storeOf(run(0, 900, many));
  const { resolution, series } = await readSeries(store, gender, stored, auto);
  expect([resolution, series.length]).toEqual(['minute', 15]);
});

test('many windows of many values are read in turns, and come as they are', async () => {
  const many = (second: number) => Object.fromEntries(Array.from({ length: 300 }, (_, key) => [`k${key}`, second]));
  const windows = Array.from({ length: 400 }, (_, second) => windowAt(midnight + second, many(second)));
  const { store, stored } = await storeOf(windows);
  let most = 0;
  const { series } = store;
  store.series = async (...query) => {
    const page = await series(...query);
    most = Math.max(
      most,
      page.reduce((sum, { counts }) => sum + counts.size, 0),
    );
    return page;
  };
  const answer = await readSeries(store, gender, stored, auto);
  expect(answer.series).toEqual(
    windows.map(({ start, end, revision, counts }) => ({ start, end, revision, counts: Object.fromEntries(counts) })),
  );
  const newest = await readSeries(store, gender, stored, { ...auto, resolution: 'window', limit: 250 });
  expect(newest.series).toEqual(answer.series.slice(-250));
  expect(most).toBeLessThanOrEqual(100 * 300);
});

test('of windows that overlap, those that hold each record once are summed up', async () => {
  // Five seconds long, one every second: each record is in five of them.
  const windows = Array.from({ length: 3_000 }, (_, index) =>
    windowAt(midnight + index, { 0: 5 }, { end: (midnight + index + 5) * 1_000 }),
  );
  const { store, stored } = await storeOf(windows);
  const summed = await readSeries(store, gender, stored, auto);
  expect([summed.window, summed.resolution, summed.span]).toEqual([5_000, 'minute', 60_000]);
  expect(summed.series[0]?.counts).toEqual({ 0: 60 });
  const from = (midnight + 2_000) * 1_000;
  const asCounted = await readSeries(store, gender, stored, { ...auto, from });
  expect([asCounted.resolution, asCounted.series.length, asCounted.series[0]?.counts]).toEqual([
    'window',
    1_000,
    { 0: 5 },
  ]);
});

test('a cumulative day is its longest window', async () => {
  const pipeline = { ...gender, window: 86_400_000, step: 1_000 };
  const windows = [0, 86_400].flatMap((day) =>
    Array.from({ length: 3_000 }, (_, index) =>
      windowAt(midnight + day, { 0: index + 1 }, { end: (midnight + day + index + 1) * 1_000 }),
    ),
  );
  const { store, stored } = await storeOf(windows);
  if (!stored) throw new Error('nothing is stored');
  const shape = { kind: 'cumulative' as const, size: 86_400_000, step: 1_000 };
  const { span, series } = await readSeries(store, pipeline, { ...stored, shape }, auto);
  expect([span, series.map(({ counts }) => counts)]).toEqual([86_400_000, [{ 0: 3_000 }, { 0: 3_000 }]]);
});

test('a limit takes the newest windows as they are, and says from when on', async () => {
  const { store, stored } = await storeOf(run(0, 50));
  const { resolution, from, series } = await readSeries(store, gender, stored, { ...auto, limit: 3 });
  expect([resolution, series.length, from]).toEqual(['window', 3, (midnight + 47) * 1_000]);
});

test('of a pipeline without windows there is no time', async () => {
  const { store, stored } = await storeOf([]);
  expect(await readSeries(store, gender, stored, auto)).toMatchObject({ from: null, to: null, series: [] });
});
