import { decompress } from './decompress.ts';
import { batchHeader, batchHeaderSize, compressionOf, hasLogAppendTime, newestTime } from './record-batch.ts';
import { firstRecordFrom } from './records.ts';
import type { Segment } from './segment.ts';

export interface TimedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/** The first record at or after `startOffset` and before `endOffset` whose timestamp is not below the given one. */
export async function findTime(
  segments: Iterable<Segment>,
  timestamp: number,
  startOffset: number,
  endOffset: number,
): Promise<TimedOffset | undefined> {
  for (const segment of segments) {
    if (segment.baseOffset >= endOffset) return undefined;
    if (segment.maxTimestamp < timestamp) continue;
    const found = await segment.using(() => findInSegment(segment, timestamp, startOffset));
    if (found) return found.offset < endOffset ? found : undefined;
  }
  return undefined;
}

async function findInSegment(
  segment: Segment,
  timestamp: number,
  startOffset: number,
): Promise<TimedOffset | undefined> {
  let position = segment.index.positionOfTime(timestamp);
  while (position + batchHeaderSize <= segment.size) {
    const header = await segment.read(position, batchHeaderSize);
    const size = batchHeader.size(header);
    if (newestTime(header) >= timestamp && batchHeader.lastOffset(header) >= startOffset) {
      const found = findInBatch(await segment.read(position, size), timestamp, startOffset);
      if (found) return found;
    }
    position += size;
  }
  return undefined;
}

function findInBatch(batch: Buffer, timestamp: number, startOffset: number): TimedOffset | undefined {
  const baseOffset = batchHeader.baseOffset(batch);
  if (hasLogAppendTime(batch)) {
    return { offset: Math.max(baseOffset, startOffset), timestamp: batchHeader.maxTimestamp(batch) };
  }
  const records = decompress(compressionOf(batch), batch.subarray(batchHeaderSize));
  // What cannot be looked into is found at its start: a consumer may then read too early, never too late.
  if (!records) {
    return { offset: Math.max(baseOffset, startOffset), timestamp: batchHeader.baseTimestamp(batch) };
  }
  return firstRecordFrom(records, batch, timestamp, startOffset);
}
