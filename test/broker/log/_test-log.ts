import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { pino } from 'pino';
import type { LogSettings } from '../../../src/broker/log/log-settings.ts';
import { type LogOptions, PartitionLog } from '../../../src/broker/log/partition-log.ts';
import { batchHeader } from '../../../src/broker/log/record-batch.ts';
import { CacheBudget } from '../../../src/broker/log/tail-cache.ts';
import { systemClock } from '../../../src/runtime/clock.ts';

const settings: LogSettings = {
  retentionMs: -1,
  retentionBytes: -1,
  segmentBytes: 1024 * 1024,
  segmentMs: 7 * 24 * 3_600_000,
  maxMessageBytes: 1024 * 1024,
  usesLogAppendTime: false,
  deletesOldRecords: true,
  isCompacted: false,
  deleteRetentionMs: 24 * 3_600_000,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
};

export interface TestLogOptions extends Partial<LogOptions> {
  readonly with?: Partial<LogSettings>;
  readonly warnings?: string[];
  /** Nothing is kept in memory, so that all reads go to the files. */
  readonly uncached?: boolean;
}

export function openLog(directory: string, options: TestLogOptions = {}): PartitionLog {
  const { warnings = [], uncached = false, with: changed, ...rest } = options;
  return PartitionLog.open({
    directory,
    settings: () => ({ ...settings, ...changed }),
    fsync: 'os',
    cacheBudget: uncached ? new CacheBudget(0, 0) : new CacheBudget(),
    clock: systemClock,
    logger: pino({ level: 'warn' }, { write: (line: string) => warnings.push(JSON.parse(line).msg) }),
    ...rest,
  });
}

/** Appends, waits until it is written and gives the offset of the first record. */
export async function append(log: PartitionLog, batch: Buffer): Promise<number> {
  const result = log.append(batch);
  if ('message' in result) throw new Error(`${result.errorCode} ${result.message}`);
  await log.whenStored(result.endOffset, true);
  return result.baseOffset;
}

/** Base offsets of the batches that a read gives. */
export async function readOffsets(
  log: PartitionLog,
  offset: number,
  maxBytes = 1024 * 1024,
  atLeastOne = true,
): Promise<number[]> {
  const bytes = Buffer.concat(await log.read(offset, log.highWatermark, maxBytes, atLeastOne));
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length; at += batchHeader.size(bytes, at))
    offsets.push(batchHeader.baseOffset(bytes, at));
  return offsets;
}

export const segmentFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => join(directory, name));

export interface ReadRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

/** All records that a consumer gets who reads from an offset to the end, in small fetches. */
export async function readRecordsFrom(log: PartitionLog, start: number, maxBytes = 300): Promise<ReadRecord[]> {
  const found: ReadRecord[] = [];
  let offset = start;
  while (offset < log.highWatermark) {
    const batches = Buffer.concat(await log.read(offset, log.highWatermark, maxBytes, true));
    if (batches.length === 0) throw new Error(`stuck at offset ${offset}`);
    for (let at = 0; at < batches.length; at += batchHeader.size(batches, at)) {
      const batch = batches.subarray(at, at + batchHeader.size(batches, at));
      found.push(...recordsOf(batch).filter((record) => record.offset >= offset));
      offset = batchHeader.lastOffset(batch) + 1;
    }
  }
  return found;
}

export function recordsOf(batch: Buffer): ReadRecord[] {
  const codec = batch.readInt16BE(21) & 7;
  const body = batch.subarray(61);
  const bytes = codec === 1 ? gunzipSync(body) : codec === 4 ? zstdDecompressSync(body) : body;
  let at = 0;
  const varint = (): number => {
    let raw = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(raw & 1n ? -((raw + 1n) / 2n) : raw / 2n);
    }
  };
  const text = (): string | null => {
    const length = varint();
    if (length < 0) return null;
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  return Array.from({ length: batch.readInt32BE(57) }, () => {
    varint();
    at++;
    const timestamp = Number(batch.readBigInt64BE(27)) + varint();
    const offset = Number(batch.readBigInt64BE(0)) + varint();
    const record = { offset, key: text(), value: text(), timestamp };
    if (varint() !== 0) throw new Error('headers that nobody wrote');
    return record;
  });
}
