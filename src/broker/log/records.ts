import type { TimedOffset } from './find-time.ts';
import { batchHeader, batchHeaderSize, compressionOf } from './record-batch.ts';

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

/** Where a record lies among the records of a batch, and what compaction asks of it. */
export interface RecordSpan {
  readonly start: number;
  readonly end: number;
  /** The position behind the timestamp, from which on nothing depends on the batch's header. */
  readonly afterTimestamp: number;
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  /** A record with a key and no value: the key is deleted. */
  readonly isTombstone: boolean;
}

/** The records of a decompressed batch; undefined when they are not what the header says. */
export function readRecords(records: Buffer, count: number): RecordSpan[] | undefined {
  const spans: RecordSpan[] = [];
  let start = 0;
  for (let left = count; left > 0; left--) {
    const [length, body] = varint(records, start);
    const end = body + length;
    if (length <= 0 || end > records.length) return undefined;
    const [timestampDelta, afterTimestamp] = varint(records, body + 1);
    const [offsetDelta, afterOffset] = varint(records, afterTimestamp);
    const [keyLength, keyStart] = varint(records, afterOffset);
    const keyEnd = keyStart + Math.max(0, keyLength);
    const [valueLength, valueStart] = varint(records, keyEnd);
    if (valueStart + Math.max(0, valueLength) > end) return undefined;
    const key = keyLength < 0 ? null : records.subarray(keyStart, keyEnd);
    const isTombstone = key !== null && valueLength < 0;
    spans.push({ start, end, afterTimestamp, timestampDelta, offsetDelta, key, isTombstone });
    start = end;
  }
  return start === records.length ? spans : undefined;
}

/** Whether a batch holds a record without a key; for a compressed one, which is not unpacked for this, always false. */
export function hasKeylessRecord(batch: Buffer): boolean {
  if (compressionOf(batch) !== 0) return false;
  const records = readRecords(batch.subarray(batchHeaderSize), batchHeader.recordsCount(batch));
  return records?.some(({ key }) => key === null) ?? false;
}

/** Encodes a signed integer as records have them. */
export function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
