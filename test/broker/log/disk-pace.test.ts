import { expect, test } from 'vitest';
import { DiskPace } from '../../../src/broker/log/disk-pace.ts';

function paceAt(clock: { now: number }) {
  const pace = new DiskPace(() => clock.now);
  return {
    pace,
    write(milliseconds: number) {
      const done = pace.time();
      clock.now += milliseconds;
      done();
    },
  };
}

test('small writes go at once, large ones by another thread', () => {
  const { pace } = paceAt({ now: 0 });
  expect(pace.takesAtOnce(1_000_000)).toBe(true);
  expect(pace.takesAtOnce(10_000_000)).toBe(false);
});

test('a write that waits for the disk leaves the next ten seconds to other threads', () => {
  const clock = { now: 5_000 };
  const { pace, write } = paceAt(clock);
  write(20);
  expect(pace.takesAtOnce(1)).toBe(true);
  write(200);
  expect(pace.takesAtOnce(1)).toBe(false);
  clock.now += 9_999;
  expect(pace.takesAtOnce(1)).toBe(false);
  clock.now += 1;
  expect(pace.takesAtOnce(1)).toBe(true);
});

test('the ten seconds begin anew while writes of the other threads are slow', () => {
  const clock = { now: 0 };
  const { pace, write } = paceAt(clock);
  write(200);
  clock.now += 8_000;
  write(50);
  clock.now += 8_000;
  expect(pace.takesAtOnce(1)).toBe(false);
});
