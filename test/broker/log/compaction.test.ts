import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PartitionLog } from '../../../src/broker/log/partition-log.ts';
import { leapingClock } from '../../_support/leaping-clock.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch, type TestRecord } from '../_batches.ts';
import { append, openLog, readRecordsFrom, segmentFiles } from './_test-log.ts';

const compacted = { isCompacted: true, deletesOldRecords: false, minCleanableDirtyRatio: 0 };

const keyed = (key: string, value: string | null): TestRecord => ({ key, value });

/** Appends each record in a batch of its own. */
async function appendAll(log: PartitionLog, records: readonly [key: string, value: string | null][]): Promise<void> {
  for (const [key, value] of records) await append(log, makeBatch([keyed(key, value)]));
}

const contentOf = async (log: PartitionLog) =>
  (await readRecordsFrom(log, 0)).map(({ offset, key, value }) => `${offset} ${key}=${value}`);

describe('compaction', () => {
  test('of each key the newest record stays, where it was; the segment that is written to is left alone', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { uncached: true, with: { ...compacted, segmentBytes: 200 } });
    await appendAll(log, [
      ['a', '1'],
      ['b', '1'],
      ['a', '2'],
      ['a', '3'],
      ['b', '2'],
      ['c', '1'],
      ['c', '2'],
    ]);
    expect(segmentFiles(directory)).toHaveLength(4);
    await log.compact();
    // The last is in the active segment, which supersedes nothing yet.
    expect(await contentOf(log)).toEqual(['3 a=3', '4 b=2', '5 c=1', '6 c=2']);
    expect([log.startOffset, log.highWatermark]).toEqual([0, 7]);
    await log.close();
  });

  const command = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        records: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.option(fc.string({ maxLength: 9 }))), {
          minLength: 1,
          maxLength: 6,
        }),
        compression: fc.constantFrom('none' as const, 'gzip' as const, 'zstd' as const),
      }),
    },
    { weight: 2, arbitrary: fc.constant({ kind: 'compact' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'kill' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), time: fc.nat({ max: 300 }) }) },
  );

  test('whatever is written, cut and compacted when: a reader gets the newest of each key, in order, nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { maxLength: 40 }),
        fc.integer({ min: 100, max: 900 }),
        fc.constantFrom(4, 1024),
        async (commands, segmentBytes, compactionSlots) => {
          const directory = temporaryFolder();
          const clock = leapingClock(1_700_000_000_000);
          const open = () =>
            openLog(directory, {
              uncached: true,
              clock,
              compactionSlots,
              with: { ...compacted, segmentBytes, deleteRetentionMs: 100 },
            });
          let log = open();
          const written: { key: string; value: string | null; timestamp: number }[] = [];
          const check = async () => {
            const got = await readRecordsFrom(log, 0);
            const offsets = got.map(({ offset }) => offset);
            expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
            for (const { offset, ...record } of got) expect(record).toEqual(written[offset]);
            const [newest, seen] = [written, got].map(
              (records) => new Map(records.map(({ key, value }) => [key, value] as const)),
            );
            for (const [key, value] of newest ?? []) expect(seen?.get(key) ?? null).toBe(value);
          };
          for (const step of commands) {
            if (step.kind === 'append') {
              const timestamp = clock.now();
              const records = step.records.map(([key, value]) => ({ key, value, timestamp }));
              await append(log, makeBatch(records, { compression: step.compression }));
              written.push(...records);
            } else if (step.kind === 'compact') {
              await log.compact();
              await check();
            } else if (step.kind === 'wait') {
              clock.leap(step.time);
            } else {
              await log.close();
              if (step.kind === 'kill') rmSync(join(directory, 'checkpoint.json'));
              log = open();
              expect(log.endOffset).toBe(written.length);
            }
          }
          await log.compact();
          await check();
          await log.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a tombstone stays for delete.retention.ms and goes then, also when nothing new was written', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const log = openLog(temporaryFolder(), {
      uncached: true,
      clock,
      with: { ...compacted, segmentBytes: 150, deleteRetentionMs: 1_000 },
    });
    await appendAll(log, [
      ['a', '1'],
      ['b', '1'],
      ['a', null],
      ['b', '2'],
      ['end', ''],
      ['end', ''],
      ['end', ''],
    ]);
    await log.compact();
    expect(await contentOf(log)).toContain('2 a=null');
    clock.leap(999);
    await log.compact();
    expect(await contentOf(log)).toContain('2 a=null');
    clock.leap(1);
    await log.compact();
    expect((await contentOf(log)).slice(0, 2)).toEqual(['3 b=2', '5 end=']);
    await log.close();
  });

  test('nothing is done before enough is new, or while it is too young', async () => {
    const clock = leapingClock(1_700_000_000_000);
    const settings = { ...compacted, segmentBytes: 150, minCleanableDirtyRatio: 0.5, minCompactionLagMs: 1_000 };
    const directory = temporaryFolder();
    const log = openLog(directory, { uncached: true, clock, with: settings });
    const write = async (count: number) => {
      for (let index = 0; index < count; index++) {
        await append(log, makeBatch([{ key: 'a', value: String(index) }], { timestamp: clock.now() }));
      }
    };
    await write(9);
    await log.compact();
    expect(await readRecordsFrom(log, 0)).toHaveLength(9);
    clock.leap(1_001);
    await log.compact();
    expect(await contentOf(log)).toEqual(['7 a=7', '8 a=8']);
    settings.segmentBytes = 4_000;
    await append(log, makeBatch([{ key: 'big', value: 'x'.repeat(3_000) }], { timestamp: clock.now() }));
    settings.segmentBytes = 150;
    await write(3);
    clock.leap(1_001);
    await log.compact();
    const before = await contentOf(log);
    // One small segment more is far from half of the log.
    await write(2);
    clock.leap(1_001);
    await log.compact();
    expect((await contentOf(log)).slice(0, before.length)).toEqual(before);
    await log.close();
  });

  test('many small segments become one, and find their records by time', async () => {
    const directory = temporaryFolder();
    const settings = { ...compacted, segmentBytes: 300 };
    const log = openLog(directory, { uncached: true, with: settings });
    const time = 1_700_000_000_000;
    for (let index = 0; index < 30; index++) {
      await append(log, makeBatch([{ key: `k${index % 4}`, value: 'x' }], { timestamp: time + index }));
    }
    settings.segmentBytes = 1_000_000;
    await log.compact();
    expect(segmentFiles(directory)).toHaveLength(2);
    const [first] = await readRecordsFrom(log, 0);
    expect(await log.findTime(time, log.highWatermark)).toEqual({ offset: first?.offset, timestamp: first?.timestamp });
    expect(await log.findLatestTime(log.highWatermark)).toEqual({ offset: 29, timestamp: time + 29 });
    await log.close();
    // Index and progress are kept: opened again, there is nothing to do.
    const content = segmentFiles(directory).map((file) => readFileSync(file));
    const reopened = openLog(directory, { uncached: true, with: settings });
    await reopened.compact();
    expect(segmentFiles(directory).map((file) => readFileSync(file))).toEqual(content);
    await reopened.close();
  });

  test('a fetch at any offset that is gone gives the next record there is', async () => {
    const log = openLog(temporaryFolder(), { uncached: true, with: { ...compacted, segmentBytes: 400 } });
    for (let index = 0; index < 40; index++) await append(log, makeBatch([keyed('a', 'x'), keyed('b', 'y')]));
    await log.compact();
    const all = await readRecordsFrom(log, 0);
    for (let offset = 0; offset < log.highWatermark; offset++) {
      const bytes = Buffer.concat((await log.read(offset, log.highWatermark, 10, true)) as Buffer[]);
      expect(bytes.readInt32BE(57)).toBeGreaterThan(0);
      const next = all.find((record) => record.offset >= offset);
      expect((await readRecordsFrom(log, offset))[0]).toEqual(next);
    }
    await log.close();
  });

  test('a producer is known after compaction has removed all it wrote, even from the log alone', async () => {
    const directory = temporaryFolder();
    const settings = { ...compacted, segmentBytes: 200 };
    const log = openLog(directory, { uncached: true, with: settings });
    const batch = (sequence: number) =>
      makeBatch([keyed('a', String(sequence))], { producerId: 5, producerEpoch: 0, baseSequence: sequence });
    await append(log, batch(0));
    await append(log, batch(1));
    await appendAll(log, [
      ['a', 'newer'],
      ['a', 'newest'],
      ['b', ''],
      ['b', ''],
      ['b', ''],
    ]);
    await log.compact();
    expect((await contentOf(log))[0]).toBe('3 a=newest');
    await log.close();
    rmSync(join(directory, 'checkpoint.json'));
    const reopened = openLog(directory, { with: settings });
    expect(await append(reopened, batch(1))).toBe(1);
    expect(reopened.append(batch(3))).toMatchObject({ errorCode: 45 });
    expect(await append(reopened, batch(2))).toBe(7);
    await reopened.close();
  });

  test('a reader that is at work reads on while its segments are replaced', async () => {
    const log = openLog(temporaryFolder(), { uncached: true, with: { ...compacted, segmentBytes: 200 } });
    for (let index = 0; index < 20; index++) await append(log, makeBatch([keyed('a', String(index))]));
    let isDone = false;
    const compacting = log.compact().then(() => {
      isDone = true;
    });
    do {
      const values = (await readRecordsFrom(log, 0)).map(({ offset, value }) => [offset, value]);
      expect(values.at(-1)).toEqual([19, '19']);
      for (const [offset, value] of values) expect(String(offset)).toBe(value);
    } while (!isDone);
    await compacting;
    await log.close();
  });

  test('a log that is closed or removed meanwhile ends its compaction', async () => {
    for (const end of ['close', 'remove'] as const) {
      const directory = temporaryFolder();
      const log = openLog(join(directory, 'log'), { with: { ...compacted, segmentBytes: 200 } });
      for (let index = 0; index < 20; index++) await append(log, makeBatch([keyed('a', String(index))]));
      const compacting = log.compact();
      await log[end]();
      await compacting;
      if (end === 'remove') continue;
      const reopened = openLog(join(directory, 'log'), { uncached: true });
      expect((await readRecordsFrom(reopened, 0)).at(-1)).toMatchObject({ offset: 19, value: '19' });
      await reopened.close();
    }
  });

  test('a broken segment is left as it is', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { uncached: true, with: { ...compacted, segmentBytes: 200 } });
    for (let index = 0; index < 9; index++) await append(log, makeBatch([keyed('a', String(index))]));
    const [file = ''] = segmentFiles(directory);
    truncateSync(file, readFileSync(file).length - 1);
    await expect(log.compact()).rejects.toThrow('is broken');
    expect((await readRecordsFrom(log, 4)).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8]);
  });
});
