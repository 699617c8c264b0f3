import { expect, test } from 'vitest';
import { followedStore } from '../../../src/commands/serve/followed-store.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { testConnection } from '../../kafka/_clusters.ts';
import { windowAt } from '../../store/_contract.ts';

/** A store that is followed, by a clock whose sleepers the test hears of. */
function follow(onSleep: () => void) {
  const store = memoryStore();
  const { connection, lines } = testConnection('nowhere');
  let now = 0;
  const clock = {
    now: () => now,
    async sleepUntil(time: number) {
      now = time;
      onSleep();
    },
  };
  const stop = new AbortController();
  const followed = followedStore(store, { logger: connection.logger, clock, signal: stop.signal });
  return { store, followed, lines, stop, passed: () => now };
}

const window = windowAt(1, { 0: 3 });
const position = (next: number) => new Map([['gender result/0', next]]);

test('windows count as stored when whoever stores them has come that far', async () => {
  let looks = 0;
  const { store, followed, lines } = follow(() => {
    looks += 1;
    if (looks === 3) void store.put([window], position(5));
  });
  await followed.put([window], position(5));
  expect(looks).toBe(3);
  expect(await followed.series('gender')).toEqual([window]);
  expect(lines).toEqual([]);
});

test('a store that nobody fills is said once, and not waited for again until somebody does', async () => {
  const { store, followed, lines, passed } = follow(() => {});
  await followed.put([window], position(5));
  const waited = passed();
  expect(waited).toBeGreaterThanOrEqual(5_000);
  await followed.put([window], position(6));
  expect(passed()).toBe(waited);
  expect(lines).toEqual(['windows come that nobody stores; is "dashctl sink" running with this --store?']);
  await store.put([window], position(7));
  await followed.put([window], position(7));
  expect(lines.at(-1)).toBe('windows are stored again');
});

test('nothing is written, and a position alone is not waited for', async () => {
  const { store, followed, passed } = follow(() => {});
  await followed.put([], position(9));
  expect(passed()).toBe(0);
  expect(await store.positions()).toEqual(new Map());
  await store.put([windowAt(1, { 0: 1 }), windowAt(2, { 0: 1 })]);
  expect(await followed.prune(10_000)).toBe(0);
  expect(await store.series('gender')).toHaveLength(2);
});

test('a stop ends the waiting', async () => {
  const { followed, stop, lines } = follow(() => stop.abort());
  await followed.put([window], position(5));
  expect(lines).toEqual([]);
});
