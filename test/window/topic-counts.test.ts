import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyReader } from '../../src/records/record-key.ts';
import { tumbling, type WindowShape } from '../../src/records/window-shape.ts';
import { lateDrops } from '../../src/window/late-drops.ts';
import { decodePosition, encodePosition, freshPosition, type SavedPosition } from '../../src/window/saved-position.ts';
import { type CountedRecord, type TopicCounts, topicCounts } from '../../src/window/topic-counts.ts';
import type { ClosedWindow } from '../../src/window/window-counts.ts';

const options = { shape: tumbling(1_000), outOfOrderness: 50, allowedLateness: 60_000 };
const record = (offset: number, timestamp: number, value = '0'): CountedRecord => ({
  offset,
  timestamp,
  value: Buffer.from(value),
});

/** Gives records of partition 0 to a counter, read up to the end unless `highWatermark` says there is more. */
function take(counts: TopicCounts, records: CountedRecord[], highWatermark?: number, partition = 0) {
  const nextOffset = (records.at(-1)?.offset ?? -1) + 1;
  const end = highWatermark ?? nextOffset;
  counts.take({ partition, records, nextOffset, highWatermark: end, caughtUp: nextOffset >= end });
}

const restore = (counts: TopicCounts): Map<number, SavedPosition> =>
  new Map(
    counts.commitPoints().map(({ partition, offset, metadata }) => [partition, decodePosition(offset, metadata)]),
  );

const one = () => topicCounts(options, new Map([[0, freshPosition(0)]]));

describe('counting a topic', () => {
  test('the last window comes out by the clock, without a further record', () => {
    const counts = one();
    take(counts, [record(0, 1_200), record(1, 1_300, '1')]);
    expect(counts.nextDue()).toBe(2_050);
    expect(counts.status()).toMatchObject({ records: 2, open: 2, settled: false });
    expect(counts.advance(2_049)).toEqual([]);
    expect(counts.advance(2_050)).toMatchObject([
      {
        start: 1_000,
        counts: new Map([
          ['0', 1],
          ['1', 1],
        ]),
      },
    ]);
    expect(counts.status()).toMatchObject({ records: 2, open: 0, settled: true });
  });

  test('a clock between two milliseconds brings nothing out again after a restart', () => {
    const before = one();
    take(before, [record(0, 1_200)]);
    expect(before.advance(2_050.25)).toHaveLength(1);
    const after = topicCounts(options, restore(before));
    take(after, [record(0, 1_200)]);
    expect(after.advance(2_050.75)).toEqual([]);
    take(after, [record(1, 1_300)]);
    expect(after.advance(2_051.5)).toMatchObject([{ start: 1_000, revision: 1, counts: new Map([['0', 2]]) }]);
  });

  test('while there is more to read, only records move event time', () => {
    const counts = one();
    take(counts, [record(0, 1_200)], 10);
    expect(counts.nextDue()).toBeUndefined();
    expect(counts.advance(60_000)).toEqual([]);
    expect(counts.status().lag).toBe(9);
    take(counts, [record(1, 2_050)], 10);
    expect(counts.advance(60_000)).toMatchObject([{ start: 1_000 }]);
  });

  test('an empty partition does not hold back the others', () => {
    const counts = topicCounts(
      options,
      new Map([
        [0, freshPosition(0)],
        [1, freshPosition(0)],
      ]),
    );
    take(counts, [record(0, 1_200)]);
    expect(counts.advance(9_000)).toEqual([]);
    take(counts, [], 0, 1);
    expect(counts.advance(9_000)).toHaveLength(1);
  });

  test('a late record is due at once', () => {
    const counts = one();
    take(counts, [record(0, 1_200)]);
    counts.advance(2_050);
    take(counts, [record(1, 1_300)]);
    expect(counts.nextDue()).toBe(Number.NEGATIVE_INFINITY);
    expect(counts.advance(2_050)).toMatchObject([{ start: 1_000, revision: 1, counts: new Map([['0', 2]]) }]);
  });

  test('a record beyond the allowed lateness is counted as dropped', () => {
    const counts = one();
    take(counts, [record(0, 100_000)]);
    counts.advance(101_050);
    take(counts, [record(1, 1_000)]);
    expect(counts.status()).toMatchObject({ records: 2, lateDropped: 1 });
  });

  test('a null value counts as NULL, text is kept as it is', () => {
    const counts = one();
    counts.take({
      partition: 0,
      records: [{ offset: 0, timestamp: 0, value: null }, record(1, 0, '内蒙古'), record(2, 0, '')],
      nextOffset: 3,
      highWatermark: 3,
      caughtUp: true,
    });
    expect(counts.advance(1_050)).toMatchObject([
      {
        counts: new Map([
          ['NULL', 1],
          ['内蒙古', 1],
          ['', 1],
        ]),
      },
    ]);
  });

  test('an end of compacted records and markers is an end like any other', () => {
    const counts = one();
    take(counts, [record(0, 1_200)], 7);
    expect(counts.nextDue()).toBeUndefined();
    counts.take({ partition: 0, records: [], nextOffset: 7, highWatermark: 7, caughtUp: true });
    expect(counts.nextDue()).toBe(2_050);
    expect(counts.advance(2_050)).toHaveLength(1);
    const saved = restore(counts);
    expect(saved.get(0)).toMatchObject({ offset: 0, next: 7 });
    const after = topicCounts(options, saved);
    take(after, [record(0, 1_200)], 7);
    expect(after.advance(2_100)).toEqual([]);
    after.take({ partition: 0, records: [record(7, 2_010)], nextOffset: 8, highWatermark: 8, caughtUp: true });
    expect(after.advance(3_050)).toMatchObject([{ start: 2_000, counts: new Map([['0', 1]]) }]);
  });

  test('a clock that leaps ahead closes what is open; what comes with older times is late, counted as such, and right', () => {
    const hour = 3_600_000;
    const counts = one();
    take(counts, [record(0, 1_200)]);
    expect(counts.advance(hour)).toMatchObject([{ start: 1_000, revision: 0 }]);
    // Set back again: event time stays where it was, and nothing that is out comes out a second time.
    take(counts, [record(1, 1_300), record(2, hour - 60_000), record(3, hour + 500)]);
    expect(counts.advance(2_000)).toMatchObject([{ start: hour - 60_000, revision: 0, counts: new Map([['0', 1]]) }]);
    expect(counts.status()).toMatchObject({ lateDropped: 1, open: 1, watermark: hour + 450 });
    expect(counts.nextDue()).toBe(hour + 1_050);
    expect(counts.advance(hour + 1_050)).toMatchObject([{ start: hour, revision: 0, counts: new Map([['0', 1]]) }]);
  });

  test('closing all brings out open windows, whatever the clock says', () => {
    const counts = one();
    take(counts, [record(0, 1_200), record(1, 7_200)]);
    expect(counts.closeAll().map(({ start }) => start)).toEqual([1_000, 7_000]);
    expect(counts.closeAll()).toEqual([]);
  });
});

