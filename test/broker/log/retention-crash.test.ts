import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { PartitionLog } from '../../../src/broker/log/partition-log.ts';
import { leapingClock } from '../../_support/leaping-clock.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { beforeEachChange, restoreFiles } from './_file-changes.ts';
import { readCommitted } from './_read-committed.ts';
import { append, openLog, segmentFiles } from './_test-log.ts';

afterEach(restoreFiles);

const start = 1_700_000_000_000;
const settings = { segmentBytes: 250, retentionMs: 1_000 };

/**
 * A log in which each transaction begins in one segment and ends in another. With an old checkpoint, the one on the disk
 * has the second transaction as open: segments were complete since, but none was synced yet.
 */
async function filledLog(directory: string, clock: ReturnType<typeof leapingClock>, hasOldCheckpoint: boolean) {
  const log = openLog(directory, { uncached: true, clock, with: settings });
  for (let round = 0; round < 4; round++) {
    const producerId = 1 + round;
    const batch = (baseSequence: number) => {
      const options = { producerId, producerEpoch: 0, baseSequence, attributes: 0x10, timestamp: clock.now() };
      return makeBatch([`${round} ${'x'.repeat(60)}`], options);
    };
    await append(log, batch(0));
    await append(log, batch(1));
    if (round === 1 && hasOldCheckpoint) {
      // Resolves when the checkpoints of all that is complete are saved.
      await log.compact();
      beforeEachChange((step) => {
        if (step.startsWith('renameSync') && step.includes('checkpoint')) throw new Error('not yet');
      });
    }
    const marker = log.appendMarker({ producerId, producerEpoch: 0, isCommit: round % 2 === 0 });
    if ('errorCode' in marker) throw new Error(marker.message);
    await log.whenStored(marker.endOffset, true);
    clock.leap(400);
  }
  await log.compact();
  restoreFiles();
  return log;
}

const stateOf = async (log: PartitionLog) => ({
  endOffset: log.endOffset,
  lastStableOffset: log.lastStableOffset,
  open: log.openTransactions,
  leaderEpoch: log.leaderEpoch,
});

describe.each([false, true])('retention with an old checkpoint (%s)', (hasOldCheckpoint) => {
  test.each([
    ['some segments go', 500, 3],
    ['all records go, for which a new segment begins', 10_000, 12],
  ])(
    '%s: a kill at any change of a file loses nothing else and opens no transaction again',
    async (_, leap, expectedStart) => {
      const clock = leapingClock(start);
      const directory = temporaryFolder();
      const log = await filledLog(directory, clock, hasOldCheckpoint);
      clock.leap(leap);
      const before = { state: await stateOf(log), records: await readCommitted(log, 0) };
      const snapshots = temporaryFolder();
      const steps: string[] = [];
      let isCopying = false;
      const copy = (step: string) => {
        if (isCopying) return;
        isCopying = true;
        fs.cpSync(directory, join(snapshots, String(steps.length)), { recursive: true });
        steps.push(step);
        isCopying = false;
      };
      beforeEachChange(copy);
      log.maintain();
      restoreFiles();
      copy('after all');
      expect(log.startOffset).toBeGreaterThanOrEqual(expectedStart);
      if (log.startOffset === log.endOffset) expect(segmentFiles(directory)).toHaveLength(1);
      expect(steps.filter((step) => step.startsWith('rmSync')).length).toBeGreaterThan(0);
      for (const [index, step] of steps.entries()) {
        const warnings: string[] = [];
        const left = join(snapshots, String(index));
        const recovered = openLog(left, { uncached: true, clock, warnings, with: settings });
        expect(warnings, step).toEqual([]);
        expect([0, log.startOffset], step).toContain(recovered.startOffset);
        expect(await stateOf(recovered), step).toEqual(before.state);
        const records = before.records.filter(({ offset }) => offset >= recovered.startOffset);
        expect(await readCommitted(recovered, recovered.startOffset), step).toEqual(records);
        const retry = { producerId: 4, producerEpoch: 0, baseSequence: 9, attributes: 0x10 };
        expect(recovered.append(makeBatch(['gap'], retry)), step).toMatchObject({ errorCode: 45 });
        await recovered.close();
      }
      await log.close();
    },
  );
});
