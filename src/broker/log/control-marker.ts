import { crc32c } from '../../runtime/crc32c.ts';
import { batchHeader, isControl } from './record-batch.ts';
import { readRecords } from './records.ts';

/** How a transaction ended, as its marker says it. */
export interface MarkerOptions {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly isCommit: boolean;
  /** Epoch ms. */
  readonly timestamp: number;
}

const markerSize = 78;
const transactionalControl = 0x30;
const recordAt = 61;
const keyTypeAt = 68;
const abortType = 0;
const commitType = 1;

/** The control batch that ends a transaction in a partition: one record, whose key tells commit from abort (KIP-98). */
export function makeMarker({ producerId, producerEpoch, isCommit, timestamp }: MarkerOptions): Buffer {
  const batch = Buffer.alloc(markerSize);
  batch.writeInt32BE(markerSize - 12, 8);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(transactionalControl, 21);
  batch.writeBigInt64BE(BigInt(timestamp), 27);
  batch.writeBigInt64BE(BigInt(timestamp), 35);
  batch.writeBigInt64BE(BigInt(producerId), 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(1, 57);
  // Zig-zag lengths: the record has 16 bytes, its key 4, its value 6; attributes, deltas and header count are 0.
  batch.writeUInt8(16 << 1, recordAt);
  batch.writeUInt8(4 << 1, recordAt + 4);
  batch.writeInt16BE(isCommit ? commitType : abortType, keyTypeAt);
  batch.writeUInt8(6 << 1, keyTypeAt + 2);
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

/**
 * Whether the marker that lies at `at` aborts; undefined for batches that are no markers. All markers are from here, but
 * compaction gives them another base timestamp, which their records refer to in more bytes.
 */
export function readMarker(bytes: Buffer, at: number): { isAbort: boolean } | undefined {
  if (!isControl(bytes, at)) return undefined;
  const [record] = readRecords(bytes.subarray(at + recordAt, at + batchHeader.size(bytes, at)), 1) ?? [];
  return record?.key?.length === 4 ? { isAbort: record.key.readInt16BE(2) === abortType } : undefined;
}
