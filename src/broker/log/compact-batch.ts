import { compress } from './compress.ts';
import { decompress } from './decompress.ts';
import type { KeyOffsets } from './key-offsets.ts';
import {
  batchHeader,
  batchHeaderSize,
  compressionOf,
  deleteHorizonOf,
  hasLogAppendTime,
  hasValidChecksum,
  isControl,
  isTransactional,
  replaceRecords,
} from './record-batch.ts';
import { encodeVarint, type RecordSpan, readRecords } from './records.ts';

// Beyond it, the timestamps that are relative to a horizon would exceed what a number holds exactly.
const latestHorizon = 2 ** 52;

interface OpenBatch {
  readonly records: Buffer;
  readonly spans: readonly RecordSpan[];
}

/**
 * The records of a batch that compaction may look into; undefined for one that has to stay as it is: of a transaction,
 * which may have been aborted, or damaged.
 */
export function openBatch(batch: Buffer): OpenBatch | undefined {
  if (isControl(batch) || isTransactional(batch) || !hasValidChecksum(batch, 0, batch.length)) return undefined;
  const count = batchHeader.recordsCount(batch);
  if (count === 0) return { records: Buffer.alloc(0), spans: [] };
  const records = decompress(compressionOf(batch), batch.subarray(batchHeaderSize));
  const spans = records && readRecords(records, count);
  return records && spans && { records, spans };
}

interface CompactionRules {
  readonly newest: KeyOffsets;
  /** All keys of records below it are among `newest`, or were when an earlier compaction came by. */
  readonly mappedUpTo: number;
  readonly now: number;
  readonly deleteRetentionMs: number;
}

/** Decides what stays of each batch of a log. Has to see all of them, from the log's start, in order. */
export class BatchCompactor {
  readonly #rules: CompactionRules;
  #hasClosedBatches = false;
  /** When the first of the tombstones that stay may go. */
  nextHorizon = Number.POSITIVE_INFINITY;

  constructor(rules: CompactionRules) {
    this.#rules = rules;
  }

  /** The batch itself when all of it stays, a smaller one in its place, or null when nothing of it does. */
  compact(batch: Buffer): Buffer | null {
    const open = openBatch(batch);
    if (!open) {
      this.#hasClosedBatches ||= !isControl(batch);
      return batch;
    }
    const { now, deleteRetentionMs, mappedUpTo } = this.#rules;
    const horizon = deleteHorizonOf(batch);
    // A tombstone hides what a batch that cannot be looked into may hold for its key.
    const isMapped = batchHeader.lastOffset(batch) < mappedUpTo;
    const dropsTombstones = horizon !== undefined && now >= horizon && isMapped && !this.#hasClosedBatches;
    const baseOffset = batchHeader.baseOffset(batch);
    const kept = open.spans.filter((span) => this.#isKept(span, baseOffset, dropsTombstones));
    if (kept.length === 0) return null;
    let newHorizon: number | undefined;
    if (kept.some(({ isTombstone }) => isTombstone)) {
      if (horizon === undefined && isMapped) {
        newHorizon = Math.min(now + deleteRetentionMs, latestHorizon);
      }
      const due = newHorizon ?? horizon;
      if (due !== undefined && !this.#hasClosedBatches) this.nextHorizon = Math.min(this.nextHorizon, due);
    }
    if (kept.length === open.spans.length && newHorizon === undefined) return batch;
    return rebuild(batch, open.records, kept, newHorizon);
  }

  #isKept({ key, offsetDelta, isTombstone }: RecordSpan, baseOffset: number, dropsTombstones: boolean): boolean {
    // Nothing supersedes a record without a key, which a topic may hold from the time before it was compacted.
    if (key === null) return true;
    if (this.#rules.newest.get(key) > baseOffset + offsetDelta) return false;
    return !(isTombstone && dropsTombstones);
  }
}

function rebuild(batch: Buffer, records: Buffer, kept: readonly RecordSpan[], horizon: number | undefined): Buffer {
  const baseTimestamp = batchHeader.baseTimestamp(batch);
  const parts = kept.map((span) => {
    if (horizon === undefined) return records.subarray(span.start, span.end);
    const timestamp = encodeVarint(baseTimestamp + span.timestampDelta - horizon);
    const rest = records.subarray(span.afterTimestamp, span.end);
    // One byte of attributes, which no record uses.
    const length = encodeVarint(1 + timestamp.length + rest.length);
    return Buffer.concat([length, Buffer.alloc(1), timestamp, rest]);
  });
  const { codec, bytes } = compress(compressionOf(batch), Buffer.concat(parts));
  const newest = kept.reduce((latest, { timestampDelta }) => Math.max(latest, baseTimestamp + timestampDelta), -1);
  return replaceRecords(batch, {
    records: bytes,
    count: kept.length,
    codec,
    maxTimestamp: hasLogAppendTime(batch) ? undefined : newest,
    deleteHorizon: horizon,
  });
}

/** The header alone, from which recovery learns what the producer has sent. */
export const emptiedBatch = (batch: Buffer): Buffer =>
  replaceRecords(batch, {
    records: Buffer.alloc(0),
    count: 0,
    codec: 0,
    maxTimestamp: undefined,
    deleteHorizon: undefined,
  });
