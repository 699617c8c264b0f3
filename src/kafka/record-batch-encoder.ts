import { crc32c } from '../runtime/crc32c.ts';
import { writeInt64 } from './bytes.ts';

/** A record to be sent. Strings go as UTF-8; `timestamp` is epoch ms. */
export interface SinkRecord {
  value: string | Buffer | null;
  key?: string | Buffer | null;
  timestamp: number;
  headers?: Record<string, string>;
}

/** A RecordBatch v2 (KIP-98), whole but for its producer fields and checksum, which `sealBatch` writes. */
export interface EncodedBatch {
  bytes: Buffer;
  recordCount: number;
}

/** Who sent a batch, so that the broker can drop what it already has; id -1 is nobody. */
export interface Producer {
  id: number;
  epoch: number;
  /** Whether what it writes becomes visible only when the transaction is committed that it is part of. */
  isTransactional?: boolean;
}

/** A topic takes at most 1,048,588 bytes in a batch unless it is set up for more. */
export const mostBatchBytes = 1_000_000;

/** Length of the header before the records. */
export const batchHeaderSize = 61;

/** The attribute of a batch that belongs to a transaction. */
const transactional = 0x10;

// A record's own fields take at most this beside key, value and headers: six varints and the attributes.
const mostFieldBytes = 6 * 5 + 10;

/** Encodes records into as few batches as fit into `maxBytes` each; a larger record gets a batch of its own. */
export function encodeRecordBatches(records: readonly SinkRecord[], maxBytes: number): EncodedBatch[] {
  const batches: EncodedBatch[] = [];
  const first = records[0];
  const roughRecordSize = 16 + (first?.value?.length ?? 0) + (first?.key?.length ?? 0);
  let start = 0;
  while (start < records.length) {
    const rough = batchHeaderSize + (records.length - start) * roughRecordSize;
    const batch = encodeBatch(records, start, maxBytes, Math.min(rough, maxBytes) + 1_024);
    batches.push(batch);
    start += batch.recordCount;
  }
  return batches;
}

// One function with its cursor in a local: this is the inner loop of `produce`, and calls or objects per record cost
// more than the bytes.
function encodeBatch(records: readonly SinkRecord[], start: number, maxBytes: number, rough: number): EncodedBatch {
  let bytes = Buffer.allocUnsafe(rough);
  let at = batchHeaderSize;
  const baseTimestamp = records[start]?.timestamp ?? 0;
  let maxTimestamp = baseTimestamp;
  let index = start;
  for (; index < records.length; index++) {
    const record = records[index] as SinkRecord;
    const { value, timestamp } = record;
    const key = record.key ?? null;
    const keySize = key === null ? -1 : sizeOf(key);
    const valueSize = value === null ? -1 : sizeOf(value);
    const headerSize = record.headers === undefined ? 1 : headersSize(record.headers);
    const content = Math.max(0, keySize) + Math.max(0, valueSize) + headerSize;
    if (at + content + mostFieldBytes > maxBytes && index > start) break;
    if (at + content + mostFieldBytes > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + content + mostFieldBytes));
      bytes.copy(larger, 0, 0, at);
      bytes = larger;
    }
    const offsetDelta = index - start;
    const timestampDelta = timestamp - baseTimestamp;
    const bodySize =
      1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + varintSize(keySize) + varintSize(valueSize) + content;
    at = writeVarint(bytes, bodySize, at);
    bytes[at++] = 0; // attributes of a record: none are defined
    at = writeVarlong(bytes, timestampDelta, at);
    at = writeVarint(bytes, offsetDelta, at);
    at = writeVarint(bytes, keySize, at);
    if (key !== null) at = writeContent(bytes, key, keySize, at);
    at = writeVarint(bytes, valueSize, at);
    if (value !== null) at = writeContent(bytes, value, valueSize, at);
    if (record.headers === undefined) bytes[at++] = 0;
    else at = writeHeaders(bytes, record.headers, at);
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
  }
  const recordCount = index - start;
  writeInt64(bytes, 0, 0);
  bytes.writeInt32BE(at - 12, 8);
  bytes.writeInt32BE(-1, 12); // leader epoch: the broker's to fill in
  bytes[16] = 2; // magic
  bytes.writeInt16BE(0, 21); // attributes: not compressed, create time
  bytes.writeInt32BE(recordCount - 1, 23);
  writeInt64(bytes, baseTimestamp, 27);
  writeInt64(bytes, maxTimestamp, 35);
  bytes.writeInt32BE(recordCount, 57);
  return { bytes: bytes.subarray(0, at), recordCount };
}

