import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WindowShape } from '../../src/records/window-shape.ts';
import { fewestToPack } from '../../src/window/packed-counts.ts';
import { type ClosedWindow, windowCounts } from '../../src/window/window-counts.ts';
import { countNaively, isTaken, published, recordsIn, shapes, type TimedKey, timedKeys } from './_oracle.ts';

const brief = (windows: readonly ClosedWindow[]) =>
  windows.map(({ start, end, revision, counts }) => [start, end, revision, Object.fromEntries(counts)]);

describe('hopping windows', () => {
  const shape: WindowShape = { kind: 'hopping', size: 3_000, slide: 1_000 };

  test('a record is in each window that covers it, and each comes out when the watermark reaches its end', () => {
    const counts = windowCounts({ shape });
    counts.add('0', 3_000);
    expect(counts.nextClose()).toBe(4_000);
    expect(counts.advance(3_999)).toEqual([]);
    expect(brief(counts.advance(4_000))).toEqual([[1_000, 4_000, 0, { 0: 1 }]]);
    counts.add('1', 4_999);
    expect(brief(counts.advance(6_000))).toEqual([
      [2_000, 5_000, 0, { 0: 1, 1: 1 }],
      [3_000, 6_000, 0, { 0: 1, 1: 1 }],
    ]);
    expect(counts.nextClose()).toBe(7_000);
    expect(brief(counts.advance(9_000))).toEqual([[4_000, 7_000, 0, { 1: 1 }]]);
    expect(counts.nextClose()).toBeUndefined();
    expect(counts.lastClose()).toBe(9_000);
  });

  test('a record is taken until the last of its windows is past correction, and corrects all that are out', () => {
    const counts = windowCounts({ shape, allowedLateness: 500 });
    counts.add('0', 3_000);
    counts.advance(6_499);
    counts.add('1', 3_999);
    expect(brief(counts.advance(6_499))).toEqual([
      [1_000, 4_000, 1, { 0: 1, 1: 1 }],
      [2_000, 5_000, 1, { 0: 1, 1: 1 }],
      [3_000, 6_000, 1, { 0: 1, 1: 1 }],
    ]);
    counts.advance(6_500);
    expect(counts.add('1', 3_999)).toBe('dropped');
    expect(counts.add('1', 4_000)).toBe('counted');
    // The pane of 3,000 takes no more records and is still in the windows that the pane of 4,000 corrects.
    expect(brief(counts.advance(6_500))).toEqual([
      [2_000, 5_000, 2, { 0: 1, 1: 2 }],
      [3_000, 6_000, 2, { 0: 1, 1: 2 }],
    ]);
  });

  test('a late record for windows that were empty brings those out for the first time', () => {
    const counts = windowCounts({ shape, allowedLateness: 5_000 });
    counts.add('0', 6_000);
    counts.advance(9_000);
    counts.add('1', 4_000);
    expect(brief(counts.advance(9_000))).toEqual([
      [2_000, 5_000, 0, { 1: 1 }],
      [3_000, 6_000, 0, { 1: 1 }],
      [4_000, 7_000, 1, { 0: 1, 1: 1 }],
    ]);
  });

  test('a slide that does not divide the window gives panes of what divides both', () => {
    const counts = windowCounts({ shape: { kind: 'hopping', size: 5_000, slide: 2_000 } });
    counts.add('0', 4_999);
    counts.add('1', 5_000);
    expect(brief(counts.advance(20_000))).toEqual([
      [0, 5_000, 0, { 0: 1 }],
      [2_000, 7_000, 0, { 0: 1, 1: 1 }],
      [4_000, 9_000, 0, { 0: 1, 1: 1 }],
    ]);
  });

  test('a leap of the watermark brings out only windows that hold records', () => {
    const counts = windowCounts({ shape });
    counts.add('0', 3_000);
    expect(counts.advance(3_000 + 10 * 365 * 86_400_000)).toHaveLength(3);
    expect(counts.retained().size).toBe(0);
  });

  test('records are open until the window that the totals are made of is out', () => {
    const counts = windowCounts({ shape });
    counts.add('0', 1_000);
    counts.advance(2_000);
    expect(counts.openRecords()).toBe(1);
    counts.advance(3_000);
    expect(counts.openRecords()).toBe(0);
  });
});

