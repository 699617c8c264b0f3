import { gzipSync, zstdCompressSync } from 'node:zlib';
import { crc32c } from '../../src/runtime/crc32c.ts';

export interface TestRecord {
  /** Null for a tombstone. */
  readonly value: string | null;
  readonly key?: string;
  /** Epoch ms; default: the batch's. */
  readonly timestamp?: number;
}

export interface BatchOptions {
  readonly timestamp?: number;
  readonly compression?: 'none' | 'gzip' | 'zstd';
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly attributes?: number;
}

const zigzag = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
};

const sized = (text: string | null | undefined): Buffer =>
  text === undefined || text === null
    ? zigzag(-1)
    : Buffer.concat([zigzag(Buffer.byteLength(text)), Buffer.from(text)]);

/** A record batch as a producer would make it. */
export function makeBatch(records: readonly (TestRecord | string)[], options: BatchOptions = {}): Buffer {
  const { timestamp = 1_700_000_000_000, compression = 'none', attributes = 0 } = options;
  const all = records.map((record) => (typeof record === 'string' ? { value: record } : record));
  const times = all.map((record) => record.timestamp ?? timestamp);
  const base = times[0] ?? timestamp;
  const body = Buffer.concat(
    all.map((record, index) => {
      const content = Buffer.concat([
        Buffer.from([0]),
        zigzag((times[index] ?? base) - base),
        zigzag(index),
        sized(record.key),
        sized(record.value),
        zigzag(0),
      ]);
      return Buffer.concat([zigzag(content.length), content]);
    }),
  );
  const codec = { none: 0, gzip: 1, zstd: 4 }[compression];
  const packed = compression === 'none' ? body : compression === 'gzip' ? gzipSync(body) : zstdCompressSync(body);
  const batch = Buffer.concat([Buffer.alloc(61), packed]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(attributes | codec, 21);
  batch.writeInt32BE(all.length - 1, 23);
  batch.writeBigInt64BE(BigInt(base), 27);
  batch.writeBigInt64BE(BigInt(Math.max(...times)), 35);
  batch.writeBigInt64BE(BigInt(options.producerId ?? -1), 43);
  batch.writeInt16BE(options.producerEpoch ?? -1, 51);
  batch.writeInt32BE(options.baseSequence ?? -1, 53);
  batch.writeInt32BE(all.length, 57);
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}
