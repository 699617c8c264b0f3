import fs, { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { DiskPace } from '../../../src/broker/log/disk-pace.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { append, openLog, readOffsets, segmentFiles } from './_test-log.ts';

describe('partition log', () => {
  test('a batch that does not fit is never passed over for a smaller one of the next segment', async () => {
    const log = openLog(temporaryFolder(), { uncached: true, with: { segmentBytes: 1_100 } });
    await append(log, makeBatch(['x']));
    await append(log, makeBatch(['x'.repeat(900)]));
    await append(log, makeBatch(['x']));
    await append(log, makeBatch(['x']));
    expect(await readOffsets(log, 0, 500)).toEqual([0]);
    expect(await readOffsets(log, 0, 2_000)).toEqual([0, 1, 2, 3]);
    await log.close();
  });

  test('offsets count records, and a read gives whole batches from the one that holds the offset', async () => {
    for (const uncached of [false, true]) {
      const log = openLog(temporaryFolder(), { uncached });
      expect(await append(log, makeBatch(['a', 'b', 'c']))).toBe(0);
      expect(await append(log, makeBatch(['d']))).toBe(3);
      expect(await append(log, makeBatch(['e', 'f']))).toBe(4);
      expect(log.highWatermark).toBe(6);
      expect(await readOffsets(log, 0)).toEqual([0, 3, 4]);
      expect(await readOffsets(log, 2)).toEqual([0, 3, 4]);
      expect(await readOffsets(log, 5)).toEqual([4]);
      expect(await readOffsets(log, 6)).toEqual([]);
      await log.close();
    }
  });

  test('what was appended comes back byte for byte but for offset and epoch', async () => {
    const log = openLog(temporaryFolder(), { uncached: true });
    const batch = makeBatch(['one', 'two'], { compression: 'gzip' });
    const sent = Buffer.from(batch);
    await append(log, makeBatch(['before']));
    await append(log, batch);
    const [read] = await log.read(1, 3, 1024, true);
    expect(read?.readBigInt64BE(0)).toBe(1n);
    expect(read?.readInt32BE(12)).toBe(0);
    expect(read?.subarray(16)).toEqual(sent.subarray(16));
    await log.close();
  });

  test('a batch above the limit is given only when it is the first', async () => {
    for (const uncached of [false, true]) {
      const log = openLog(temporaryFolder(), { uncached });
      const size = makeBatch(['x'.repeat(500)]).length;
      for (let count = 0; count < 3; count++) await append(log, makeBatch(['x'.repeat(500)]));
      expect(await readOffsets(log, 0, 10, true)).toEqual([0]);
      expect(await readOffsets(log, 0, 10, false)).toEqual([]);
      expect(await readOffsets(log, 0, size * 2, false)).toEqual([0, 1]);
      expect(await readOffsets(log, 0, size * 2 - 1, false)).toEqual([0]);
      await log.close();
    }
  });

  test('every offset of a log of many segments is found, from files and from memory', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { uncached: true, with: { segmentBytes: 20_000 } });
    for (let count = 0; count < 300; count++) await append(log, makeBatch(['x'.repeat(count * 3), 'y']));
    expect(segmentFiles(directory).length).toBeGreaterThan(5);
    for (let offset = 0; offset < 600; offset += 7) {
      const [first] = await readOffsets(log, offset, 2_000);
      expect(first).toBe(offset - (offset % 2));
    }
    await log.close();
    const reopened = openLog(directory);
    expect(reopened.highWatermark).toBe(600);
    expect((await readOffsets(reopened, 1, 100_000_000)).length).toBe(300);
    await reopened.close();
  });

  test.runIf(existsSync('/proc/self/fd'))('reading a log of any length leaves few of its files open', async () => {
    const directory = temporaryFolder();
    const openFiles = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
        } catch {
          return false;
        }
      }).length;
    const log = openLog(directory, { uncached: true, with: { segmentBytes: 2_000 } });
    for (let count = 0; count < 100; count++) await append(log, makeBatch(['x'.repeat(500)]));
    for (let offset = 0; offset < 100; offset++) expect(await readOffsets(log, offset, 10)).toEqual([offset]);
    expect(segmentFiles(directory).length).toBeGreaterThan(20);
    expect(openFiles()).toBeLessThan(8);
    await log.close();
  });

  test('the cache gives way to newer batches and reads fall back to the files', async () => {
    const { CacheBudget } = await import('../../../src/broker/log/tail-cache.ts');
    const log = openLog(temporaryFolder(), { cacheBudget: new CacheBudget(2_000, 2_000) });
    for (let count = 0; count < 50; count++) await append(log, makeBatch([`record ${count}`]));
    expect(log.read(49, 50, 1_000, true)).not.toBeInstanceOf(Promise);
    expect(log.read(0, 50, 1_000, true)).toBeInstanceOf(Promise);
    expect(await readOffsets(log, 0)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    await log.close();
  });

  test('appends of one turn of the event loop are one write', async () => {
    const log = openLog(temporaryFolder());
    const atOnce = vi.spyOn(DiskPace.prototype, 'takesAtOnce').mockReturnValue(true);
    const { writevSync } = fs;
    let writes = 0;
    fs.writevSync = (...args: Parameters<typeof writevSync>) => {
      writes++;
      return writevSync(...args);
    };
    syncBuiltinESMExports();
    await Promise.all(Array.from({ length: 20 }, (_, index) => append(log, makeBatch([`record ${index}`]))));
    expect(writes).toBe(1);
    fs.writevSync = writevSync;
    syncBuiltinESMExports();
    atOnce.mockRestore();
    await log.close();
  });
});