describe('cumulative windows', () => {
  const shape: WindowShape = { kind: 'cumulative', size: 10_000, step: 1_000 };

  test('one comes out for each step with records, from the start of the period, which then begins anew', () => {
    const counts = windowCounts({ shape });
    for (const time of [500, 600, 3_500, 10_000]) counts.add('0', time);
    expect(brief(counts.advance(10_000))).toEqual([
      [0, 1_000, 0, { 0: 2 }],
      [0, 4_000, 0, { 0: 3 }],
    ]);
    expect(brief(counts.advance(11_000))).toEqual([[10_000, 11_000, 0, { 0: 1 }]]);
  });

  test('a late record corrects every window of the period that is out since, and is in all that follow', () => {
    const counts = windowCounts({ shape, allowedLateness: 5_000 });
    for (const time of [500, 2_500, 4_500]) counts.add('0', time);
    counts.advance(5_000);
    counts.add('1', 1_500);
    counts.add('1', 5_500);
    expect(brief(counts.advance(6_000))).toEqual([
      [0, 2_000, 0, { 0: 1, 1: 1 }],
      [0, 3_000, 1, { 0: 2, 1: 1 }],
      [0, 5_000, 1, { 0: 3, 1: 1 }],
      [0, 6_000, 0, { 0: 3, 1: 2 }],
    ]);
  });

  test('a record is dropped when its step is past correction, though the period goes on with what it held', () => {
    const counts = windowCounts({ shape, allowedLateness: 1_000 });
    counts.add('0', 500);
    counts.advance(2_000);
    expect(counts.add('1', 999)).toBe('dropped');
    counts.add('0', 8_000);
    expect(brief(counts.advance(9_000))).toEqual([[0, 9_000, 0, { 0: 2 }]]);
    expect([...new Set<number>().union(counts.retained())]).toEqual([0]);
    counts.advance(11_000);
    expect(counts.retained().size).toBe(0);
  });

  test('of a day in steps of a second only the steps that can be corrected are kept apart', () => {
    const counts = windowCounts({ shape: { kind: 'cumulative', size: 86_400_000, step: 1_000 } });
    let last: ClosedWindow | undefined;
    for (let second = 0; second < 86_400; second += 60) {
      counts.add('0', second * 1_000);
      [last] = counts.advance(second * 1_000 + 1_000);
    }
    expect(last?.counts).toEqual(new Map([['0', 1_440]]));
  });
});

/** Records in an order in which none is later than `bound` behind the greatest before it. */
const withinBound = (records: readonly TimedKey[], bound: number, delays: readonly number[]): TimedKey[] =>
  records
    .map((record, index) => ({ record, at: record.time + ((delays[index] ?? 0) % (bound + 1)) }))
    .sort((a, b) => a.at - b.at)
    .map(({ record }) => record);

describe('all shapes against a naive count', () => {
  test('records in any order inside the bound give exactly its windows, each once', () => {
    const exact = fc.property(shapes, timedKeys, fc.nat(3_000), fc.array(fc.nat()), (shape, all, bound, delays) => {
      const counts = windowCounts({ shape });
      const out = published();
      let greatest = Number.NEGATIVE_INFINITY;
      for (const { key, time } of withinBound(all, bound, delays)) {
        expect(counts.add(key, time)).toBe('counted');
        greatest = Math.max(greatest, time);
        out.take(counts.advance(greatest - bound));
      }
      out.take(counts.advance(counts.lastClose()));
      expect(out.counts()).toEqual(countNaively(shape, all));
      expect(new Set(out.revisions())).toEqual(new Set(all.length > 0 ? [0] : []));
      expect(counts.nextClose()).toBeUndefined();
    });
    fc.assert(exact, { numRuns: 300 });
  });

  // As many as are packed when their window is out, and unpacked when it is corrected.
  const many = ({ key, time }: TimedKey): TimedKey[] =>
    Array.from({ length: fewestToPack }, (_, index) => ({ key: `${key}${index}`, time }));

  test.each([
    { keys: 'few keys', spread: (record: TimedKey) => [record], numRuns: 500 },
    { keys: 'many keys', spread: many, numRuns: 40 },
  ])('in any order at all, what is out is right after every advance, and it adds up: $keys', ({ spread, numRuns }) => {
    const advances = fc.array(fc.option(fc.integer({ min: -3_000, max: 25_000 })), { maxLength: 60 });
    const right = fc.property(shapes, timedKeys, advances, fc.nat(6_000), (shape, all, moves, allowedLateness) => {
      const counts = windowCounts({ shape, allowedLateness });
      const out = published();
      const taken: TimedKey[] = [];
      for (const [index, record] of all.entries()) {
        const isIn = isTaken(shape, record.time, counts.watermark, allowedLateness);
        for (const each of spread(record)) {
          expect(counts.add(each.key, each.time)).toBe(isIn ? 'counted' : 'dropped');
          if (isIn) taken.push(each);
        }
        const to = moves[index];
        if (to === undefined || to === null) continue;
        out.take(counts.advance(to));
        expect(out.counts()).toEqual(countNaively(shape, taken, counts.watermark));
        const due = counts.nextClose();
        expect(due === undefined || due > counts.watermark).toBe(true);
      }
      out.take(counts.advance(counts.lastClose()));
      expect(out.counts()).toEqual(countNaively(shape, taken));
      expect(recordsIn(shape, out.counts()) ?? taken.length).toBe(taken.length);
      expect(counts.openRecords()).toBe(0);
    });
    fc.assert(right, { numRuns });
  });
});