describe('restarting', () => {
  test('begins at the earliest record that an open or correctable window needs', () => {
    const counts = topicCounts({ ...options, allowedLateness: 0 }, new Map([[0, freshPosition(0)]]));
    take(counts, [record(0, 1_200), record(1, 2_200), record(2, 2_300)]);
    counts.advance(2_050);
    expect(restore(counts).get(0)).toMatchObject({ offset: 1, next: 3, watermark: 2_250 });
  });

  test('nothing comes out while the earlier run is being replayed, and nothing twice after it', () => {
    const before = one();
    take(before, [record(0, 1_200), record(1, 2_200)]);
    before.advance(2_050);
    const after = topicCounts(options, restore(before));
    take(after, [record(0, 1_200)], 2);
    expect(after.advance(9_000)).toEqual([]);
    take(after, [record(1, 2_200)]);
    expect(after.advance(9_000)).toMatchObject([{ start: 2_000, revision: 0, counts: new Map([['0', 1]]) }]);
    expect(after.status().records).toBe(0);
  });

  test('goes on when the end of the log it had read is gone', () => {
    const counts = topicCounts(
      options,
      new Map([[0, decodePosition(5, encodePosition({ ...freshPosition(10), watermark: 0 }, 1_000))]]),
    );
    take(counts, [record(5, 1_200), record(6, 1_300)]);
    expect(counts.advance(9_000)).toHaveLength(1);
  });

  test('counts the records of a topic that was deleted and made anew', () => {
    const counts = one();
    take(counts, [record(0, 1_200), record(1, 1_300)]);
    counts.advance(2_050);
    take(counts, [record(0, 3_000)]);
    expect(counts.advance(4_050)).toMatchObject([{ start: 3_000, counts: new Map([['0', 1]]) }]);
    expect(counts.commitPoints()).toMatchObject([{ offset: 0 }]);
  });

  test('is not misled by news that comes before the reader has found its place', () => {
    const saved = { offset: 5, next: 7, watermark: 2_000, late: 0, revisions: new Map(), dropped: [] };
    const counts = topicCounts(options, new Map([[0, saved]]));
    counts.take({ partition: 0, records: [], nextOffset: 0, highWatermark: 0, caughtUp: false });
    take(counts, [record(5, 1_200), record(6, 1_300)]);
    expect(counts.advance(9_000)).toEqual([]);
    expect(counts.status().records).toBe(0);
  });

  test('takes a commit of another tool as the place to begin', () => {
    for (const metadata of ['', 'by hand', '{"next":3}', '[1]', 'null']) {
      expect(decodePosition(7, metadata)).toEqual(freshPosition(7));
    }
  });

  test('the number of late records goes on from the last run', () => {
    const saved = {
      next: 3,
      watermark: 100_000,
      late: 2,
      revisions: new Map([[60_000, 4]]),
      dropped: [[1, 30_000]] as const,
    };
    expect(decodePosition(3, encodePosition(saved, 1_000))).toEqual({ offset: 3, ...saved });
    const counts = topicCounts(options, new Map([[0, { offset: 3, ...saved }]]));
    expect(counts.status().lateDropped).toBe(2);
  });

  test('the metadata of a commit stays within what Kafka takes, whatever was corrected and dropped', () => {
    const start = 1_800_000_000_000;
    const revisions = new Map(
      Array.from({ length: 5_000 }, (_, index) => [start + index * 7_000, 1 + (index % 2 ? 99_999 : index)]),
    );
    const drops = lateDrops();
    for (let index = 0; index < 1_000; index++) {
      drops.dropped(2 ** 51 + index * 100_000, start + index * 3_600_000);
      drops.counted(start + index * 3_600_000);
    }
    const dropped = drops.bounds(0, 2 ** 52);
    const changelog = { snapshot: '0123456789abcdef', next: 2 ** 52 };
    const saved = { next: 2 ** 52, watermark: start, late: 2 ** 40, revisions, dropped, changelog };
    const metadata = encodePosition(saved, 1_000);
    expect(Buffer.byteLength(metadata)).toBeLessThan(4_096);
    const decoded = decodePosition(0, metadata);
    expect(decoded.dropped).toEqual(dropped);
    expect(decoded.revisions.get(start + 4_998 * 7_000)).toBe(4_999);
    // What there is no room for goes on from the highest: a lower revision would be taken for an old one.
    expect(decoded.revisions.get(start)).toBe(100_000);
  });

  test('records taken since the last windows came out are taken again, so that no correction is lost', () => {
    const before = one();
    take(before, [record(0, 1_200)]);
    before.advance(2_050);
    take(before, [record(0, 1_200), record(1, 1_300)].slice(1));
    expect(restore(before).get(0)).toMatchObject({ offset: 0, next: 1 });
    const after = topicCounts(options, restore(before));
    take(after, [record(0, 1_200), record(1, 1_300)]);
    expect(after.advance(2_050)).toMatchObject([{ start: 1_000, revision: 1, counts: new Map([['0', 2]]) }]);
  });

  test('a late record of one partition, read while another is replayed, is a correction', () => {
    const two = new Map([
      [0, freshPosition(0)],
      [1, freshPosition(0)],
    ]);
    const before = topicCounts(options, two);
    take(before, [record(0, 1_200)]);
    take(before, [], 0, 1);
    before.advance(2_050);
    const after = topicCounts(options, restore(before));
    take(after, [record(0, 1_300)], 1, 1);
    take(after, [record(0, 1_200)]);
    expect(after.advance(2_050)).toMatchObject([{ start: 1_000, revision: 1, counts: new Map([['0', 2]]) }]);
  });

  test('of a pane that takes no more records, those are replayed that were counted', () => {
    const shape: WindowShape = { kind: 'hopping', size: 3_000, slide: 1_000 };
    const overlapping = { shape, outOfOrderness: 0, allowedLateness: 0 };
    const log = [5_000, 2_500, 5_100, 8_000, 9_000, 5_200, 9_100, 12_000, 9_200].map((time, at) => record(at, time));
    const before = topicCounts(overlapping, new Map([[0, freshPosition(0)]]));
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [2, 4],
      [4, 7],
      [7, 8],
      [8, 9],
    ]) {
      take(before, log.slice(from, to), 1_000);
      before.advance(0);
    }
    expect(before.status().lateDropped).toBe(3);
    const saved = restore(before);
    const after = topicCounts(overlapping, saved);
    take(after, [...log.slice(saved.get(0)?.offset), record(9, 10_500)], 1_000);
    expect(after.advance(0)).toMatchObject([
      { start: 8_000, revision: 1, counts: new Map([['0', 4]]) },
      { start: 9_000, revision: 1, counts: new Map([['0', 3]]) },
    ]);
  });

  test('of a cumulative window begins where its period does', () => {
    const shape: WindowShape = { kind: 'cumulative', size: 10_000, step: 1_000 };
    const counts = topicCounts({ shape, outOfOrderness: 0, allowedLateness: 0 }, new Map([[0, freshPosition(0)]]));
    take(counts, [record(0, 9_500), record(1, 10_500), record(2, 15_500)], 10);
    counts.advance(0);
    expect(restore(counts).get(0)).toMatchObject({ offset: 1, next: 3 });
    const after = topicCounts({ shape, outOfOrderness: 0, allowedLateness: 0 }, restore(counts));
    take(after, [record(1, 10_500), record(2, 15_500), record(3, 17_000)], 10);
    expect(after.advance(0)).toMatchObject([{ start: 10_000, end: 16_000, revision: 0, counts: new Map([['0', 2]]) }]);
  });

  test('stopping anywhere, any number of times, gives the windows of an uninterrupted run', () => {
    const times = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 120 });
    const small = { shape: tumbling(1_000), outOfOrderness: 50, allowedLateness: 5_000 };
    const run = (log: CountedRecord[], stops: ReadonlySet<number>) => {
      let counts = topicCounts(small, new Map([[0, freshPosition(0)]]));
      const last = new Map<number, ClosedWindow>();
      let published = 0;
      const publish = (closed: ClosedWindow[]) => {
        for (const window of closed) last.set(window.start, window);
        published += closed.length;
      };
      for (const { offset } of log) {
        if (stops.has(offset)) {
          const saved = restore(counts);
          counts = topicCounts(small, saved);
          take(counts, log.slice(saved.get(0)?.offset ?? 0, offset), log.length);
        }
        take(counts, log.slice(offset, offset + 1), log.length);
        publish(counts.advance(0));
      }
      publish(counts.closeAll());
      return { last, published, late: counts.status().lateDropped };
    };
    const same = fc.property(times, fc.array(fc.nat(119)), (all, stops) => {
      const log = all.map((time, offset) => record(offset, time));
      expect(run(log, new Set(stops))).toEqual(run(log, new Set()));
    });
    fc.assert(same);
  });
});

