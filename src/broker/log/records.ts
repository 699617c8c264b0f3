import type { TimedOffset } from './find-time.ts';
import { batchHeader } from './record-batch.ts';

/** A signed variable-length integer, zig-zag encoded, as records have them, and the position after it. */
function varint(bytes: Buffer, start: number): [value: number, next: number] {
  let raw = 0;
  let scale = 1;
  for (let at = start; at < bytes.length && at < start + 10; at++) {
    const byte = bytes[at] ?? 0;
    raw += (byte & 0x7f) * scale;
    if (byte < 0x80) return [raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, at + 1];
    scale *= 0x80;
  }
  return [0, bytes.length];
}

/** The first record of a decompressed batch that is neither before a time nor before an offset. */
export function firstRecordFrom(
  records: Buffer,
  batch: Buffer,
  timestamp: number,
  startOffset: number,
): TimedOffset | undefined {
  const baseOffset = batchHeader.baseOffset(batch);
  const baseTimestamp = batchHeader.baseTimestamp(batch);
  let at = 0;
  for (let left = batchHeader.recordsCount(batch); left > 0 && at < records.length; left--) {
    const [length, body] = varint(records, at);
    // One byte of attributes comes before the two deltas.
    const [timestampDelta, afterTimestamp] = varint(records, body + 1);
    const [offsetDelta] = varint(records, afterTimestamp);
    const record = { offset: baseOffset + offsetDelta, timestamp: baseTimestamp + timestampDelta };
    if (record.timestamp >= timestamp && record.offset >= startOffset) return record;
    if (length <= 0) return undefined;
    at = body + length;
  }
  return undefined;
}
