import { cpSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PartitionLog } from '../../../src/broker/log/partition-log.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { readCommitted } from './_read-committed.ts';
import { append, openLog, segmentFiles } from './_test-log.ts';

let sequence = 0;
const write = (log: PartitionLog, producerId: number, value = 'x') =>
  append(log, makeBatch([value], { producerId, producerEpoch: 0, baseSequence: sequence++, attributes: 0x10 }));

async function end(log: PartitionLog, producerId: number, isCommit: boolean): Promise<void> {
  const marker = log.appendMarker({ producerId, producerEpoch: 0, isCommit });
  if ('errorCode' in marker) throw new Error(marker.message);
  await log.whenStored(marker.endOffset, true);
}

/** All that a log knows of transactions. */
async function stateOf(log: PartitionLog) {
  const batches = await log.read(log.startOffset, log.highWatermark, 10_000_000, true);
  return {
    lastStableOffset: log.lastStableOffset,
    open: log.openTransactions,
    aborted: log.abortedIn(batches, log.startOffset),
  };
}

describe('transactions in a partition', () => {
  test('are known again after a stop and after a kill, whichever segment they began in', async () => {
    const directory = temporaryFolder();
    // Each batch fills a segment, so checkpoints are taken in the middle of everything.
    const log = openLog(directory, { with: { segmentBytes: 100 } });
    // One producer's numbers only have to follow one another.
    for (const [producerId, isCommit] of [[1, true] as const, [2, false] as const, [3, false] as const]) {
      sequence = 0;
      await write(log, producerId);
      await write(log, producerId);
      await end(log, producerId, isCommit);
    }
    sequence = 0;
    await write(log, 4);
    sequence = 0;
    await write(log, 5);
    await end(log, 5, false);
    const state = await stateOf(log);
    expect(state).toMatchObject({
      lastStableOffset: 9,
      open: [{ producerId: 4, firstOffset: 9 }],
      aborted: [
        { producerId: 2, firstOffset: 3, lastOffset: 5 },
        { producerId: 3, firstOffset: 6, lastOffset: 8 },
        { producerId: 5, firstOffset: 10, lastOffset: 11 },
      ],
    });
    const killed = temporaryFolder();
    cpSync(directory, killed, { recursive: true });
    const recovered = openLog(killed);
    expect(await stateOf(recovered)).toEqual(state);
    await recovered.close();
    await log.close();
    const reopened = openLog(directory);
    expect(await stateOf(reopened)).toEqual(state);
    await reopened.close();
  });

  test('are open again when the log is cut before their marker', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory);
    sequence = 0;
    await write(log, 1);
    const killed = temporaryFolder();
    await end(log, 1, false);
    cpSync(directory, killed, { recursive: true });
    await log.close();
    const file = segmentFiles(killed)[0] ?? '';
    truncateSync(file, statSync(file).size - 1);
    const cut = openLog(killed);
    expect(await stateOf(cut)).toEqual({
      lastStableOffset: 0,
      open: [{ producerId: 1, firstOffset: 0 }],
      aborted: [],
    });
    await cut.close();
  });

  test('retention keeps those that readers can still meet, and all records of what is open', async () => {
    const directory = temporaryFolder();
    let time = 1_700_000_000_000;
    const clock = { now: () => time, sleepUntil: async () => {} };
    const log = openLog(directory, { clock, with: { segmentBytes: 100, retentionMs: 1_000 } });
    sequence = 0;
    await write(log, 1);
    await end(log, 1, false);
    sequence = 0;
    await write(log, 2);
    sequence = 0;
    await write(log, 3);
    await end(log, 3, false);
    // All of it is too old, but the second transaction is undecided.
    time += 2_000;
    log.maintain();
    expect(log.startOffset).toBe(2);
    const state = await stateOf(log);
    expect(state).toMatchObject({ open: [{ producerId: 2 }], aborted: [{ producerId: 3, firstOffset: 3 }] });
    const killed = join(temporaryFolder(), 'killed');
    cpSync(directory, killed, { recursive: true });
    const recovered = openLog(killed);
    expect(await stateOf(recovered)).toEqual(state);
    await recovered.close();
    await end(log, 2, true);
    expect(log.lastStableOffset).toBe(6);
    await log.close();
  });
});

describe('records that are deleted from within a transaction', () => {
  test('leave it open, and what is left of it is committed or aborted as it ends', async () => {
    for (const isCommit of [true, false]) {
      const directory = temporaryFolder();
      const log = openLog(directory, { uncached: true, with: { segmentBytes: 100 } });
      sequence = 0;
      for (const value of ['0', '1', '2']) await write(log, 1, value);
      await append(log, makeBatch(['plain']));
      log.deleteBefore(2);
      const killed = join(temporaryFolder(), 'killed');
      cpSync(directory, killed, { recursive: true });
      await log.close();
      for (const left of [killed, directory]) {
        const reopened = openLog(left, { uncached: true });
        // No further than what is left.
        expect([reopened.startOffset, reopened.lastStableOffset, reopened.endOffset]).toEqual([2, 2, 4]);
        expect(reopened.openTransactions).toMatchObject([{ producerId: 1 }]);
        await end(reopened, 1, isCommit);
        const values = (await readCommitted(reopened, 2)).map(({ value }) => value);
        expect(values).toEqual(isCommit ? ['2', 'plain'] : ['plain']);
        await reopened.close();
      }
    }
  });

  test('may be all that there are: the transaction is open until its marker, and hides nothing behind it', async () => {
    const log = openLog(temporaryFolder());
    sequence = 0;
    await write(log, 1);
    await write(log, 1);
    log.deleteBefore(2);
    expect([log.startOffset, log.lastStableOffset, log.endOffset]).toEqual([2, 2, 2]);
    await append(log, makeBatch(['plain']));
    expect(log.lastStableOffset).toBe(2);
    await end(log, 1, false);
    expect(log.lastStableOffset).toBe(4);
    expect((await readCommitted(log, 2)).map(({ value }) => value)).toEqual(['plain']);
    // With the marker, the last trace of it goes.
    log.deleteBefore(4);
    expect((await stateOf(log)).aborted).toEqual([]);
    await log.close();
  });
});
