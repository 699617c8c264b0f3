import { expect, test } from 'vitest';
import { keepRetention } from '../../../src/commands/sink/retention.ts';
import type { WindowStore } from '../../../src/records/window-store.ts';
import { DashctlError } from '../../../src/runtime/errors.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { testConnection } from '../../kafka/_clusters.ts';
import { windowAt } from '../../store/_contract.ts';

const hour = 3_600_000;

/** Runs the retention of a day for some rounds; `each` is told before each of them. */
async function keep(store: WindowStore, rounds: number, each: (round: number) => Promise<void> = async () => {}) {
  const { connection, lines } = testConnection('nowhere');
  const stop = new AbortController();
  let now = 100 * hour;
  let round = 0;
  const clock = {
    now: () => now,
    async sleepUntil(time: number) {
      now = time;
      round += 1;
      if (round === rounds) stop.abort();
      else await each(round);
    },
  };
  await keepRetention({ store, retain: 24 * hour, logger: connection.logger, clock }, stop.signal);
  return lines;
}

const starts = async (store: WindowStore, pipeline = 'gender') =>
  (await store.series(pipeline)).map(({ start }) => start);

test('windows go when they have been over for long enough, those of all pipelines', async () => {
  const store = memoryStore();
  const second = (hours: number) => (hours * hour) / 1_000;
  const at = (hours: number, pipeline: string) => windowAt(second(hours), { 0: 1 }, { pipeline });
  for (const name of ['gender', 'age']) await store.put([at(1, name), at(75, name), at(76, name), at(99, name)]);
  await keep(store, 1);
  expect(await starts(store)).toEqual([76 * hour, 99 * hour]);
  expect(await starts(store, 'age')).toEqual([76 * hour, 99 * hour]);
  // A minute later the next one is old enough.
  await keep(store, 2);
  expect(await starts(store)).toEqual([99 * hour]);
  expect((await store.totals('gender')).counts).toEqual(new Map([['0', 4]]));
});

test('they are taken out in steps, so that a stop need not wait for all', async () => {
  const memory = memoryStore();
  await memory.put([windowAt(0, { 0: 1 }), windowAt(99 * 3_600, { 0: 1 })]);
  const steps: number[] = [];
  const store: WindowStore = {
    ...memory,
    async prune(before) {
      steps.push(before / hour);
      return await memory.prune(before);
    },
  };
  await keep(store, 2);
  expect(steps.slice(0, 3)).toEqual([1, 2, 3]);
  expect(steps.at(-2)).toBe(76);
  expect(steps.at(-1), 'a minute later only what has become old since').toBeCloseTo(76 + 1 / 60);
});

test('a database that is away or full is tried again a minute later', async () => {
  const memory = memoryStore();
  await memory.put([windowAt(0, { 0: 1 }), windowAt(99 * 3_600, { 0: 1 })]);
  const failures = [
    new DashctlError('STORE_UNREACHABLE', 'db cannot be reached'),
    new DashctlError('DISK_FULL', 'no space left', { hint: 'make room' }),
  ];
  const store: WindowStore = {
    ...memory,
    async prune(before) {
      const failure = failures.shift();
      if (failure) throw failure;
      return await memory.prune(before);
    },
  };
  const lines = await keep(store, 3);
  expect(lines).toEqual(['windows older than --retain were not taken out: no space left (make room)']);
  expect(await starts(store)).toEqual([99 * hour]);
});
