import { describe, expect, test } from 'vitest';
import { createPace, pacer } from '../../src/csv/pace.ts';
import { leapingClock } from '../_support/leaping-clock.ts';

const never = new AbortController().signal;

/** Times, from the start, at which rows go within `span` ms of a fresh pace. */
async function timesWithin(rate: number, span: number, wanted = 1_000): Promise<number[]> {
  const clock = leapingClock(0);
  const paced = pacer(createPace(rate), clock, never);
  const times: number[] = [];
  for (;;) {
    const count = await paced.take(wanted);
    if (clock.now() >= span) return times;
    for (let row = 0; row < count; row++) times.push(clock.now());
  }
}

describe('a pace', () => {
  test.each([
    [0.5, 30],
    [1, 60],
    [10, 600],
    [37, 2_220],
    [100, 6_000],
    [1_000, 60_000],
    [33_333, 1_999_980],
  ])('of %d rows a second lets %d through in a minute, to one group', async (rate, expected) => {
    const rows = (await timesWithin(rate, 60_000)).length;
    const group = Math.max(1, Math.ceil(rate / 50));
    expect(rows).toBeLessThanOrEqual(expected + 1);
    expect(rows).toBeGreaterThanOrEqual(expected - group);
  });

  test('of 10 rows a second is 600 rows in a minute, one at a time and each when it is due', async () => {
    const times = await timesWithin(10, 60_000);
    expect(times).toHaveLength(600);
    expect(times.map((time) => Math.round(time))).toEqual(times.map((_, row) => row * 100));
  });

  test('lets no row through before it is due', async () => {
    for (const rate of [7, 100, 4_321]) {
      const times = await timesWithin(rate, 5_000);
      expect(times.every((time, row) => time + 1e-6 >= (row * 1_000) / rate)).toBe(true);
    }
  });

  test('goes in groups of 20 ms when it is high, so that the timer is no part of the cost', async () => {
    const times = await timesWithin(10_000, 1_000);
    expect(new Set(times).size).toBeLessThanOrEqual(51);
  });

  test('does not drift when every send takes its time', async () => {
    const clock = leapingClock(0);
    const paced = pacer(createPace(10), clock, never);
    let rows = 0;
    while (clock.now() < 60_000) {
      rows += await paced.take(1);
      clock.leap(70);
    }
    expect(Math.abs(rows - 600)).toBeLessThanOrEqual(1);
  });

  test('makes up for a stall by a second of rows at most', async () => {
    const clock = leapingClock(0);
    const paced = pacer(createPace(10), clock, never);
    for (let row = 0; row < 20; row++) await paced.take(1);
    clock.leap(3_600_000);
    const woken = clock.now();
    let burst = 0;
    while (clock.now() === woken) burst += await paced.take(1);
    // The last of them is the first that waited again.
    expect(burst - 1).toBe(10);
    expect(clock.now() - woken).toBeLessThanOrEqual(100);
  });

  test('that is slow makes up for a stall by one row', async () => {
    const clock = leapingClock(0);
    const paced = pacer(createPace(0.1), clock, never);
    await paced.take(1);
    clock.leap(3_600_000);
    const woken = clock.now();
    await paced.take(1);
    expect(clock.now()).toBe(woken);
    await paced.take(1);
    expect(clock.now()).toBe(woken + 10_000);
  });

  test('without a limit hands out all that is wanted, at once', async () => {
    const clock = leapingClock(0);
    const paced = pacer(createPace(Number.POSITIVE_INFINITY), clock, never);
    expect(await paced.take(777)).toBe(777);
    expect(clock.now()).toBe(0);
  });

  test('can be changed while rows wait for it', async () => {
    const clock = leapingClock(0);
    const pace = createPace(1);
    const paced = pacer(pace, clock, never);
    await paced.take(1);
    pace.setRate(1_000);
    const from = clock.now();
    let rows = 0;
    while (clock.now() < from + 1_000) rows += await paced.take(100);
    expect(rows).toBeGreaterThan(900);
    expect(rows).toBeLessThanOrEqual(1_020);
  });

  test('that is changed to and fro lets no extra rows through', async () => {
    const clock = leapingClock(0);
    const pace = createPace(1);
    const paced = pacer(pace, clock, never);
    for (let row = 0; row < 60; row++) {
      await paced.take(1);
      pace.setRate(row % 2 === 0 ? 2 : 1);
    }
    // Between 59 intervals of half a second and 59 of a whole one.
    expect(clock.now()).toBeGreaterThanOrEqual(29_500);
    expect(clock.now()).toBeLessThanOrEqual(59_000);
  });

  test('holds rows back while paused, and makes up for nothing after', async () => {
    const clock = leapingClock(0);
    const pace = createPace(10);
    const paced = pacer(pace, clock, never);
    await paced.take(1);
    pace.pause();
    expect(pace.rate).toBe(0);
    let taken = false;
    const waiting = paced.take(1).then(() => {
      taken = true;
    });
    await Promise.resolve();
    expect(taken).toBe(false);
    clock.leap(60_000);
    pace.resume();
    await waiting;
    const resumed = clock.now();
    await paced.take(1);
    expect(clock.now() - resumed).toBe(100);
  });

  test('wakes with no rows when it is aborted, paused or not', async () => {
    for (const paused of [false, true]) {
      const controller = new AbortController();
      const pace = createPace(10);
      if (paused) pace.pause();
      const paced = pacer(pace, leapingClock(0), controller.signal);
      const waiting = paused ? paced.take(1) : Promise.resolve(0);
      controller.abort();
      expect(await waiting).toBe(0);
      expect(await paced.take(1)).toBe(0);
      paced.close();
    }
  });
});
