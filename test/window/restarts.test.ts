import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WindowShape } from '../../src/records/window-shape.ts';
import { readSnapshot } from '../../src/window/changelog-snapshot.ts';
import { changelogWriter } from '../../src/window/changelog-writer.ts';
import { decodePosition, freshPosition, type SavedPosition } from '../../src/window/saved-position.ts';
import { type TopicCounts, topicCounts } from '../../src/window/topic-counts.ts';
import type { ClosedWindow } from '../../src/window/window-counts.ts';
import { countNaively, isTaken, published, recordsIn, shapes, type TimedKey } from './_oracle.ts';

interface LoggedRecord extends TimedKey {
  offset: number;
}

type Action =
  /** Records arrive that are so many ms old. */
  | { do: 'send'; partition: number; ages: number[] }
  /** Some of them are read; `behind` withholds that it was to the end. */
  | { do: 'read'; partition: number; most: number; behind: boolean }
  | { do: 'advance'; by: number }
  /** A commit that writes the changelog. */
  | { do: 'snapshot' }
  | { do: 'restart' }
  /** A restart that finds a changelog which was tampered with: it lacks a record, or is of another time. */
  | { do: 'tamper'; how: 'lose' | 'delete' | 'rename' };

const partitions = [0, 1, 2];
// Nothing is ever sent to the last one.
const partition = fc.constantFrom(0, 1);
const ages = fc.array(fc.oneof(fc.nat(40), fc.integer({ min: -500, max: 4_000 }), fc.nat(12_000)), { maxLength: 5 });
// Mostly small steps; now and then a clock that was set, back or ahead, or a machine that slept.
const by = fc.oneof(
  { weight: 9, arbitrary: fc.nat(900) },
  { weight: 1, arbitrary: fc.integer({ min: -4_000, max: 9_000 }) },
);
const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), partition, ages }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('read' as const),
        partition: fc.constantFrom(...partitions),
        most: fc.integer({ min: 1, max: 9 }),
        behind: fc.constantFrom(true, false, false, false),
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('advance' as const), by }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('tamper' as const),
        how: fc.constantFrom('lose' as const, 'delete' as const, 'rename' as const),
      }),
    },
  ),
  { minLength: 20, maxLength: 120 },
);

