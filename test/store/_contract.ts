import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import type { WindowStore } from '../../src/records/window-store.ts';

/** A one-second window that starts at `second`. */
export const windowAt = (second: number, counts: Record<string, number>, more: Partial<WindowCount> = {}) => ({
  pipeline: 'gender',
  start: second * 1_000,
  end: (second + 1) * 1_000,
  revision: 0,
  lateDropped: 0,
  ...more,
  counts: new Map(Object.entries(counts)),
});

/** What every store must do, whatever it keeps its windows in. */
export function storeContract(open: () => Promise<WindowStore>): void {
  let store: WindowStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  const totals = async () => Object.fromEntries((await store.totals('gender')).counts);

  test('windows come back in the order of their time, whatever the order they came in', async () => {
    await store.put([windowAt(3, { 0: 3 }), windowAt(1, { 0: 1 })]);
    await store.put([windowAt(2, { 0: 2 })]);
    expect(await store.series('gender')).toEqual([windowAt(1, { 0: 1 }), windowAt(2, { 0: 2 }), windowAt(3, { 0: 3 })]);
  });

  test('a series is limited by half-open times and to the newest windows', async () => {
    await store.put([1, 2, 3, 4, 5].map((second) => windowAt(second, { 0: second })));
    const starts = async (query: { from?: number; to?: number; limit?: number }) =>
      (await store.series('gender', query)).map(({ start }) => start / 1_000);
    expect(await starts({ from: 2_000 })).toEqual([2, 3, 4, 5]);
    expect(await starts({ to: 4_000 })).toEqual([1, 2, 3]);
    expect(await starts({ from: 1_500, to: 3_001 })).toEqual([2, 3]);
    expect(await starts({ limit: 2 })).toEqual([4, 5]);
    expect(await starts({ from: 2_000, to: 5_000, limit: 2 })).toEqual([3, 4]);
    expect(await starts({ from: 4_000, to: 2_000 })).toEqual([]);
    expect(await starts({ limit: 0 })).toEqual([]);
  });

  test('windows, minutes and hours can be counted without being read', async () => {
    const counted = (query?: Parameters<WindowStore['count']>[1]) => store.count('gender', query);
    expect(await counted()).toBe(0);
    await store.put([1, 2, 3, 61, 3_601].map((second) => windowAt(second, { 0: 1, 1: second })));
    await store.put([windowAt(62, { 0: 1 }, { pipeline: 'age' })]);
    expect(await counted()).toBe(5);
    expect(await counted({ from: 2_000, to: 61_000 })).toBe(2);
    expect(await counted({ from: 61_000, to: 2_000 })).toBe(0);
    expect([await counted({ resolution: 'minute' }), await counted({ resolution: 'hour' })]).toEqual([3, 2]);
    expect(await counted({ resolution: 'minute', from: 60_000, to: 120_000 })).toBe(1);
    // Pruned windows are gone, their minutes stay; a correction may leave a minute without any counts.
    await store.put([windowAt(61, {}, { revision: 1 })]);
    await store.prune(3_000);
    expect([await counted(), await counted({ resolution: 'minute' })]).toEqual([3, 2]);
  });

  test('a correction replaces its window, in the series and in the totals', async () => {
    await store.put([windowAt(1, { 0: 3, 1: 5 }), windowAt(2, { 0: 1 })]);
    await store.put([windowAt(1, { 0: 4, 1: 5, 2: 1 }, { revision: 1 })]);
    expect(await store.series('gender', { to: 2_000 })).toEqual([windowAt(1, { 0: 4, 1: 5, 2: 1 }, { revision: 1 })]);
    expect(await totals()).toEqual({ 0: 5, 1: 5, 2: 1 });
    expect((await store.totals('gender')).windows).toBe(2);
  });

  test('a lower revision never overwrites a higher one', async () => {
    await store.put([windowAt(1, { 0: 4 }, { revision: 1 })]);
    await store.put([windowAt(1, { 0: 3 }, { revision: 0 })]);
    expect(await store.series('gender')).toEqual([windowAt(1, { 0: 4 }, { revision: 1 })]);
    expect(await totals()).toEqual({ 0: 4 });
  });

  test('the same window twice counts once, and a key that a later record lacks is gone', async () => {
    await store.put([windowAt(1, { 0: 3, 1: 2 })]);
    await store.put([windowAt(1, { 0: 3 })]);
    expect(await totals()).toEqual({ 0: 3 });
  });

  test('windows of one start and different ends are different windows', async () => {
    await store.put([windowAt(1, { 0: 1 }), windowAt(1, { 0: 2 }, { end: 3_000 })]);
    expect((await store.series('gender')).map(({ end }) => end)).toEqual([2_000, 3_000]);
  });

  const spanning = (start: number, end: number, count: number, revision = 0) =>
    windowAt(start, { 0: count }, { end: end * 1_000, revision });

  test('of cumulative windows the longest of each period makes the totals, whatever comes again or later', async () => {
    await store.put([spanning(0, 2, 5), spanning(0, 3, 7), spanning(0, 7, 9)]);
    expect(await totals()).toEqual({ 0: 9 });
    await store.put([spanning(0, 3, 8, 1), spanning(0, 6, 9), spanning(0, 7, 10, 1)]);
    expect(await totals()).toEqual({ 0: 10 });
    await store.put([spanning(10, 11, 1), spanning(10, 14, 3)]);
    expect(await totals()).toEqual({ 0: 13 });
    expect((await store.totals('gender')).windows).toBe(6);
  });

  test('of hopping windows those that follow each other make the totals', async () => {
    // One record in second 4, two in second 6; the windows are five seconds long and begin every second.
    await store.put([spanning(0, 5, 1), spanning(1, 6, 1), spanning(2, 7, 3), spanning(3, 8, 3)]);
    await store.put([spanning(4, 9, 3), spanning(5, 10, 2), spanning(6, 11, 2)]);
    expect(await totals()).toEqual({ 0: 3 });
    await store.put([spanning(5, 10, 3, 1), spanning(6, 11, 3, 1)]);
    expect(await totals()).toEqual({ 0: 4 });
    expect((await store.totals('gender')).windows).toBe(7);
  });

  test('pipelines do not mix, and an unknown one is empty', async () => {
    await store.put([windowAt(1, { 0: 1 }), windowAt(1, { 0: 9 }, { pipeline: 'age' })]);
    expect(await totals()).toEqual({ 0: 1 });
    expect(await store.series('nothing')).toEqual([]);
    expect(await store.totals('nothing')).toEqual({ counts: new Map(), windows: 0, lateDropped: 0, ignored: 0 });
  });

  test('keys may be any text', async () => {
    const counts = { __proto__x: 1, constructor: 2, '': 3, 浙江: 4, "a'b\\": 5 };
    await store.put([windowAt(1, counts)]);
    expect(await totals()).toEqual(counts);
  });

  test('keys that some databases take for the same are different keys', async () => {
    const alike = ['a', 'A', 'a ', ' a', 'é', 'e', 'e\u0301', 'ß', 'ss', '😀', '😁', '0', '00', '\ud800', '\udfff'];
    const counts = Object.fromEntries([...alike, 'x\0y', 'x\u2400y', 'x'].map((key, index) => [key, index + 1]));
    await store.put([windowAt(1, counts)]);
    await store.put([windowAt(2, counts)]);
    expect((await store.series('gender')).map((window) => Object.fromEntries(window.counts))).toEqual([counts, counts]);
    expect(await totals()).toEqual(Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count * 2])));
  });

  test('keys may be long, and numbers large', async () => {
    const counts = { ['長'.repeat(5_000)]: 1, [`${'長'.repeat(5_000)}!`]: 2, most: Number.MAX_SAFE_INTEGER };
    await store.put([windowAt(1, counts)]);
    expect(await store.series('gender')).toEqual([windowAt(1, counts)]);
    await store.put([windowAt(2, { most: Number.MAX_SAFE_INTEGER })]);
    expect((await totals()).most).toBe(Number.MAX_SAFE_INTEGER * 2);
  });

  test('a window may have no counts, and may lie before 1970', async () => {
    await store.put([windowAt(1, {}), windowAt(-61, { 0: 1 })]);
    expect(await store.series('gender')).toEqual([windowAt(-61, { 0: 1 }), windowAt(1, {})]);
    expect((await store.series('gender', { resolution: 'minute' })).map(({ start }) => start)).toEqual([-120_000]);
  });

  test('names of pipelines and partitions may be any text', async () => {
    const names = ['a', 'A', 'a ', 'x\0y', "a'b\\"];
    await store.put(
      names.map((pipeline) => windowAt(1, { [pipeline]: 1 }, { pipeline })),
      new Map(names.map((name, index) => [name, index])),
    );
    expect(await store.pipelines()).toEqual(names.toSorted());
    expect(await store.positions()).toEqual(new Map(names.map((name, index) => [name, index])));
    for (const name of names) expect((await store.totals(name)).counts).toEqual(new Map([[name, 1]]));
  });

  test('late records that were dropped are the highest number told', async () => {
    await store.put([windowAt(1, { 0: 1 }, { lateDropped: 7 }), windowAt(2, { 0: 1 }, { lateDropped: 4 })]);
    expect((await store.totals('gender')).lateDropped).toBe(7);
  });

  test('totals that were handed out do not change afterwards', async () => {
    await store.put([windowAt(1, { 0: 1 })]);
    const before = await store.totals('gender');
    await store.put([windowAt(2, { 0: 1 })]);
    expect(before.counts.get('0')).toBe(1);
  });

  test('positions are stored with windows, and those of other partitions stay', async () => {
    expect(await store.positions()).toEqual(new Map());
    await store.put([windowAt(1, { 0: 1 })], new Map([['result/0', 5]]));
    await store.put([windowAt(2, { 0: 1 })], new Map([['result/1', 2 ** 40]]));
    await store.put([], new Map([['result/0', 7]]));
    await store.put([windowAt(3, { 0: 1 })]);
    expect(await store.positions()).toEqual(
      new Map([
        ['result/0', 7],
        ['result/1', 2 ** 40],
      ]),
    );
  });

  test('names the pipelines that windows came from', async () => {
    expect(await store.pipelines()).toEqual([]);
    await store.put([windowAt(1, { 0: 1 }), windowAt(1, { 0: 9 }, { pipeline: 'age' })]);
    expect(await store.pipelines()).toEqual(['age', 'gender']);
  });

  const spans = async (resolution: 'minute' | 'hour', query: { from?: number; to?: number; limit?: number } = {}) =>
    (await store.series('gender', { ...query, resolution })).map(({ start, end, counts }) => [
      start / 1_000,
      end / 1_000,
      Object.fromEntries(counts),
    ]);

  test('a series is summed up per minute and per hour', async () => {
    await store.put([windowAt(59, { 0: 1 }), windowAt(60, { 0: 2, 1: 3 }), windowAt(119, { 0: 4 })]);
    await store.put([windowAt(3_600, { 2: 5 }), windowAt(60, { 0: 3 }, { revision: 1 })]);
    expect(await spans('minute')).toEqual([
      [0, 60, { 0: 1 }],
      [60, 120, { 0: 7 }],
      [3_600, 3_660, { 2: 5 }],
    ]);
    expect(await spans('hour')).toEqual([
      [0, 3_600, { 0: 8 }],
      [3_600, 7_200, { 2: 5 }],
    ]);
    expect(await spans('minute', { limit: 1 })).toEqual([[3_600, 3_660, { 2: 5 }]]);
    expect(await spans('minute', { from: 1, to: 3_600_000 })).toEqual([[60, 120, { 0: 7 }]]);
  });

  test('what is taken out stays in totals, minutes and hours, and the newest window stays', async () => {
    await store.put([1, 2, 70, 71].map((second) => windowAt(second, { 0: second })));
    expect(await store.prune(2_999)).toBe(1);
    expect(await store.prune(2_999)).toBe(0);
    expect((await store.series('gender')).map(({ start }) => start / 1_000)).toEqual([2, 70, 71]);
    expect(await store.prune(Number.MAX_SAFE_INTEGER)).toBe(2);
    expect(await store.series('gender')).toEqual([windowAt(71, { 0: 71 })]);
    expect(await store.totals('gender')).toMatchObject({ counts: new Map([['0', 144]]), windows: 4, ignored: 0 });
    expect(await spans('minute')).toEqual([
      [0, 60, { 0: 3 }],
      [60, 120, { 0: 141 }],
    ]);
  });

  test('a correction of what was taken out is ignored and counted, one of what is still there is not', async () => {
    await store.put([1, 2, 3].map((second) => windowAt(second, { 0: 1 })));
    await store.prune(2_000);
    await store.put([windowAt(1, { 0: 9 }, { revision: 1 }), windowAt(2, { 0: 5 }, { revision: 1 })]);
    expect(await store.totals('gender')).toMatchObject({ counts: new Map([['0', 7]]), windows: 3, ignored: 1 });
    expect(await spans('minute')).toEqual([[0, 60, { 0: 7 }]]);
  });

  test('a cumulative window that goes on after its shorter ones were taken out counts once', async () => {
    await store.put([spanning(0, 2, 5), spanning(0, 3, 7)]);
    expect(await store.prune(3_000)).toBe(1);
    await store.put([spanning(0, 4, 8)]);
    expect(await store.prune(4_000)).toBe(1);
    await store.put([spanning(10, 11, 1)]);
    expect(await totals()).toEqual({ 0: 9 });
    expect(await spans('minute')).toEqual([[0, 60, { 0: 9 }]]);
  });
}