describe('partition log on a failing disk', () => {
  const { writev, writevSync, fdatasync } = fs;
  const failWith = (name: 'writev' | 'writevSync' | 'fdatasync', code: string, until = Number.POSITIVE_INFINITY) => {
    let calls = 0;
    const real = { writev, writevSync, fdatasync }[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        if (++calls > until) return real(...args);
        const error = Object.assign(new Error(`${code}: it failed`), { code });
        if (name === 'writevSync') throw error;
        const callback = args.at(-1) as (error: Error) => void;
        return setImmediate(() => callback(error));
      },
    });
    syncBuiltinESMExports();
  };
  afterEach(() => {
    Object.assign(fs, { writev, writevSync, fdatasync });
    syncBuiltinESMExports();
    vi.restoreAllMocks();
  });

  test.each([
    ['written at once', 'writevSync'],
    ['written by another thread', 'writev'],
  ] as const)('a full disk refuses records %s with one line and leaves the log as it was', async (_, write) => {
    vi.spyOn(DiskPace.prototype, 'takesAtOnce').mockReturnValue(write === 'writevSync');
    const directory = temporaryFolder();
    const warnings: string[] = [];
    const log = openLog(directory, { warnings });
    await append(log, makeBatch(['kept'], { producerId: 7, producerEpoch: 0, baseSequence: 0 }));
    failWith(write, 'ENOSPC', 2);
    const refused = () => append(log, makeBatch(['lost'], { producerId: 7, producerEpoch: 0, baseSequence: 1 }));
    await expect(refused()).rejects.toThrow('no space left');
    await expect(refused()).rejects.toThrow('no space left');
    expect(warnings).toEqual(['records refused: no space left on the disk; what was acknowledged before is intact']);
    expect(await readOffsets(log, 0)).toEqual([0]);
    // With room again, the retry is neither a duplicate nor out of order.
    expect(await append(log, makeBatch(['again'], { producerId: 7, producerEpoch: 0, baseSequence: 1 }))).toBe(1);
    await log.close();
    expect(openLog(directory, { uncached: true }).highWatermark).toBe(2);
  });

  test('under always, one sync covers what was written before it began', async () => {
    const log = openLog(temporaryFolder(), { fsync: 'always' });
    let syncs = 0;
    fs.fdatasync = ((...args: Parameters<typeof fdatasync>) => {
      syncs++;
      return fdatasync(...args);
    }) as typeof fdatasync;
    syncBuiltinESMExports();
    const appending: Promise<number>[] = [];
    for (let turn = 0; turn < 20; turn++) {
      for (let count = 0; count < 5; count++) appending.push(append(log, makeBatch(['x'])));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(appending);
    expect(log.highWatermark).toBe(100);
    expect(syncs).toBeLessThanOrEqual(20);
    await log.close();
  });

  test('under always, nothing is readable before it is synced, and a failed sync takes the partition offline', async () => {
    const log = openLog(temporaryFolder(), { fsync: 'always' });
    await append(log, makeBatch(['safe']));
    failWith('fdatasync', 'EIO');
    await expect(append(log, makeBatch(['unsafe']))).rejects.toThrow('EIO');
    expect(log.highWatermark).toBe(1);
    expect(log.append(makeBatch(['more']))).toMatchObject({ errorCode: 56 });
  });
});
