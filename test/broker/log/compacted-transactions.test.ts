import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { PartitionLog } from '../../../src/broker/log/partition-log.ts';
import { batchHeader, deleteHorizonOf, isControl } from '../../../src/broker/log/record-batch.ts';
import { leapingClock } from '../../_support/leaping-clock.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { beforeEachChange, restoreFiles } from './_file-changes.ts';
import { batchesOf, readCommitted } from './_read-committed.ts';
import { append, openLog, readRecordsFrom, type TestLogOptions } from './_test-log.ts';

const compacted = { isCompacted: true, deletesOldRecords: false, minCleanableDirtyRatio: 0, segmentBytes: 150 };

afterEach(restoreFiles);

/** Writes as producers do, each with its own sequence numbers. */
function producersOf(log: PartitionLog) {
  const sequences = new Map<number, number>();
  return {
    async write(producerId: number, key: string, value: string | null): Promise<number> {
      const baseSequence = sequences.get(producerId) ?? 0;
      sequences.set(producerId, baseSequence + 1);
      const options = { producerId, producerEpoch: 0, baseSequence, attributes: 0x10 };
      return append(log, makeBatch([{ key, value }], options));
    },
    async end(producerId: number, isCommit: boolean): Promise<void> {
      const marker = log.appendMarker({ producerId, producerEpoch: 0, isCommit });
      if ('errorCode' in marker) throw new Error(marker.message);
      await log.whenStored(marker.endOffset, true);
    },
  };
}

/** Completes the segments that hold what was written so far. */
async function fill(log: PartitionLog): Promise<void> {
  for (let count = 0; count < 3; count++) await append(log, makeBatch([{ key: 'filler', value: 'x'.repeat(80) }]));
}

const open = (directory: string, options: TestLogOptions = {}, settings: TestLogOptions['with'] = {}) =>
  openLog(directory, { uncached: true, ...options, with: { ...compacted, ...settings } });

const contentOf = async (log: PartitionLog) =>
  (await readCommitted(log, 0))
    .filter(({ key }) => key !== 'filler')
    .map(({ offset, key, value }) => `${offset} ${key}=${value}`);

const markersOf = async (log: PartitionLog) =>
  (await batchesOf(log)).filter((batch) => isControl(batch)).map((batch) => batchHeader.baseOffset(batch));

