import { describe, expect, test } from 'vitest';
import { lateDrops } from '../../src/window/late-drops.ts';

describe('records that were dropped as too late', () => {
  test('are told from those of the same time that were counted before them', () => {
    const drops = lateDrops();
    drops.dropped(1, 3_000);
    drops.counted(5_000);
    drops.dropped(4, 4_000);
    drops.counted(8_000);
    drops.dropped(9, 6_000);
    expect(drops.bounds(0, 10)).toEqual([
      [1, 4_000],
      [9, 6_000],
    ]);
    expect([0, 1, 8, 9].map((offset) => drops.wasDropped(offset, 3_500))).toEqual([false, true, true, true]);
    const again = lateDrops(drops.bounds(0, 10));
    expect([0, 1, 8, 9].map((offset) => again.wasDropped(offset, 5_500))).toEqual([false, false, false, true]);
    expect(again.wasDropped(9, 6_000)).toBe(false);
  });

  test('go on after a restart under a bound of their own', () => {
    const drops = lateDrops([[1, 4_000]]);
    drops.dropped(20, 5_000);
    expect(drops.bounds(0, 21)).toEqual([
      [1, 4_000],
      [20, 5_000],
    ]);
  });

  test('are told for the offsets that are asked for, with the bound that holds at the first of them', () => {
    const drops = lateDrops([
      [1, 4_000],
      [5, 6_000],
      [9, 8_000],
    ]);
    expect(drops.bounds(7, 9)).toEqual([[5, 6_000]]);
    drops.forget();
    expect(drops.bounds(0, 100)).toEqual([]);
    expect(drops.wasDropped(9, 1_000)).toBe(false);
  });
});