/** Writes who sends the batch and its place in the producer's sequence, then the checksum over all of it. */
export function sealBatch(bytes: Buffer, producer: Producer, sequence: number): void {
  if (producer.isTransactional) bytes.writeInt16BE(transactional, 21);
  writeInt64(bytes, producer.id, 43);
  bytes.writeInt16BE(producer.epoch, 51);
  bytes.writeInt32BE(sequence, 53);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
}

// Short text is nearly always ASCII, and a loop over it is cheaper than a call into native code.
const shortText = 24;

function sizeOf(content: string | Buffer): number {
  const length = content.length;
  if (typeof content !== 'string') return length;
  if (length > shortText) return Buffer.byteLength(content);
  for (let i = 0; i < length; i++) if (content.charCodeAt(i) > 127) return Buffer.byteLength(content);
  return length;
}

function writeContent(bytes: Buffer, content: string | Buffer, size: number, at: number): number {
  if (typeof content !== 'string') bytes.set(content, at);
  else if (size === content.length && size <= shortText) {
    for (let i = 0; i < size; i++) bytes[at + i] = content.charCodeAt(i);
  } else bytes.write(content, at);
  return at + size;
}

function headersSize(headers: Record<string, string>): number {
  let count = 0;
  let size = 0;
  for (const name in headers) {
    const nameSize = sizeOf(name);
    const valueSize = sizeOf(headers[name] ?? '');
    size += varintSize(nameSize) + nameSize + varintSize(valueSize) + valueSize;
    count++;
  }
  return varintSize(count) + size;
}

function writeHeaders(bytes: Buffer, headers: Record<string, string>, start: number): number {
  const names = Object.keys(headers);
  let at = writeVarint(bytes, names.length, start);
  for (const name of names) {
    const value = headers[name] ?? '';
    for (const text of [name, value]) {
      const size = sizeOf(text);
      at = writeContent(bytes, text, size, writeVarint(bytes, size, at));
    }
  }
  return at;
}

// Varints are zig-zag: the sign goes into the lowest bit.
function varintSize(value: number): number {
  const bits = ((value << 1) ^ (value >> 31)) >>> 0;
  return bits < 0x80 ? 1 : bits < 0x4000 ? 2 : bits < 0x200000 ? 3 : bits < 0x10000000 ? 4 : 5;
}

function writeVarint(bytes: Buffer, value: number, start: number): number {
  let bits = ((value << 1) ^ (value >> 31)) >>> 0;
  let at = start;
  while (bits > 0x7f) {
    bytes[at++] = (bits & 0x7f) | 0x80;
    bits >>>= 7;
  }
  bytes[at++] = bits;
  return at;
}

const fitsVarint = (value: number) => value >= -0x40000000 && value < 0x40000000;

function varlongSize(value: number): number {
  if (fitsVarint(value)) return varintSize(value);
  let bits = zigzag64(value);
  let size = 1;
  while (bits > 0x7f) {
    bits = Math.floor(bits / 128);
    size++;
  }
  return size;
}

function writeVarlong(bytes: Buffer, value: number, start: number): number {
  if (fitsVarint(value)) return writeVarint(bytes, value, start);
  let bits = zigzag64(value);
  let at = start;
  while (bits > 0x7f) {
    bytes[at++] = (bits % 128) | 0x80;
    bits = Math.floor(bits / 128);
  }
  bytes[at++] = bits;
  return at;
}

// Differences of timestamps stay below 2^52, so that twice as much is still exact.
const zigzag64 = (value: number) => (value < 0 ? -value * 2 - 1 : value * 2);
