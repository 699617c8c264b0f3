import { expect, test } from 'vitest';
import { memoryStore } from '../../../src/store/memory.ts';
import { storedRanges } from '../../../src/web/history/stored-range.ts';
import { windowAt } from '../../store/_contract.ts';
import { gender, midnight, storeOf } from './_windows.ts';

const run = (first: number, length: number) =>
  Array.from({ length }, (_, index) => windowAt(midnight + first + index, { 0: 1, 1: 2 }));
const at = (second: number) => (midnight + second) * 1_000;

test('it goes from the oldest window to the end of the newest, all of which are there', async () => {
  const { stored } = await storeOf([...run(30, 5), ...run(90_000, 7)]);
  expect(stored).toEqual({
    ...{ from: at(30), to: at(90_007), shape: { kind: 'tumbling', size: 1_000 } },
    complete: { window: Number.NEGATIVE_INFINITY, minute: Number.NEGATIVE_INFINITY },
    counts: { window: 2, minute: 2, hour: 2 },
  });
});

test.each([
  ['in the first minute', 31, 0],
  ['in a later one', 200, 0],
])('windows that were taken out %s are missing up to the next whole minute', async (_, pruned, from) => {
  const { stored } = await storeOf(run(0, 300), at(pruned));
  expect(stored).toMatchObject({ from: at(from), complete: { window: at(Math.ceil(pruned / 60) * 60) } });
});

test('minutes that a memory has no room for are told from hours', async () => {
  const store = memoryStore({ capacity: 120 });
  // A day of minutes is kept, of the two days that have a window in each.
  await store.put(Array.from({ length: 2 * 1_440 }, (_, minute) => windowAt(midnight + minute * 60, { 0: 1 })));
  const stored = await storedRanges(store)(gender);
  expect(stored?.from).toBe(at(0));
  expect(stored?.complete.minute).toBe(at((48 - 26) * 3_600));
  expect(stored?.complete.window).toBe(at((2 * 1_440 - 120) * 60));
});

test('what was found before is found again when windows come, also older ones, and when they go', async () => {
  const { store } = await storeOf([]);
  const storedOf = storedRanges(store);
  expect(await storedOf(gender)).toBeUndefined();
  const from = async () => (await storedOf(gender))?.from;
  await store.put(run(1_000, 10));
  expect(await from()).toBe(at(1_000));
  await store.put(run(5_000_000, 10));
  expect(await from()).toBe(at(1_000));
  await store.put(run(-700_000, 3));
  expect(await from()).toBe(at(-700_000));
  await store.prune(at(2_000));
  expect(await storedOf(gender)).toMatchObject({
    from: at(Math.floor(-700_000 / 60) * 60),
    complete: { window: at(Math.ceil(5_000_000 / 60) * 60) },
  });
});

test('the shape is that of the windows which are there, whatever the pipeline says', async () => {
  const of = async (...ends: [start: number, end: number][]) => {
    const windows = ends.map(([start, end]) => windowAt(midnight + start, { 0: 1 }, { end: at(end) }));
    return (await storeOf(windows)).stored?.shape;
  };
  expect(await of([0, 5], [5, 10])).toEqual({ kind: 'tumbling', size: 5_000 });
  expect(await of([0, 5], [2, 7])).toEqual({ kind: 'hopping', size: 5_000, slide: 2_000 });
  expect(await of([0, 5], [0, 10])).toEqual({ kind: 'cumulative', size: 10_000, step: 5_000 });
});

test('it takes few questions to find out, and none of them is answered with more than a few hours', async () => {
  const { store } = await storeOf([...run(0, 2_000), ...run(3_000_000, 2_000)]);
  let [questions, most] = [0, 0];
  const { series } = store;
  store.series = async (pipeline, query) => {
    const windows = await series(pipeline, query);
    questions += 1;
    most = Math.max(most, windows.length);
    return windows;
  };
  const storedOf = storedRanges(store);
  await storedOf(gender);
  expect(questions).toBeLessThan(100);
  questions = 0;
  await storedOf(gender);
  expect([questions < 40, most <= 60]).toEqual([true, true]);
});
