import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { append, openLog } from './_test-log.ts';

const at = (...times: number[]) => times.map((timestamp) => ({ value: `at ${timestamp}`, timestamp }));

describe('finding a time', () => {
  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    test(`the first record that is not earlier is found inside ${compression} batches`, async () => {
      const log = openLog(temporaryFolder(), { with: { segmentBytes: 400 } });
      for (let start = 1_000; start < 3_000; start += 100) {
        await append(log, makeBatch(at(start, start + 10, start + 20), { compression }));
      }
      const find = (time: number) => log.findTime(time, log.highWatermark);
      expect(await find(0)).toEqual({ offset: 0, timestamp: 1_000 });
      expect(await find(1_000)).toEqual({ offset: 0, timestamp: 1_000 });
      expect(await find(1_011)).toEqual({ offset: 2, timestamp: 1_020 });
      expect(await find(1_021)).toEqual({ offset: 3, timestamp: 1_100 });
      expect(await find(2_910)).toEqual({ offset: 58, timestamp: 2_910 });
      expect(await find(2_921)).toBeUndefined();
      await log.close();
    });
  }

  test('times that go back do not hide earlier records', async () => {
    const log = openLog(temporaryFolder());
    await append(log, makeBatch(at(5_000)));
    await append(log, makeBatch(at(1_000, 9_000, 2_000)));
    await append(log, makeBatch(at(3_000)));
    expect(await log.findTime(6_000, log.highWatermark)).toEqual({ offset: 2, timestamp: 9_000 });
    expect(await log.findLatestTime(log.highWatermark)).toEqual({ offset: 2, timestamp: 9_000 });
    await log.close();
  });

  test('deleted records and those above the given end are not found', async () => {
    const log = openLog(temporaryFolder());
    await append(log, makeBatch(at(1_000, 2_000, 3_000)));
    await append(log, makeBatch(at(4_000)));
    log.deleteBefore(1);
    expect(await log.findTime(0, log.highWatermark)).toEqual({ offset: 1, timestamp: 2_000 });
    expect(await log.findTime(4_000, 3)).toBeUndefined();
    await log.close();
  });

  test('an empty log holds no time', async () => {
    const log = openLog(temporaryFolder());
    expect(await log.findTime(0, 0)).toBeUndefined();
    expect(await log.findLatestTime(0)).toBeUndefined();
    await log.close();
  });
});
