import { readdirSync } from 'node:fs';
import { join } from 'node:path';
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
