import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { beforeEachChange, restoreFiles } from './_file-changes.ts';
import { append, openLog, type ReadRecord, readRecordsFrom, segmentFiles } from './_test-log.ts';

const settings = { isCompacted: true, deletesOldRecords: false, minCleanableDirtyRatio: 0, segmentBytes: 400 };

afterEach(restoreFiles);

async function filledLog(directory: string) {
  const log = openLog(directory, { uncached: true, with: settings });
  for (let index = 0; index < 24; index++) {
    await append(log, makeBatch([{ key: `k${index % 3}`, value: `${index}` }], { producerId: 3, baseSequence: index }));
  }
  return log;
}

const newestOf = (records: readonly ReadRecord[]) => Object.fromEntries(records.map(({ key, value }) => [key, value]));

describe('a crash during compaction', () => {
  test('at whatever step it happens, the log has all its offsets and the newest of each key', async () => {
    const directory = temporaryFolder();
    const log = await filledLog(directory);
    const before = await readRecordsFrom(log, 0);
    const snapshots = temporaryFolder();
    const steps: string[] = [];
    // What a killed process leaves is the files as they are at that moment.
    beforeEachChange((step) => {
      if (!steps.at(-1)?.startsWith('copying')) {
        steps.push('copying');
        fs.cpSync(directory, join(snapshots, String(steps.length)), { recursive: true });
        steps[steps.length - 1] = step;
      }
    });
    await log.compact();
    restoreFiles();
    const after = await readRecordsFrom(log, 0);
    expect(after.length).toBeLessThan(before.length / 2);
    expect(steps.filter((step) => step.startsWith('renameSync')).length).toBeGreaterThanOrEqual(4);
    let [old, fresh] = [0, 0];
    for (const [index, step] of steps.entries()) {
      const copy = join(snapshots, String(index + 1));
      const warnings: string[] = [];
      const reopened = openLog(copy, { uncached: true, warnings, with: settings });
      const records = await readRecordsFrom(reopened, 0);
      expect([reopened.startOffset, reopened.endOffset, warnings], step).toEqual([0, 24, []]);
      expect(newestOf(records), step).toEqual(newestOf(before));
      const known = new Map(before.map((record) => [record.offset, record]));
      for (const record of records) expect(known.get(record.offset), step).toEqual(record);
      if (records.length === before.length) old++;
      if (records.length === after.length) fresh++;
      expect(
        fs.readdirSync(copy).filter((name) => /compacting|swap/.test(name)),
        step,
      ).toEqual([]);
      // It goes on from there, to the same end.
      await reopened.compact();
      expect(await readRecordsFrom(reopened, 0), step).toEqual(after);
      expect(reopened.append(makeBatch(['x'], { producerId: 3, baseSequence: 25 }))).toMatchObject({ errorCode: 45 });
      await reopened.close();
    }
    expect([old > 0, fresh > 0]).toEqual([true, true]);
    await log.close();
  });

  test('a disk that is full before the swap leaves the log as it was, and the next compaction succeeds', async () => {
    const directory = temporaryFolder();
    const log = await filledLog(directory);
    const before = await readRecordsFrom(log, 0);
    const files = segmentFiles(directory).map((file) => fs.readFileSync(file));
    for (const failing of ['openSync', 'writeSync'] as const) {
      beforeEachChange((step) => {
        if (!step.startsWith(failing) || (failing === 'openSync' && !step.endsWith('.compacting'))) return;
        throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      });
      await expect(log.compact()).rejects.toThrow('ENOSPC');
      restoreFiles();
      expect(fs.readdirSync(directory).filter((name) => name.endsWith('compacting'))).toEqual([]);
      expect(segmentFiles(directory).map((file) => fs.readFileSync(file))).toEqual(files);
      expect(await readRecordsFrom(log, 0)).toEqual(before);
    }
    await log.compact();
    expect((await readRecordsFrom(log, 0)).length).toBeLessThan(before.length);
    await log.close();
  });
});