describe('values that are no key', () => {
  const options = { shape: tumbling(1_000), outOfOrderness: 50, allowedLateness: 0 };
  const field = keyReader({ field: 'city', whereValue: [{ field: 'type', equals: 'buy' }] });
  const values = [
    '{"type":"buy","city":"a"}',
    'poison',
    '{"type":"click"}',
    '{"type":"buy"}',
    '{"type":"buy","city":"b"}',
  ];

  test('are left out and told apart, and the others are counted', () => {
    const counts = topicCounts({ ...options, keyOf: field }, new Map([[0, freshPosition(0)]]));
    take(
      counts,
      values.map((value, offset) => record(offset, 1_000 + offset, value)),
    );
    expect(counts.closeAll()).toMatchObject([{ counts: new Map(Object.entries({ a: 1, b: 1 })) }]);
    take(counts, [record(5, 100, values[0]), record(6, 5_000, values[0])]);
    const status = counts.status();
    expect(status).toMatchObject({ records: 7, rejected: 2, filtered: 1, lateDropped: 1, open: 1 });
  });

  test('are told with the place of the first, once', () => {
    const counts = topicCounts({ ...options, keyOf: field }, new Map([[0, freshPosition(0)]]));
    expect(counts.newRejections()).toBeUndefined();
    take(
      counts,
      values.map((value, offset) => record(offset, 1_000 + offset, value)),
    );
    expect(counts.newRejections()).toEqual({ count: 2, partition: 0, offset: 1, reason: 'not JSON' });
    expect(counts.newRejections()).toBeUndefined();
  });

  test('go by with event time, and a restart does not read them again', () => {
    const counts = topicCounts({ ...options, keyOf: field }, new Map([[0, freshPosition(0)]]));
    take(counts, [record(0, 1_000, values[0]), record(1, 9_000, 'poison')]);
    expect(counts.advance(0)).toMatchObject([{ start: 1_000 }]);
    const again = topicCounts({ ...options, keyOf: field }, restore(counts));
    take(again, [record(2, 9_001, values[0])]);
    expect(again.status()).toMatchObject({ records: 1, rejected: 0, open: 1 });
  });

  test('that an earlier run has passed over are not told again when its windows are rebuilt', () => {
    const counts = topicCounts({ ...options, keyOf: field }, new Map([[0, freshPosition(0)]]));
    const records = [record(0, 1_000, values[0]), record(1, 1_001, 'poison'), record(2, 1_002, values[2])];
    take(counts, records);
    counts.advance(0);
    const again = topicCounts({ ...options, keyOf: field }, restore(counts));
    take(again, records);
    expect(again.status()).toMatchObject({ records: 0, rejected: 0, filtered: 0, open: 1 });
  });

  test('without a field are those that are too long or no UTF-8', () => {
    const counts = one();
    const poison = [Buffer.alloc(1_000_000, 0x61), Buffer.from([0xc3])];
    take(
      counts,
      [...poison, Buffer.from('0')].map((value, offset) => ({ offset, timestamp: 1_000, value })),
    );
    expect(counts.status()).toMatchObject({ records: 3, rejected: 2, open: 1 });
    expect(counts.closeAll()).toMatchObject([{ counts: new Map([['0', 1]]) }]);
  });
});