describe('compaction of transactions', () => {
  test('committed records are superseded like all others, aborted ones go and supersede nothing', async () => {
    const log = open(temporaryFolder());
    const { write, end } = producersOf(log);
    await write(1, 'a', 'old');
    await write(1, 'b', 'only');
    await end(1, true);
    await write(2, 'a', 'new');
    await end(2, true);
    await write(3, 'a', 'aborted');
    await write(3, 'b', 'aborted');
    await end(3, false);
    await fill(log);
    await log.compact();
    expect(await contentOf(log)).toEqual(['1 b=only', '3 a=new']);
    const records = await readRecordsFrom(log, 0);
    expect(records.filter(({ value }) => value === 'aborted')).toEqual([]);
    await log.close();
  });

  test('nothing is compacted from the first open transaction on', async () => {
    const log = open(temporaryFolder());
    const { write, end } = producersOf(log);
    await write(1, 'a', 'before');
    await end(1, true);
    await write(2, 'a', 'undecided');
    await append(log, makeBatch([{ key: 'a', value: 'after' }]));
    await fill(log);
    await log.compact();
    expect(await contentOf(log)).toEqual(['0 a=before']);
    await end(2, false);
    await fill(log);
    await log.compact();
    expect(await contentOf(log)).toEqual(['3 a=after']);
    await log.close();
  });

  test('a marker stays while a batch of its transaction does, then for delete.retention.ms', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const log = open(temporaryFolder(), { clock }, { deleteRetentionMs: 1_000 });
    const { write, end } = producersOf(log);
    await write(1, 'a', 'committed');
    await end(1, true);
    await write(2, 'a', 'aborted');
    await end(2, false);
    // Their newest batches are empty by then, so that the producers are known.
    await write(1, 'x', '');
    await end(1, true);
    await write(2, 'x', '');
    await end(2, true);
    await fill(log);
    await log.compact();
    clock.leap(5_000);
    await fill(log);
    await log.compact();
    expect((await markersOf(log)).slice(0, 2)).toEqual([1, 5]);
    const horizons = (await batchesOf(log)).filter((batch) => isControl(batch)).map(deleteHorizonOf);
    expect(horizons[0]).toBeUndefined();

    await append(log, makeBatch([{ key: 'a', value: 'newer' }]));
    await fill(log);
    await log.compact();
    expect((await markersOf(log))[0]).toBe(1);
    clock.leap(999);
    await fill(log);
    await log.compact();
    expect((await markersOf(log))[0]).toBe(1);
    clock.leap(1);
    await log.compact();
    expect(await markersOf(log)).not.toContain(1);
    await log.close();
  });

  test('an aborted transaction whose marker is gone hides nothing of what its producer does next', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const directory = temporaryFolder();
    const log = open(directory, { clock }, { deleteRetentionMs: 0, segmentBytes: 250 });
    const { write, end } = producersOf(log);
    await write(1, 'a', 'aborted');
    await end(1, false);
    await write(1, 'a', 'committed');
    await end(1, true);
    await fill(log);
    for (let round = 0; round < 3; round++) await log.compact();
    expect(await markersOf(log)).toEqual([3]);
    const killed = join(temporaryFolder(), 'killed');
    fs.cpSync(directory, killed, { recursive: true });
    await log.close();
    for (const left of [killed, directory]) {
      const reopened = open(left, { clock });
      const read = await readCommitted(reopened, 0, 100_000);
      expect(read.map(({ value }) => value)).toContain('committed');
      await reopened.close();
    }
  });

  test('what a recovery would read stays as it is', async () => {
    const directory = temporaryFolder();
    const log = open(directory, {}, { deleteRetentionMs: 0 });
    const { write, end } = producersOf(log);
    await write(1, 'a', 'old');
    await fill(log);
    await log.compact();
    // From here on, no checkpoint can be saved: the one on the disk has the transaction as open.
    beforeEachChange((step) => {
      if (step.startsWith('renameSync') && step.includes('checkpoint')) throw new Error('no room');
    });
    await end(1, true);
    await append(log, makeBatch([{ key: 'a', value: 'new' }]));
    await fill(log);
    const firstOffset = await write(1, 'b', 'undecided');
    for (let round = 0; round < 3; round++) await log.compact();
    restoreFiles();
    const killed = join(temporaryFolder(), 'killed');
    fs.cpSync(directory, killed, { recursive: true });
    const recovered = open(killed);
    expect(recovered.openTransactions).toEqual([{ producerId: 1, firstOffset }]);
    expect(recovered.lastStableOffset).toBe(firstOffset);
    expect(await contentOf(recovered)).toEqual(await contentOf(log));
    await recovered.close();
    await log.close();
  });

  test('a crash at any step of it leaves what readers see, and the producers', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const directory = temporaryFolder();
    const settings = { deleteRetentionMs: 0, segmentBytes: 400 };
    const log = open(directory, { clock }, settings);
    const { write, end } = producersOf(log);
    for (let round = 0; round < 6; round++) {
      await write(1, 'a', `${round}`);
      await write(2, 'b', `${round}`);
      await end(1, round % 2 === 0);
      await end(2, round % 3 === 0);
    }
    await write(3, 'c', 'open');
    await fill(log);
    const expected = Object.fromEntries((await readCommitted(log, 0)).map(({ key, value }) => [key, value]));
    expect(expected).toMatchObject({ a: '4', b: '3' });
    const snapshots = temporaryFolder();
    const steps: string[] = [];
    let isCopying = false;
    beforeEachChange((step) => {
      if (isCopying) return;
      isCopying = true;
      fs.cpSync(directory, join(snapshots, String(steps.length)), { recursive: true });
      steps.push(step);
      isCopying = false;
    });
    // Records go, then markers get their time, then markers go.
    for (let round = 0; round < 3; round++) await log.compact();
    restoreFiles();
    expect(steps.filter((step) => step.startsWith('renameSync')).length).toBeGreaterThanOrEqual(6);
    for (const [index, step] of steps.entries()) {
      const left = join(snapshots, String(index));
      for (const losesCheckpoint of [false, true]) {
        if (losesCheckpoint) fs.rmSync(join(left, 'checkpoint.json'), { force: true });
        const recovered = open(left, { clock }, settings);
        const facts = [recovered.startOffset, recovered.endOffset, recovered.lastStableOffset];
        expect(facts, step).toEqual([0, log.endOffset, 24]);
        expect(recovered.openTransactions, step).toEqual([{ producerId: 3, firstOffset: 24 }]);
        for (const maxBytes of [100, 100_000]) {
          const read = await readCommitted(recovered, 0, maxBytes);
          expect(Object.fromEntries(read.map(({ key, value }) => [key, value])), step).toEqual(expected);
        }
        const skipping = makeBatch(['x'], { producerId: 1, producerEpoch: 0, baseSequence: 7 });
        expect(recovered.append(skipping), step).toMatchObject({ errorCode: 45 });
        await recovered.close();
      }
    }
    await log.close();
  });

  test('a changelog that is written in transactions, as Kafka Streams does, stays as large as its table', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const directory = temporaryFolder();
    const settings = { deleteRetentionMs: 1_000, segmentBytes: 8_192, minCleanableDirtyRatio: 0.5 };
    let log = open(directory, { clock }, settings);
    let producers = producersOf(log);
    const table = new Map<string, string | null>();
    const sizes: number[] = [];
    for (let commit = 0; commit < 400; commit++) {
      // Now and then the task moves to another instance, which has another producer.
      const producerId = 1 + Math.floor(commit / 100);
      const isCommit = commit % 7 !== 3;
      for (let update = 0; update < 3; update++) {
        const key = `window ${(commit * 3 + update) % 20}`;
        const value = (commit + update) % 11 === 0 ? null : `count ${commit}`;
        await producers.write(producerId, key, value);
        if (isCommit) table.set(key, value);
      }
      await producers.end(producerId, isCommit);
      clock.leap(100);
      if (commit % 20 === 19) await log.compact();
      if (commit === 199) {
        await log.close();
        log = open(directory, { clock }, settings);
        producers = producersOf(log);
      }
      if (commit % 100 === 99) sizes.push(log.sizeBytes);
    }
    const written = 400 * (3 * 95 + 78);
    expect(Math.max(...sizes)).toBeLessThan(written / 3);
    // It does not grow with what was written.
    expect(sizes.at(-1)).toBeLessThan((sizes[0] ?? 0) * 1.5);
    const restored = new Map((await readCommitted(log, 0)).map(({ key, value }) => [key, value]));
    for (const [key, value] of table) expect(restored.get(key) ?? null, key).toBe(value);
    await log.close();
  });
});

