import { expect, test } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';

test('sleeping until a time that has passed returns at once', async () => {
  await systemClock.sleepUntil(Date.now() - 1_000);
});

test('a sleep ends when its signal aborts, without throwing', async () => {
  const controller = new AbortController();
  const asleep = systemClock.sleepUntil(Date.now() + 3_600_000, controller.signal);
  controller.abort();
  await asleep;
  await systemClock.sleepUntil(Date.now() + 3_600_000, controller.signal);
});

test('a sleep ends no earlier than asked', async () => {
  const until = Date.now() + 5;
  await systemClock.sleepUntil(until);
  expect(Date.now()).toBeGreaterThanOrEqual(until);
});
