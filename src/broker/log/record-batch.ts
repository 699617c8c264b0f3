import { crc32c } from '../../runtime/crc32c.ts';
import { errorCodes } from '../protocol/error-codes.ts';

// Record batch v2, as it lies in produce requests, in fetch responses and on disk. The broker writes two of its fields,
// base offset and leader epoch, which the checksum does not cover; all else stays as the producer made it.

/** Bytes before the first record. */
export const batchHeaderSize = 61;
/** Base offset and length, which the length itself does not count. */
const batchLengthOverhead = 12;

const attributesAt = 21;
const compressionMask = 0x07;
const logAppendTimeBit = 0x08;
const transactionalBit = 0x10;
const controlBit = 0x20;
const deleteHorizonBit = 0x40;

/** The fields of a header that lies at `at`. Offsets and timestamps stay below 2^53 in all that was validated. */
export const batchHeader = {
  baseOffset: (bytes: Buffer, at = 0) => readLong(bytes, at),
  /** The whole batch, header included. */
  size: (bytes: Buffer, at = 0) => bytes.readInt32BE(at + 8) + batchLengthOverhead,
  leaderEpoch: (bytes: Buffer, at = 0) => bytes.readInt32BE(at + 12),
  magic: (bytes: Buffer, at = 0) => bytes.readInt8(at + 16),
  crc: (bytes: Buffer, at = 0) => bytes.readUInt32BE(at + 17),
  attributes: (bytes: Buffer, at = 0) => bytes.readInt16BE(at + attributesAt),
  lastOffsetDelta: (bytes: Buffer, at = 0) => bytes.readInt32BE(at + 23),
  lastOffset: (bytes: Buffer, at = 0) => readLong(bytes, at) + bytes.readInt32BE(at + 23),
  baseTimestamp: (bytes: Buffer, at = 0) => readLong(bytes, at + 27),
  maxTimestamp: (bytes: Buffer, at = 0) => readLong(bytes, at + 35),
  producerId: (bytes: Buffer, at = 0) => readLong(bytes, at + 43),
  producerEpoch: (bytes: Buffer, at = 0) => bytes.readInt16BE(at + 51),
  baseSequence: (bytes: Buffer, at = 0) => bytes.readInt32BE(at + 53),
  recordsCount: (bytes: Buffer, at = 0) => bytes.readInt32BE(at + 57),
} as const;

const readLong = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);

const writeLong = (bytes: Buffer, value: number, at: number): void => {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
};

/** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export const compressionOf = (bytes: Buffer, at = 0): number => batchHeader.attributes(bytes, at) & compressionMask;

/** Whether all records carry the batch's maximum timestamp, the time of appending. */
export const hasLogAppendTime = (bytes: Buffer, at = 0): boolean =>
  (batchHeader.attributes(bytes, at) & logAppendTimeBit) !== 0;

export const isTransactional = (bytes: Buffer, at = 0): boolean =>
  (batchHeader.attributes(bytes, at) & transactionalBit) !== 0;

/** Whether it is the broker's own: the marker that ends a transaction. */
export const isControl = (bytes: Buffer, at = 0): boolean => (batchHeader.attributes(bytes, at) & controlBit) !== 0;

/**
 * When the tombstones of a batch may go, which compaction notes in place of the base timestamp (KIP-534); undefined
 * for one that has not been through it.
 */
export const deleteHorizonOf = (bytes: Buffer): number | undefined =>
  batchHeader.attributes(bytes) & deleteHorizonBit ? batchHeader.baseTimestamp(bytes) : undefined;

/** The time of the newest record; -Infinity for a batch that compaction has emptied. */
export const newestTime = (bytes: Buffer, at = 0): number =>
  batchHeader.recordsCount(bytes, at) === 0 ? Number.NEGATIVE_INFINITY : batchHeader.maxTimestamp(bytes, at);

/** Whether the checksum of a whole batch at `at` is right. */
export const hasValidChecksum = (bytes: Buffer, at: number, size: number): boolean =>
  crc32c(bytes, at + attributesAt, at + size) === batchHeader.crc(bytes, at);

export interface BatchFault {
  readonly errorCode: number;
  readonly message: string;
}

const fault = (errorCode: number, message: string): BatchFault => ({ errorCode, message });

