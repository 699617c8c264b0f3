import { expect, test } from 'vitest';
import { oldestStart, type StoredWindowsQuery, storedWindows } from '../../src/records/stored-windows.ts';
import type { WindowCount } from '../../src/records/window-count.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { windowAt } from '../store/_contract.ts';

const storeOf = async (windows: readonly WindowCount[]) => {
  const store = memoryStore({ capacity: 100_000, mostCounts: 10_000_000 });
  await store.put(windows);
  return store;
};

async function pagesOf(windows: readonly WindowCount[], query?: StoredWindowsQuery) {
  const pages: WindowCount[][] = [];
  for await (const page of storedWindows(await storeOf(windows), 'gender', query)) pages.push(page);
  return pages;
}

const seconds = (first: number, count: number, keys = 1) =>
  Array.from({ length: count }, (_, index) => {
    const counts = Array.from({ length: keys }, (_value, key) => [key, index + 1]);
    return windowAt(first + index, Object.fromEntries(counts));
  });

test('all windows come, once and in order, in pages that are bounded', async () => {
  const windows = seconds(1_700_000_000, 20_000);
  const pages = await pagesOf(windows);
  expect(pages.flat()).toEqual(windows);
  expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(2_000);
  expect(pages.length).toBeLessThan(40);
});

test('pages of windows with many values hold few windows', async () => {
  const pages = await pagesOf(seconds(1_700_000_000, 600, 1_000));
  expect(pages.flat()).toHaveLength(600);
  const counts = pages.map((page) => page.reduce((sum, window) => sum + window.counts.size, 0));
  expect(Math.max(...counts)).toBeLessThan(70_000);
});

test('years without windows are passed over', async () => {
  const windows = [
    ...seconds(-5_000_000, 2),
    ...seconds(0, 1),
    ...seconds(1_000_000_000, 3),
    ...seconds(2_000_000_000, 2),
  ];
  expect((await pagesOf(windows)).flat()).toEqual(windows);
});

test('more windows of one start than a page holds come together', async () => {
  const windows = Array.from({ length: 3_000 }, (_, step) => windowAt(0, { 0: step + 1 }, { end: (step + 1) * 1_000 }));
  const all = [...windows, ...seconds(86_400, 2)];
  expect((await pagesOf(all)).flat()).toEqual(all);
});

test('a query takes those that start in it, also as sums', async () => {
  const windows = seconds(1_700_000_000, 300);
  const starts = (pages: WindowCount[][]) => pages.flat().map(({ start }) => start / 1_000 - 1_700_000_000);
  expect(starts(await pagesOf(windows, { from: 1_700_000_010_000, to: 1_700_000_013_000 }))).toEqual([10, 11, 12]);
  expect(starts(await pagesOf(windows, { from: 1_700_000_298_500 }))).toEqual([299]);
  expect(starts(await pagesOf(windows, { to: 1_700_000_002_000 }))).toEqual([0, 1]);
  expect(await pagesOf(windows, { from: 1_800_000_000_000 })).toEqual([]);
  const sums = (await pagesOf(windows, { resolution: 'minute' })).flat();
  expect(sums.map(({ end, start }) => end - start)).toEqual([60_000, 60_000, 60_000, 60_000, 60_000, 60_000]);
  expect(sums.reduce((sum, { counts }) => sum + (counts.get('0') ?? 0), 0)).toBe((300 * 301) / 2);
});

test('nothing comes of a pipeline that was never stored', async () => {
  expect(await pagesOf([])).toEqual([]);
});

test.each([0, 7, 1_700_000_000, -3])('the first window is found at %d s', async (second) => {
  const store = await storeOf([...seconds(second, 3), ...seconds(second + 500_000, 2)]);
  expect(await oldestStart(store, 'gender', (second + 500_001) * 1_000)).toBe(second * 1_000);
});
