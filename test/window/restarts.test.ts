import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePosition, freshPosition, type SavedPosition } from '../../src/window/saved-position.ts';
import { type CountedRecord, type TopicCounts, topicCounts } from '../../src/window/topic-counts.ts';
import type { WindowShape } from '../../src/window/window-shape.ts';
import { countNaively, isTaken, published, recordsIn, shapes, type TimedKey, timedKeys } from './_oracle.ts';

type Action =
  | { do: 'take'; partition: number; arriving: number; most: number; behind: boolean }
  | { do: 'advance'; now: number }
  | { do: 'restart' };

const partitions = [0, 1, 2];
const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('take' as const),
        partition: fc.constantFrom(...partitions),
        arriving: fc.nat(6),
        most: fc.nat(6),
        behind: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), now: fc.integer({ min: -3_000, max: 30_000 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  ),
  { maxLength: 60 },
);

/** A topic whose offsets have holes, as compaction and markers leave them, and a counter that reads it. */
function topicUnderTest(shape: WindowShape, allowedLateness: number, content: readonly (readonly TimedKey[])[]) {
  const options = { shape, outOfOrderness: 50, allowedLateness };
  const logs = content.map((log) => log.map((record, index) => ({ ...record, offset: index * 3 + 1 })));
  const shown = partitions.map(() => 0);
  const out = published();
  let saved = new Map<number, SavedPosition>(partitions.map((partition) => [partition, freshPosition(0)]));
  let counts = topicCounts(options, saved);
  let next = partitions.map(() => 0);
  /** Of each partition, what became of the records by their offset. */
  const taken = partitions.map(() => new Map<number, boolean>());

  const endOf = (partition: number) => (shown[partition] ?? 0) * 3;
  const isReplaying = () => partitions.some((partition) => (next[partition] ?? 0) < (saved.get(partition)?.next ?? 0));

  const accepted = (): TimedKey[] =>
    logs.flatMap((log, partition) => log.filter(({ offset }) => taken[partition]?.get(offset)));
  const late = () => taken.reduce((sum, fates) => sum + fates.values().filter((isIn) => !isIn).toArray().length, 0);

  return {
    take(partition: number, arriving: number, most: number, behind: boolean) {
      const log = logs[partition] ?? [];
      shown[partition] = Math.min(log.length, (shown[partition] ?? 0) + arriving);
      const batch = log
        .slice(0, shown[partition])
        .filter(({ offset }) => offset >= (next[partition] ?? 0))
        .slice(0, most);
      for (const { offset, time } of batch) {
        if (offset < (saved.get(partition)?.next ?? 0)) continue;
        taken[partition]?.set(offset, isTaken(shape, time, counts.status().watermark, allowedLateness));
      }
      const last = batch.at(-1);
      if (last) next[partition] = last.offset + 1;
      const left = log.slice(0, shown[partition]).some(({ offset }) => offset >= (next[partition] ?? 0));
      if (!left) next[partition] = endOf(partition);
      counts.take({
        partition,
        records: batch.map(({ offset, time, key }): CountedRecord => ({ offset, timestamp: time, value: Buffer.from(key) })),
        nextOffset: next[partition] ?? 0,
        highWatermark: endOf(partition),
        caughtUp: !left && !behind,
      });
    },
    bringOut(close: (counter: TopicCounts) => ReturnType<TopicCounts['advance']>) {
      const closed = close(counts);
      if (isReplaying()) {
        expect(closed).toEqual([]);
        return;
      }
      out.take(closed);
      expect(out.counts()).toEqual(countNaively(shape, accepted(), counts.status().watermark));
    },
    restart() {
      saved = new Map(
        counts.commitPoints().map(({ partition, offset, metadata }) => [partition, decodePosition(offset, metadata)]),
      );
      for (const [partition, { next: counted }] of saved) {
        for (const offset of [...(taken[partition]?.keys() ?? [])]) if (offset >= counted) taken[partition]?.delete(offset);
      }
      next = partitions.map((partition) => saved.get(partition)?.offset ?? 0);
      counts = topicCounts(options, saved);
    },
    end() {
      for (const partition of partitions) this.take(partition, 1_000, 1_000, false);
      this.bringOut((counter) => counter.closeAll());
      expect(counts.status()).toMatchObject({ lateDropped: late(), open: 0, lag: 0, settled: true });
      const total = content.reduce((sum, log) => sum + log.length, 0);
      const counted = recordsIn(shape, out.counts());
      if (counted !== undefined) expect(counted + late()).toBe(total);
      this.restart();
      for (const partition of partitions) this.take(partition, 0, 1_000, false);
      expect(counts.advance(1_000_000)).toEqual([]);
    },
  };
}

describe('a topic of several partitions', () => {
  test('is counted right, once per revision, through any batches, clocks and restarts, whatever the shape', () => {
    const logs = fc.tuple(timedKeys, timedKeys, fc.oneof(fc.constant([]), timedKeys));
    const right = fc.property(shapes, fc.nat(6_000), logs, actions, (shape, allowedLateness, content, plan) => {
      const topic = topicUnderTest(shape, allowedLateness, content);
      for (const action of plan) {
        if (action.do === 'take') topic.take(action.partition, action.arriving, action.most, action.behind);
        else if (action.do === 'advance') topic.bringOut((counts) => counts.advance(action.now));
        else topic.restart();
      }
      topic.end();
    });
    fc.assert(right, { numRuns: 500 });
  });
});
