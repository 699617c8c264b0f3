import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { append, openLog, type ReadRecord, readRecordsFrom, segmentFiles } from './_test-log.ts';

const batches = [
  makeBatch(['one', 'two']),
  makeBatch(['three'], { producerId: 9, producerEpoch: 0, baseSequence: 0 }),
  makeBatch(['four', 'five', 'six'], { compression: 'gzip' }),
  makeBatch(['seven', 'eight'], { producerId: 9, producerEpoch: 0, baseSequence: 1 }),
];
const [firstDoubtful, lastAt] = [3, 6];

describe('the last two batches of a log, damaged at every byte', () => {
  const corpus: Record<string, (whole: Buffer, at: number) => Buffer> = {
    'cut there': (whole, at) => whole.subarray(0, at),
    'zeros from there on': (whole, at) => Buffer.concat([whole.subarray(0, at), Buffer.alloc(whole.length - at)]),
    'one byte zeroed': (whole, at) => changed(whole, at, () => 0),
    'lowest bit flipped': (whole, at) => changed(whole, at, (byte) => byte ^ 0x01),
    'highest bit flipped': (whole, at) => changed(whole, at, (byte) => byte ^ 0x80),
    'all bits flipped': (whole, at) => changed(whole, at, (byte) => byte ^ 0xff),
  };

  test.each(Object.entries(corpus))('%s: it opens, keeps all before, says what it cut', async (_, damage) => {
    const directory = temporaryFolder();
    const log = openLog(directory, { uncached: true });
    for (const batch of batches) await append(log, Buffer.from(batch));
    const all = await readRecordsFrom(log, 0);
    const [file = ''] = segmentFiles(directory);
    const whole = readFileSync(file);
    const lastStart = whole.length - (batches[3]?.length ?? 0);
    const start = lastStart - (batches[2]?.length ?? 0);
    for (let from = start; from < whole.length; from++) {
      const damaged = damage(whole, from);
      if (damaged.equals(whole)) continue;
      // Zeros that were zeros before are no damage.
      const at = whole.findIndex((byte, index) => byte !== damaged[index]);
      // The leader epoch is the one field that neither the checksum nor the sequence of offsets covers; clients do not
      // look at it, and no record depends on it.
      const batchStart = at < lastStart ? start : lastStart;
      const isEpochAlone = at - batchStart >= 12 && at - batchStart < 16 && isSameBehind(damaged, whole, at);
      rmSync(join(directory, 'checkpoint.json'), { force: true });
      writeFileSync(file, damaged);
      const warnings: string[] = [];
      const reopened = openLog(directory, { uncached: true, warnings });
      const end = isEpochAlone ? 8 : at < lastStart ? firstDoubtful : lastAt;
      expect([at, reopened.endOffset]).toEqual([at, end]);
      expect(await readRecordsFrom(reopened, 0)).toEqual(all.filter(({ offset }) => offset < end));
      const cut = damaged.subarray(end === 8 ? whole.length : batchStart);
      const mustSay = cut.some((byte) => byte !== 0);
      expect([at, warnings.length]).toEqual([at, mustSay ? 1 : 0]);
      if (mustSay) expect(warnings[0]).toContain(`log cut at offset ${end}: ${cut.length} bytes`);
      expect(await append(reopened, makeBatch(['next']))).toBe(end);
      const records: ReadRecord[] = await readRecordsFrom(reopened, 0);
      expect(records.at(-1)).toMatchObject({ offset: end, value: 'next' });
      await reopened.close();
    }
    await log.close();
  });
});

function changed(whole: Buffer, at: number, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(whole);
  copy[at] = change(whole[at] ?? 0);
  return copy;
}

const isSameBehind = (damaged: Buffer, whole: Buffer, at: number): boolean =>
  damaged.subarray(at + 1).equals(whole.subarray(at + 1));
