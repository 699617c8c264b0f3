import { expect, test } from 'vitest';
import { withRecentWindows } from '../../../src/commands/serve/recent-windows.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import type { WindowStore } from '../../../src/records/window-store.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { windowAt } from '../../store/_contract.ts';

/** A store with two windows, and how often it is asked for series. */
async function begin() {
  const memory = memoryStore();
  let asked = 0;
  const store: WindowStore = {
    ...memory,
    series(pipeline, query) {
      asked += 1;
      return memory.series(pipeline, query);
    },
  };
  await memory.put([windowAt(1, { 0: 1 }), windowAt(2, { 0: 2 })]);
  return { memory, recent: withRecentWindows(store, builtInPipelines), asked: () => asked };
}

test('the newest windows come from memory once reading has begun, those that were there before too', async () => {
  const { recent, asked } = await begin();
  expect(await recent.series('gender', { limit: 1 })).toEqual([windowAt(2, { 0: 2 })]);
  await recent.positions();
  const before = asked();
  await recent.put([windowAt(3, { 0: 3 }), windowAt(2, { 0: 4 }, { revision: 1 })]);
  expect(await recent.series('gender', { limit: 900 })).toEqual([
    windowAt(1, { 0: 1 }),
    windowAt(2, { 0: 4 }, { revision: 1 }),
    windowAt(3, { 0: 3 }),
  ]);
  expect(await recent.series('age', { limit: 10 })).toEqual([]);
  expect(asked()).toBe(before);
});

test('everything else is asked of the store', async () => {
  const { recent, memory } = await begin();
  await recent.positions();
  await memory.put([windowAt(3, { 0: 5 })]);
  expect(await recent.series('gender')).toHaveLength(3);
  expect(await recent.series('gender', { limit: 5_000 })).toHaveLength(3);
  expect(await recent.series('gender', { from: 3_000, limit: 10 })).toHaveLength(1);
  expect(await recent.series('gender', { to: 4_000, limit: 10 })).toHaveLength(3);
  expect((await recent.series('gender', { resolution: 'minute', limit: 10 }))[0]?.counts).toEqual(new Map([['0', 8]]));
  expect((await recent.totals('gender')).counts).toEqual(new Map([['0', 8]]));
});

test('what could not be stored is not shown', async () => {
  const memory = memoryStore();
  const store: WindowStore = { ...memory, put: () => Promise.reject(new Error('away')) };
  const recent = withRecentWindows(store, builtInPipelines);
  await recent.positions();
  await expect(recent.put([windowAt(1, { 0: 1 })])).rejects.toThrow('away');
  expect(await recent.series('gender', { limit: 10 })).toEqual([]);
});