describe('compaction of a topic that was none before', () => {
  test('records without a key go, as in Apache Kafka, once their segment is compacted', async () => {
    const log = open(temporaryFolder());
    await append(log, makeBatch(['keyless', { key: 'a', value: '1' }]));
    await append(log, makeBatch(['all', 'keyless']));
    await fill(log);
    await append(log, makeBatch(['newest']));
    await log.compact();
    const values = (await readRecordsFrom(log, 0)).filter(({ key }) => key !== 'filler').map(({ value }) => value);
    expect(values).toEqual(['1', 'newest']);
    await log.close();
  });
});

describe('max.compaction.lag.ms', () => {
  test('old records are compacted however few they are, and although nothing more is written', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const settings = { minCleanableDirtyRatio: 1, maxCompactionLagMs: 10_000, segmentBytes: 100_000 };
    const log = open(temporaryFolder(), { clock }, settings);
    const values = async () => (await readRecordsFrom(log, 0)).map(({ value }) => value);
    for (const value of ['1', '2']) await append(log, makeBatch([{ key: 'a', value }], { timestamp: clock.now() }));
    clock.leap(9_999);
    log.maintain();
    await log.compact();
    expect(await values()).toEqual(['1', '2']);
    clock.leap(2);
    log.maintain();
    await log.compact();
    expect(await values()).toEqual(['2']);
    await log.close();
  });

  test('a segment is complete when its first record is as old, so that it can be compacted', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const settings = { minCleanableDirtyRatio: 1, maxCompactionLagMs: 10_000, segmentBytes: 100_000 };
    const log = open(temporaryFolder(), { clock }, settings);
    for (const value of ['1', '2', '3']) {
      await append(log, makeBatch([{ key: 'a', value }], { timestamp: clock.now() }));
      clock.leap(6_000);
    }
    await log.compact();
    expect((await readRecordsFrom(log, 0)).map(({ value }) => value)).toEqual(['2', '3']);
    await log.close();
  });
});
