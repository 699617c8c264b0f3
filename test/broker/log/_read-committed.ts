import type { PartitionLog } from '../../../src/broker/log/partition-log.ts';
import { batchHeader, isControl, isTransactional } from '../../../src/broker/log/record-batch.ts';
import { type ReadRecord, recordsOf } from './_test-log.ts';

/** What a consumer that reads only what is committed gets from an offset on, in small fetches, as clients filter it. */
export async function readCommitted(log: PartitionLog, start: number, maxBytes = 300): Promise<ReadRecord[]> {
  const found: ReadRecord[] = [];
  let offset = start;
  while (offset < log.lastStableOffset) {
    const read = await log.read(offset, log.lastStableOffset, maxBytes, true);
    const aborted = [...log.abortedIn(read, offset)];
    const hidden = new Set<number>();
    const batches = splitBatches(Buffer.concat(read));
    if (batches.length === 0) throw new Error(`stuck at offset ${offset}`);
    const first = offset;
    for (const batch of batches) {
      offset = batchHeader.lastOffset(batch) + 1;
      const producerId = batchHeader.producerId(batch);
      while (aborted[0] && aborted[0].firstOffset < offset) hidden.add(aborted.shift()?.producerId ?? -1);
      if (isControl(batch)) hidden.delete(producerId);
      else if (!isTransactional(batch) || !hidden.has(producerId))
        found.push(...recordsOf(batch).filter((record) => record.offset >= first));
    }
  }
  return found;
}

/** All batches of a log, with markers and those that compaction has emptied. */
export async function batchesOf(log: PartitionLog): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (let offset = log.startOffset; offset < log.highWatermark; ) {
    const batches = splitBatches(Buffer.concat(await log.read(offset, log.highWatermark, 1_000_000, true)));
    found.push(...batches);
    const last = batches.at(-1);
    if (!last) throw new Error(`stuck at offset ${offset}`);
    offset = batchHeader.lastOffset(last) + 1;
  }
  return found;
}

function splitBatches(bytes: Buffer): Buffer[] {
  const batches: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += batchHeader.size(bytes, at)) {
    batches.push(bytes.subarray(at, at + batchHeader.size(bytes, at)));
  }
  return batches;
}
