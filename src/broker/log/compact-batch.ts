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
import type { EndedTransaction } from './transaction-index.ts';
import { TransactionWalk } from './transaction-walk.ts';

// Beyond it, the timestamps that are relative to a horizon would exceed what a number holds exactly.
const latestHorizon = 2 ** 52;

interface OpenBatch {
  readonly records: Buffer;
  readonly spans: readonly RecordSpan[];
}

/** The records of a batch; undefined for one that is damaged and has to stay as it is. */
export function openBatch(batch: Buffer): OpenBatch | undefined {
  if (!hasValidChecksum(batch, 0, batch.length)) return undefined;
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
  /** By their first offset. */
  readonly aborted: readonly EndedTransaction[];
  /** First offsets of the batches from which recovery learns what the producers have sent; they keep their headers. */
  readonly lastOfProducers: ReadonlySet<number>;
}

/** Decides what stays of each batch of a log. Has to see all of them, from the log's start, in order. */
export class BatchCompactor {
  readonly #rules: CompactionRules;
  readonly #walk: TransactionWalk;
  /** Producers whose transaction is being passed, and whether a batch of it stays. */
  readonly #passing = new Map<number, boolean>();
  #hasClosedBatches = false;
  /** When the first of the tombstones and markers that stay may go. */
  nextHorizon = Number.POSITIVE_INFINITY;
  /** Offsets of the markers that went. */
  readonly goneMarkers = new Set<number>();

  constructor(rules: CompactionRules) {
    this.#rules = rules;
    this.#walk = new TransactionWalk(rules.aborted);
  }

  /** The batch itself when all of it stays, a smaller one in its place, or null when nothing of it does. */
  compact(batch: Buffer): Buffer | null {
    const open = openBatch(batch);
    if (open && isControl(batch)) return this.#compactMarker(batch, open);
    const producerId = batchHeader.producerId(batch);
    let kept: Buffer | null = batch;
    if (open) {
      kept = this.#walk.isAborted(batch) ? null : this.#compactRecords(batch, open);
      const isLast = producerId >= 0 && this.#rules.lastOfProducers.has(batchHeader.baseOffset(batch));
      if (!kept && isLast) kept = emptiedBatch(batch);
    } else {
      this.#hasClosedBatches = true;
    }
    if (isTransactional(batch)) {
      this.#passing.set(producerId, kept !== null || this.#passing.get(producerId) === true);
    }
    return kept;
  }

  #compactRecords(batch: Buffer, { records, spans }: OpenBatch): Buffer | null {
    const { now, mappedUpTo } = this.#rules;
    const horizon = deleteHorizonOf(batch);
    // A tombstone hides what a batch that cannot be looked into may hold for its key.
    const isMapped = batchHeader.lastOffset(batch) < mappedUpTo;
    const dropsTombstones = horizon !== undefined && now >= horizon && isMapped && !this.#hasClosedBatches;
    const baseOffset = batchHeader.baseOffset(batch);
    const kept = spans.filter((span) => this.#isKept(span, baseOffset, dropsTombstones));
    if (kept.length === 0) return null;
    let newHorizon: number | undefined;
    if (kept.some(({ isTombstone }) => isTombstone)) {
      if (horizon === undefined && isMapped) newHorizon = this.#newHorizon();
      this.#await(newHorizon ?? horizon);
    }
    if (kept.length === spans.length && newHorizon === undefined) return batch;
    return rebuild(batch, records, kept, newHorizon);
  }

  #isKept({ key, offsetDelta, isTombstone }: RecordSpan, baseOffset: number, dropsTombstones: boolean): boolean {
    const offset = baseOffset + offsetDelta;
    // From the time before the topic was compacted: of no key it is the newest.
    if (key === null) return offset >= this.#rules.mappedUpTo;
    if (this.#rules.newest.get(key) > offset) return false;
    return !(isTombstone && dropsTombstones);
  }

  /**
   * A marker stays while there is a batch that it decides about, then until readers who have met such a batch are done
   * with it: markers age as tombstones do (KIP-534).
   */
  #compactMarker(marker: Buffer, { records, spans }: OpenBatch): Buffer | null {
    const producerId = batchHeader.producerId(marker);
    const hasBatches = this.#passing.get(producerId);
    this.#passing.delete(producerId);
    if (hasBatches) return marker;
    const horizon = deleteHorizonOf(marker);
    if (horizon === undefined) {
      const newHorizon = this.#newHorizon();
      this.#await(newHorizon);
      return rebuild(marker, records, spans, newHorizon);
    }
    const hadBatches = hasBatches !== undefined;
    if (this.#rules.now < horizon || hadBatches || this.#hasClosedBatches) {
      this.#await(horizon);
      return marker;
    }
    this.goneMarkers.add(batchHeader.baseOffset(marker));
    return null;
  }

  #newHorizon(): number {
    return Math.min(this.#rules.now + this.#rules.deleteRetentionMs, latestHorizon);
  }

  /** Has the log looked at again when a horizon has passed. */
  #await(horizon: number | undefined): void {
    if (horizon !== undefined && !this.#hasClosedBatches) this.nextHorizon = Math.min(this.nextHorizon, horizon);
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
const emptiedBatch = (batch: Buffer): Buffer =>
  replaceRecords(batch, {
    records: Buffer.alloc(0),
    count: 0,
    codec: 0,
    maxTimestamp: undefined,
    deleteHorizon: undefined,
  });