/** What is wrong with the record bytes of one partition in a Produce request; null when they are one sound batch. */
export function faultOfBatch(bytes: Buffer | null, produceVersion: number): BatchFault | null {
  if (bytes === null || bytes.length === 0) return fault(errorCodes.invalidRecord, 'no record batch');
  if (bytes.length < 17) return fault(errorCodes.corruptMessage, 'record batch cut short');
  if (batchHeader.magic(bytes) !== 2)
    return fault(errorCodes.invalidRecord, 'only record batches of format 2 are accepted');
  if (bytes.length < batchHeaderSize) return fault(errorCodes.corruptMessage, 'record batch cut short');
  const size = batchHeader.size(bytes);
  if (size < batchHeaderSize || size > bytes.length)
    return fault(errorCodes.corruptMessage, 'wrong record batch length');
  if (size < bytes.length) return fault(errorCodes.invalidRecord, 'more than one record batch for a partition');
  if (!hasValidChecksum(bytes, 0, size)) return fault(errorCodes.corruptMessage, 'wrong record batch checksum');
  return faultOfHeader(bytes, produceVersion);
}

function faultOfHeader(bytes: Buffer, produceVersion: number): BatchFault | null {
  const attributes = batchHeader.attributes(bytes);
  const codec = attributes & compressionMask;
  if (codec > 4) return fault(errorCodes.invalidRecord, `unknown compression codec ${codec}`);
  if (codec === 4 && produceVersion < 7) {
    return fault(errorCodes.unsupportedCompressionType, 'zstd needs version 7 of Produce');
  }
  if (attributes & controlBit) return fault(errorCodes.invalidRecord, 'control batches come from the broker alone');
  if (attributes & logAppendTimeBit) {
    return fault(errorCodes.invalidTimestamp, 'producers must not set the log append time');
  }
  const count = batchHeader.recordsCount(bytes);
  if (count < 1 || batchHeader.lastOffsetDelta(bytes) !== count - 1) {
    return fault(errorCodes.invalidRecord, 'record count and last offset disagree');
  }
  const safe = [batchHeader.baseTimestamp(bytes), batchHeader.maxTimestamp(bytes), batchHeader.producerId(bytes)];
  if (!safe.every(Number.isSafeInteger))
    return fault(errorCodes.invalidTimestamp, 'timestamp or producer id out of range');
  if (attributes & transactionalBit && batchHeader.producerId(bytes) < 0) {
    return fault(errorCodes.invalidRecord, 'a transactional batch needs a producer id');
  }
  return null;
}

/** Gives a batch its place in the log: the only two fields that the broker changes. */
export function placeBatch(bytes: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeLong(bytes, baseOffset, 0);
  bytes.writeInt32BE(leaderEpoch, 12);
}

/** Stamps a batch with the time of appending, for topics with `message.timestamp.type=LogAppendTime`. */
export function stampBatch(bytes: Buffer, time: number): void {
  bytes.writeInt16BE(batchHeader.attributes(bytes) | logAppendTimeBit, attributesAt);
  writeLong(bytes, time, 35);
  bytes.writeUInt32BE(crc32c(bytes, attributesAt, bytes.length), 17);
}

export interface NewContent {
  readonly records: Buffer;
  readonly count: number;
  readonly codec: number;
  /** Stays when it is undefined. */
  readonly maxTimestamp: number | undefined;
  /** Becomes the base timestamp, to which the records must refer; undefined leaves both as they are. */
  readonly deleteHorizon: number | undefined;
}

/** The batch with other records: the same place in the log, the same producer and sequence numbers. */
export function replaceRecords(batch: Buffer, content: NewContent): Buffer {
  const replaced = Buffer.concat([batch.subarray(0, batchHeaderSize), content.records]);
  let attributes = (batchHeader.attributes(batch) & ~compressionMask) | content.codec;
  if (content.deleteHorizon !== undefined) {
    attributes |= deleteHorizonBit;
    writeLong(replaced, content.deleteHorizon, 27);
  }
  if (content.maxTimestamp !== undefined) writeLong(replaced, content.maxTimestamp, 35);
  replaced.writeInt32BE(replaced.length - batchLengthOverhead, 8);
  replaced.writeInt16BE(attributes, attributesAt);
  replaced.writeInt32BE(content.count, 57);
  replaced.writeUInt32BE(crc32c(replaced, attributesAt, replaced.length), 17);
  return replaced;
}

/** A batch without records that stands for all offsets from `baseOffset` up to `endOffset`, which is excluded. */
export function placeholderBatch(baseOffset: number, endOffset: number, leaderEpoch: number): Buffer {
  const batch = Buffer.alloc(batchHeaderSize);
  placeBatch(batch, baseOffset, leaderEpoch);
  batch.writeInt32BE(batchHeaderSize - batchLengthOverhead, 8);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(endOffset - baseOffset - 1, 23);
  // No timestamps, no producer, no sequence number.
  batch.fill(0xff, 27, 57);
  batch.writeUInt32BE(crc32c(batch, attributesAt, batch.length), 17);
  return batch;
}
