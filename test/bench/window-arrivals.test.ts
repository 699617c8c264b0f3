import { expect, test } from 'vitest';
import { windowArrivals } from './window-arrivals.ts';

const record = (key: string, value: string) => ({
  ...{ offset: 0, timestamp: 0, headers: {} },
  key: Buffer.from(key),
  value: Buffer.from(value),
});
const delays = (first: number, whole: number) => ({
  ...{ 'first p50': first, 'first p99': first, 'whole p50': whole, 'whole p99': whole },
});

test('a window is whole with the result that holds all that was sent, be it the first or a correction', async () => {
  const arrivals = windowArrivals();
  arrivals.add([record('1000/2000', '[{"0":2}]')], 2_010);
  arrivals.add([record('1000/2000', '[{"0":2},{"1":1}]')], 2_050);
  expect(await arrivals.first).toBe(2_010);
  expect(await arrivals.delays(1_000, 2_000, () => 2)).toEqual(delays(10, 10));
  expect(await arrivals.delays(1_000, 2_000, () => 3)).toEqual(delays(10, 50));
});

test('what is told of a window before its end is no result, but stays in its sum', async () => {
  const arrivals = windowArrivals();
  arrivals.add([record('1000/2000/0', '2'), record('1000/2000/1', '1')], 1_500);
  arrivals.add([record('1000/2000/1', '4')], 2_300);
  expect(await arrivals.delays(1_000, 2_000, () => 6)).toEqual(delays(300, 300));
});

test('windows that never become whole are an error', async () => {
  const arrivals = windowArrivals();
  arrivals.add([record('1000/2000', '[{"0":2}]')], 2_010);
  const missing = arrivals.delays(1_000, 3_000, () => 2, 1);
  await expect(missing).rejects.toThrow('1 of 2 windows are not whole');
});
