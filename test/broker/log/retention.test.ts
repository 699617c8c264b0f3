import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { leapingClock } from '../../_support/leaping-clock.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { append, openLog, readOffsets, segmentFiles } from './_test-log.ts';

describe('retention', () => {
  test('whole segments go when their newest record is too old, even the last one', async () => {
    const clock = leapingClock(1_000_000);
    const directory = temporaryFolder();
    const log = openLog(directory, { clock, with: { segmentBytes: 300, retentionMs: 10_000 } });
    for (const timestamp of [1_000_000, 1_005_000, 1_008_000])
      await append(log, makeBatch(['x'.repeat(150)], { timestamp }));
    log.maintain();
    expect(log.startOffset).toBe(0);
    clock.leap(12_000);
    log.maintain();
    expect(log.startOffset).toBe(1);
    clock.leap(1_000_000);
    log.maintain();
    expect([log.startOffset, log.endOffset]).toEqual([3, 3]);
    expect(segmentFiles(directory).length).toBe(1);
    expect(await append(log, makeBatch(['next'], { timestamp: clock.now() }))).toBe(3);
    await log.close();
    expect(openLog(directory).startOffset).toBe(3);
  });

  test('the oldest segments go while the partition is larger than it may be', async () => {
    const log = openLog(temporaryFolder(), { with: { segmentBytes: 1_000, retentionBytes: 2_500 } });
    for (let count = 0; count < 10; count++) await append(log, makeBatch(['x'.repeat(900)]));
    log.maintain();
    expect(log.sizeBytes).toBeGreaterThanOrEqual(2_500);
    expect(log.sizeBytes).toBeLessThan(3_600);
    expect(await readOffsets(log, log.startOffset)).toHaveLength(log.endOffset - log.startOffset);
    await log.close();
  });

  test('topics that are only compacted keep everything', async () => {
    const log = openLog(temporaryFolder(), { with: { retentionMs: 1, deletesOldRecords: false } });
    await append(log, makeBatch(['old'], { timestamp: 1 }));
    log.maintain();
    expect(log.startOffset).toBe(0);
    await log.close();
  });

  test('a deleted range stays deleted after a kill', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { with: { segmentBytes: 300 } });
    for (let count = 0; count < 6; count++) await append(log, makeBatch(['x'.repeat(200)]));
    log.deleteBefore(4);
    const reopened = openLog(directory);
    expect([reopened.startOffset, reopened.endOffset]).toEqual([4, 6]);
  });

  test('a reader that is at work reads on while its segment is deleted', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { uncached: true, with: { segmentBytes: 300 } });
    for (let count = 0; count < 4; count++) await append(log, makeBatch(['x'.repeat(200)]));
    const reading = log.read(0, 1, 1_000, true);
    log.deleteBefore(3);
    expect(Buffer.concat(await reading).length).toBeGreaterThan(200);
    expect(segmentFiles(directory).length).toBe(1);
  });

  test('a removed partition leaves nothing and wakes those who watch it', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory);
    await append(log, makeBatch(['x']));
    const woken = new Promise<void>((resolve) => log.watch(resolve));
    await log.remove();
    await woken;
    expect(() => readdirSync(directory)).toThrow('ENOENT');
    expect(log.append(makeBatch(['y']))).toMatchObject({ errorCode: 3 });
  });
});
