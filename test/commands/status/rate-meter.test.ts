import { expect, test } from 'vitest';
import { rateMeter } from '../../../src/commands/status/rate-meter.ts';

test('the rate is that of the last whole seconds, not of the one under way', () => {
  const meter = rateMeter();
  meter.observe(100, 1_000_000);
  meter.observe(200, 1_000_900);
  meter.observe(300, 1_001_100);
  expect(meter.rate(1_001_100)).toBe(200);
});

test('in the first second it is what has come so far', () => {
  const meter = rateMeter();
  expect(meter.rate(1_000_000)).toBe(0);
  meter.observe(7, 1_000_100);
  expect(meter.rate(1_000_200)).toBe(7);
});

test('seconds without news are zeros', () => {
  const meter = rateMeter();
  meter.observe(5, 1_000_000);
  meter.observe(9, 1_003_000);
  expect(meter.history(1_004_000)).toEqual([5, 0, 0, 4]);
  expect(meter.rate(1_010_000)).toBe(0);
});

test('the history does not grow without end', () => {
  const meter = rateMeter();
  for (let second = 0; second < 1_000; second++) meter.observe(second, second * 1_000);
  expect(meter.history(1_000_000).length).toBe(60);
});
