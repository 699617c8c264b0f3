import { readInt64 } from './bytes.ts';
import { batchHeaderSize } from './record-batch-encoder.ts';

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
export const hasAppendTime = (batch: BatchHeader) => (batch.attributes & logAppendTimeBit) !== 0;
export const isControl = (batch: BatchHeader) => (batch.attributes & controlBit) !== 0;

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
