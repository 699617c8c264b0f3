import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { append, openLog, readOffsets, segmentFiles } from './_test-log.ts';

/** A log of three batches whose broker was killed: files without a checkpoint. */
async function killedLog(directory: string): Promise<string> {
  const log = openLog(directory);
  await append(log, makeBatch(['one', 'two']));
  await append(log, makeBatch(['three']));
  await append(log, makeBatch(['four', 'five', 'six']));
  const [file = ''] = segmentFiles(directory);
  return file;
}

describe('recovery', () => {
  test('a tail that was cut at any byte of the last batch costs that batch and no other', async () => {
    const directory = temporaryFolder();
    const file = await killedLog(directory);
    const whole = readFileSync(file);
    const lastSize = makeBatch(['four', 'five', 'six']).length;
    for (let missing = 1; missing <= lastSize; missing++) {
      writeFileSync(file, whole.subarray(0, whole.length - missing));
      rmSync(join(directory, 'checkpoint.json'), { force: true });
      const log = openLog(directory, { uncached: true });
      expect(log.highWatermark).toBe(3);
      expect(await readOffsets(log, 0)).toEqual([0, 2]);
      expect(readFileSync(file).length).toBe(whole.length - lastSize);
    }
  });

  test('a tail of zeros is cut in silence', async () => {
    const directory = temporaryFolder();
    const file = await killedLog(directory);
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(5_000)]));
    const warnings: string[] = [];
    const log = openLog(directory, { warnings });
    expect(log.highWatermark).toBe(6);
    expect(warnings).toEqual([]);
  });

  test('a flipped bit anywhere in the last batch costs that batch', async () => {
    const directory = temporaryFolder();
    const file = await killedLog(directory);
    const whole = readFileSync(file);
    const lastSize = makeBatch(['four', 'five', 'six']).length;
    for (let at = whole.length - lastSize; at < whole.length; at++) {
      // The leader epoch is the one field that neither the checksum nor the sequence of offsets covers.
      const field = at - (whole.length - lastSize);
      if (field >= 12 && field < 16) continue;
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      writeFileSync(file, flipped);
      rmSync(join(directory, 'checkpoint.json'), { force: true });
      expect(openLog(directory).highWatermark).toBe(3);
    }
  });

  test('sound batches behind a broken one are kept aside, with a warning', async () => {
    const directory = temporaryFolder();
    const file = await killedLog(directory);
    const broken = readFileSync(file);
    const first = makeBatch(['one', 'two']).length;
    broken[first + 70] = (broken[first + 70] ?? 0) ^ 1;
    writeFileSync(file, broken);
    const warnings: string[] = [];
    const log = openLog(directory, { warnings });
    expect(log.highWatermark).toBe(2);
    expect(warnings).toEqual([
      expect.stringMatching(/^log cut at offset 2: \d+ bytes .* are incomplete, kept as .*corrupt$/),
    ]);
    expect(readFileSync(`${file}.${first}.corrupt`)).toEqual(broken.subarray(first));
  });

  test('a log that was closed is not read again, and needs no index file', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { with: { segmentBytes: 5_000 } });
    for (let count = 0; count < 40; count++) await append(log, makeBatch(['x'.repeat(1_000)]));
    await log.close();
    const [first = ''] = segmentFiles(directory);
    // Damage that a check would find.
    const damaged = readFileSync(first);
    damaged[100] = (damaged[100] ?? 0) ^ 1;
    writeFileSync(first, damaged);
    for (const name of readdirSync(directory).filter((each) => each.endsWith('.idx'))) rmSync(join(directory, name));
    const reopened = openLog(directory);
    expect(reopened.highWatermark).toBe(40);
    expect(reopened.leaderEpoch).toBe(0);
    expect(await readOffsets(reopened, 17, 1)).toEqual([17]);
  });

  test('when recovery cuts records a new leader epoch begins, so that clients look which of theirs are gone', async () => {
    const directory = temporaryFolder();
    const file = await killedLog(directory);
    truncateSync(file, readFileSync(file).length - 1);
    const log = openLog(directory);
    expect([log.leaderEpoch, log.endOffset]).toEqual([1, 3]);
    expect(await append(log, makeBatch(['seven']))).toBe(3);
    expect(log.endOfEpoch(0)).toEqual({ epoch: 0, endOffset: 3 });
    expect(log.endOfEpoch(1)).toEqual({ epoch: 1, endOffset: 4 });
    expect(log.endOfEpoch(2)).toBeUndefined();
    await log.close();
    const reopened = openLog(directory);
    expect(reopened.leaderEpoch).toBe(1);
    await reopened.close();
    // Cut once more, to before that epoch: its number is not given again.
    truncateSync(file, 1);
    rmSync(join(directory, `${'0'.repeat(20)}.idx`), { force: true });
    const cut = openLog(directory);
    expect([cut.leaderEpoch, cut.endOffset]).toEqual([2, 0]);
    expect(cut.endOfEpoch(1)).toEqual({ epoch: 0, endOffset: 0 });
    await cut.close();
  });

  test('a log that is closed right after many rolls is known as closed', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { with: { segmentBytes: 100 } });
    for (let count = 0; count < 20; count++) log.append(makeBatch(['x'.repeat(50)]));
    await log.close();
    // Later checkpoints would be saved by now.
    await log.compact();
    expect(JSON.parse(readFileSync(join(directory, 'checkpoint.json'), 'utf8'))).toMatchObject({
      recoveryOffset: 20,
      cleanSize: expect.any(Number),
    });
  });

  test('a kill that costs no record keeps the leader epoch', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { with: { segmentBytes: 200 } });
    for (let count = 0; count < 5; count++) await append(log, makeBatch(['x'.repeat(100)]));
    for (let kill = 0; kill < 3; kill++) {
      const killed = openLog(directory);
      expect([killed.leaderEpoch, killed.endOffset]).toEqual([0, 5]);
    }
  });

  test('a log that ends in order, but before its checkpoint, has lost records too', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory);
    await append(log, makeBatch(['one']));
    const [file = ''] = segmentFiles(directory);
    const { length } = readFileSync(file);
    await append(log, makeBatch(['two']));
    await log.close();
    truncateSync(file, length);
    const cut = openLog(directory);
    expect([cut.leaderEpoch, cut.endOffset]).toEqual([1, 1]);
  });

  test('a segment that does not follow the one before it is set aside', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory, { with: { segmentBytes: 2_000 } });
    for (let count = 0; count < 10; count++) await append(log, makeBatch(['x'.repeat(800)]));
    const files = segmentFiles(directory);
    await log.close();
    rmSync(join(directory, 'checkpoint.json'));
    truncateSync(files[1] ?? '', 900);
    const warnings: string[] = [];
    const reopened = openLog(directory, { warnings });
    expect(reopened.highWatermark).toBe(3);
    expect(warnings.length).toBe(files.length - 1);
    expect(existsSync(`${files[2]}.corrupt`)).toBe(true);
    expect(await append(reopened, makeBatch(['next']))).toBe(3);
  });

  test('a killed broker knows its producers from the log, so that retries are no duplicates', async () => {
    const directory = temporaryFolder();
    const log = openLog(directory);
    const batch = () => makeBatch(['a', 'b'], { producerId: 5, producerEpoch: 0, baseSequence: 0 });
    await append(log, batch());
    const copy = join(temporaryFolder(), 'copy');
    cpSync(directory, copy, { recursive: true });
    const reopened = openLog(copy);
    expect(await append(reopened, batch())).toBe(0);
    expect(reopened.endOffset).toBe(2);
  });
});
