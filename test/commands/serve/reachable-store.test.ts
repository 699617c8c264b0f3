import { expect, test } from 'vitest';
import { reachableStore } from '../../../src/commands/serve/reachable-store.ts';
import { DashctlError } from '../../../src/runtime/errors.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { windowAt } from '../../store/_contract.ts';

test('a store is reachable from when it answers to when it does not', async () => {
  let isAway = false;
  const memory = memoryStore();
  const watched = reachableStore({
    ...memory,
    async put(...given) {
      if (isAway) throw new DashctlError('STORE_UNREACHABLE', 'the database does not answer');
      await memory.put(...given);
    },
  });
  const { store } = watched;
  await store.put([windowAt(1, { 0: 3 })]);
  expect(watched.reachable).toBe(true);
  isAway = true;
  await expect(store.put([windowAt(2, { 0: 1 })])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  expect(watched.reachable).toBe(false);
  isAway = false;
  await store.put([windowAt(2, { 0: 1 })]);
  expect(watched.reachable).toBe(true);
  expect((await store.totals('gender')).counts).toEqual(new Map([['0', 4]]));
});

test('a failure that waiting does not help is no absence', async () => {
  const watched = reachableStore({
    ...memoryStore(),
    put: () => Promise.reject(new DashctlError('DISK_FULL', 'the disk is full')),
  });
  await expect(watched.store.put([])).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(watched.reachable).toBe(true);
});