/** A topic whose offsets have holes, as compaction and markers leave them, a counter that reads it, and what is right. */
function topicUnderTest(shape: WindowShape, allowedLateness: number) {
  const options = { shape, outOfOrderness: 50, allowedLateness };
  const logs = partitions.map((): LoggedRecord[] => []);
  const out = published();
  let now = 100_000;
  let saved = new Map(partitions.map((number): [number, SavedPosition] => [number, freshPosition(0)]));
  let counts = topicCounts(options, saved);
  let next = partitions.map(() => 0);
  // What compaction leaves of the changelog.
  const changelog = new Map<string, string>();
  let writer = changelogWriter({ fingerprint: 'same' });
  let snapshots = 0;
  let restored = 0;
  /** Of each partition, whether the record at an offset has been counted or dropped. */
  const fates = partitions.map(() => new Map<number, boolean>());

  const endOf = (number: number) => (logs[number]?.length ?? 0) * 3;
  const nextOf = (number: number) => next[number] ?? 0;
  const countedBefore = (number: number) => saved.get(number)?.next ?? 0;
  const isReplaying = () => partitions.some((number) => nextOf(number) < countedBefore(number));
  const counted = () => logs.flatMap((log, number) => log.filter(({ offset }) => fates[number]?.get(offset)));
  const late = () => fates.reduce((sum, fate) => sum + [...fate.values()].filter((isIn) => !isIn).length, 0);

  const send = (number: number, times: readonly number[]) => {
    for (const age of times) {
      logs[number]?.push({ offset: endOf(number) + 1, time: now - age, key: String(Math.abs(age) % 3) });
    }
  };

  const read = (number: number, most: number, behind: boolean) => {
    const left = (logs[number] ?? []).filter(({ offset }) => offset >= nextOf(number));
    const batch = left.slice(0, most);
    for (const { offset, time } of batch) {
      if (offset < countedBefore(number)) continue;
      fates[number]?.set(offset, isTaken(shape, time, counts.status().watermark, allowedLateness));
    }
    const isEnd = batch.length === left.length;
    next[number] = isEnd ? endOf(number) : (batch.at(-1)?.offset ?? 0) + 1;
    counts.take({
      partition: number,
      records: batch.map(({ offset, time, key }) => ({ offset, timestamp: time, value: Buffer.from(key) })),
      nextOffset: nextOf(number),
      highWatermark: endOf(number),
      caughtUp: isEnd && !behind,
    });
  };

  const bringOut = (close: (counter: TopicCounts) => ClosedWindow[]) => {
    const closed = close(counts);
    if (isReplaying()) return expect(closed).toEqual([]);
    out.take(closed);
    return expect(out.counts()).toEqual(countNaively(shape, counted(), counts.status().watermark));
  };

  const snapshot = () => {
    const state = counts.state();
    if (!state) return;
    const records = writer.write(state, `snapshot ${++snapshots}`);
    expect(new Set(records.map(({ key }) => key)).size, 'a key was written twice').toBe(records.length);
    for (const { key, value } of records) {
      if (value === null) changelog.delete(key);
      else changelog.set(key, value);
    }
  };

  /** What is committed, and with a changelog that fits, read no further back than from there. */
  const restart = (how?: 'lose' | 'delete' | 'rename') => {
    const { present } = writer;
    const mark = (number: number) => {
      const covered = present?.covered.get(number);
      return present && covered !== undefined ? { snapshot: present.id, next: covered } : undefined;
    };
    saved = new Map(
      counts
        .commitPoints(mark)
        .map(({ partition: number, offset, metadata }) => [number, decodePosition(offset, metadata)]),
    );
    const [first] = changelog.keys();
    if (how === 'delete') changelog.clear();
    else if (how === 'lose') changelog.delete(first ?? '');
    const state = readSnapshot(changelog, saved, how === 'rename' ? 'other' : 'same');
    const isFit = !('misfit' in state);
    expect(isFit).toBe(present !== undefined && how === undefined);
    if (isFit) {
      restored += 1;
      for (const [number, position] of saved) {
        const covered = state.covered.get(number) ?? position.offset;
        saved.set(number, { ...position, offset: Math.max(position.offset, covered) });
      }
    }
    writer = changelogWriter({
      fingerprint: 'same',
      found: changelog.keys(),
      ...(isFit && present ? { restored: { id: present.id, state } } : {}),
    });
    // What had not brought anything out yet is taken anew.
    for (const [number, { next: from }] of saved) {
      for (const { offset } of logs[number] ?? []) if (offset >= from) fates[number]?.delete(offset);
    }
    next = partitions.map((number) => saved.get(number)?.offset ?? 0);
    counts = topicCounts(options, saved, isFit ? state : undefined);
  };

  return {
    restored: () => restored,
    run(action: Action) {
      if (action.do === 'send') return send(action.partition, action.ages);
      if (action.do === 'read') return read(action.partition, action.most, action.behind);
      if (action.do === 'snapshot') return snapshot();
      if (action.do === 'restart') return restart();
      if (action.do === 'tamper') return restart(action.how);
      now += action.by;
      return bringOut((counter) => counter.advance(now));
    },
    end() {
      const readAll = () => {
        for (const number of partitions) read(number, Number.MAX_SAFE_INTEGER, false);
      };
      readAll();
      bringOut((counter) => counter.closeAll());
      expect(counts.status()).toMatchObject({ lateDropped: late(), open: 0, lag: 0, settled: true });
      const sum = recordsIn(shape, out.counts());
      if (sum !== undefined) expect(sum + late()).toBe(logs.reduce((all, log) => all + log.length, 0));
      restart();
      readAll();
      expect(counts.advance(now + 1_000_000)).toEqual([]);
      snapshot();
      const keys = [...changelog.keys()].filter((key) => !key.startsWith('offsets/'));
      expect(new Set(keys), 'something is kept that nobody needs').toEqual(
        new Set([
          ...(writer.present ? ['snapshot'] : []),
          ...(counts.state()?.stretches ?? [])
            .filter(({ counts: { size } }) => size > 0)
            .map(({ kind, start }) => `${kind}/${start}/0`),
        ]),
      );
    },
  };
}

describe('a topic of several partitions', () => {
  test('is counted right, once per revision, through any batches, clocks, restarts and snapshots, whatever the shape', () => {
    let restored = 0;
    const right = fc.property(shapes, fc.nat(2_500), actions, (shape, allowedLateness, plan) => {
      const topic = topicUnderTest(shape, allowedLateness);
      for (const action of plan) topic.run(action);
      topic.end();
      restored += topic.restored();
    });
    fc.assert(right, { numRuns: 400 });
    expect(restored).toBeGreaterThan(100);
  });
});
