import zlib from 'node:zlib';
import { unlz4 } from '../records/lz4.ts';
import { unsnappy } from '../records/snappy.ts';
import { crc32c } from '../runtime/crc32c.ts';
import { readInt64 } from './bytes.ts';
import { batchHeaderSize } from './record-batch-encoder.ts';

/** A record that was read. `timestamp` is epoch ms; key and value are slices of what was fetched. */
export interface SourceRecord {
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
}

/** The header of a RecordBatch v2, and where it lies. */
export interface BatchHeader {
  start: number;
  end: number;
  baseOffset: number;
  /** The offset after its last record, which may have been compacted away. */
  nextOffset: number;
  attributes: number;
  baseTimestamp: number;
  maxTimestamp: number;
  producerId: number;
  recordCount: number;
}

const transactionalBit = 0x10;
const controlBit = 0x20;
const logAppendTimeBit = 0x08;

export const isTransactional = (batch: BatchHeader) => (batch.attributes & transactionalBit) !== 0;
export const isControl = (batch: BatchHeader) => (batch.attributes & controlBit) !== 0;

// A batch of a megabyte that claims to hold more than this is an attack, not data.
const mostDecompressed = 512 << 20;

/** The header of the batch at `start`, or null where what is left is only the beginning of one. */
export function readBatchHeader(bytes: Buffer, start: number): BatchHeader | null {
  if (start + 17 > bytes.length) return null;
  const end = start + 12 + bytes.readInt32BE(start + 8);
  const magic = bytes[start + 16];
  if (magic !== 2) throw new RangeError(`records in message format ${magic}, which Kafka left with version 0.11`);
  if (end > bytes.length) return null;
  if (end < start + batchHeaderSize) throw new RangeError('a record batch is shorter than its header');
  const baseOffset = readInt64(bytes, start);
  return {
    start,
    end,
    baseOffset,
    nextOffset: baseOffset + bytes.readInt32BE(start + 23) + 1,
    attributes: bytes.readInt16BE(start + 21),
    baseTimestamp: readInt64(bytes, start + 27),
    maxTimestamp: readInt64(bytes, start + 35),
    producerId: readInt64(bytes, start + 43),
    recordCount: bytes.readInt32BE(start + 57),
  };
}

/** The type of a control batch's marker: 0 abort, 1 commit. */
export function readMarkerType(bytes: Buffer, batch: BatchHeader): number {
  const [marker] = readControlRecord(bytes, batch);
  return marker?.key && marker.key.length >= 4 ? marker.key.readInt16BE(2) : -1;
}

function readControlRecord(bytes: Buffer, batch: BatchHeader): SourceRecord[] {
  const into: SourceRecord[] = [];
  decodeRecords(bytes, batch, batch.baseOffset, into);
  return into;
}

/**
 * Appends the records of a batch to `into`, from the offset `from` on: the first batch of a fetch may begin before it.
 * @throws RangeError when the batch is damaged.
 */
export function decodeRecords(bytes: Buffer, batch: BatchHeader, from: number, into: SourceRecord[]): void {
  if (crc32c(bytes, batch.start + 21, batch.end) !== bytes.readUInt32BE(batch.start + 17))
    throw new RangeError(`the record batch at offset ${batch.baseOffset} does not match its checksum`);
  const codec = batch.attributes & 7;
  const start = batch.start + batchHeaderSize;
  if (codec === 0) decodeBody(bytes, start, batch.end, batch, from, into);
  else {
    const body = decompress(codec, bytes.subarray(start, batch.end));
    decodeBody(body, 0, body.length, batch, from, into);
  }
}

function decompress(codec: number, bytes: Buffer): Buffer {
  if (codec === 1) return zlib.gunzipSync(bytes, { maxOutputLength: mostDecompressed });
  if (codec === 2) return unsnappy(bytes, mostDecompressed);
  if (codec === 3) return unlz4(bytes, mostDecompressed);
  if (codec === 4 && zlib.zstdDecompressSync)
    return zlib.zstdDecompressSync(bytes, { maxOutputLength: mostDecompressed });
  throw new RangeError(codec === 4 ? 'records in zstd, which needs Node 22.15 or later' : `unknown codec ${codec}`);
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

// The inner loop of every reader. The cursor is a local of one function and varints of one byte, nearly all, are read
// in place; `cursor` carries it back out of the rare long ones.
let cursor = 0;

function decodeBody(
  bytes: Buffer,
  start: number,
  end: number,
  batch: BatchHeader,
  from: number,
  into: SourceRecord[],
): void {
  const { baseOffset, baseTimestamp } = batch;
  const appendTime = (batch.attributes & logAppendTimeBit) !== 0 ? batch.maxTimestamp : null;
  let at = start;
  for (let left = batch.recordCount; left > 0; left--) {
    const size = readVarint(bytes, at);
    at = cursor;
    const next = at + size;
    if (size < 0 || next > end) throw new RangeError(`the record batch at offset ${baseOffset} is damaged`);
    const timestamp = baseTimestamp + readVarlong(bytes, at + 1);
    const offset = baseOffset + readVarint(bytes, cursor);
    if (offset < from) {
      at = next;
      continue;
    }
    const keySize = readVarint(bytes, cursor);
    at = cursor;
    let key: Buffer | null = null;
    if (keySize >= 0) {
      key = bytes.subarray(at, at + keySize);
      at += keySize;
    }
    const valueSize = readVarint(bytes, at);
    at = cursor;
    let value: Buffer | null = null;
    if (valueSize >= 0) {
      value = bytes.subarray(at, at + valueSize);
      at += valueSize;
    }
    const headers = bytes[at] === 0 ? noHeaders : readHeaders(bytes, at, next);
    into.push({ offset, timestamp: appendTime ?? timestamp, key, value, headers });
    at = next;
  }
}

function readHeaders(bytes: Buffer, start: number, end: number): Record<string, string> {
  // Without a prototype: a header may be called __proto__.
  const headers: Record<string, string> = Object.create(null);
  let count = readVarint(bytes, start);
  for (; count > 0 && cursor < end; count--) {
    const nameSize = readVarint(bytes, cursor);
    const nameAt = cursor;
    const valueSize = readVarint(bytes, nameAt + nameSize);
    const valueAt = cursor;
    headers[bytes.toString('utf8', nameAt, nameAt + nameSize)] =
      valueSize > 0 ? bytes.toString('utf8', valueAt, valueAt + valueSize) : '';
    cursor = valueAt + Math.max(0, valueSize);
  }
  return headers;
}

function readVarint(bytes: Buffer, at: number): number {
  const byte = bytes[at] as number;
  if (byte < 0x80) {
    cursor = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }
  let bits = byte & 0x7f;
  let position = at + 1;
  for (let shift = 7; shift < 35; shift += 7) {
    const more = bytes[position++];
    if (more === undefined) break;
    bits |= (more & 0x7f) << shift;
    if (more < 0x80) {
      cursor = position;
      return (bits >>> 1) ^ -(bits & 1);
    }
  }
  throw new RangeError('a number in a record is damaged');
}

function readVarlong(bytes: Buffer, at: number): number {
  const byte = bytes[at] as number;
  if (byte < 0x80) {
    cursor = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }
  let bits = 0;
  let position = at;
  for (let unit = 1; unit < 2 ** 70; unit *= 128) {
    const more = bytes[position++];
    if (more === undefined) break;
    bits += (more & 0x7f) * unit;
    if (more < 0x80) {
      cursor = position;
      return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
    }
  }
  throw new RangeError('a number in a record is damaged');
}
