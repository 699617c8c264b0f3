import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { type MarkerOptions, makeMarker } from './control-marker.ts';
import type { FsyncPolicy, LogSettings } from './log-settings.ts';
import type { LogState } from './log-state.ts';
import { type BatchFault, batchHeader, isTransactional, placeBatch, stampBatch } from './record-batch.ts';
import type { SegmentRoller } from './segment-roller.ts';
import type { TailCache } from './tail-cache.ts';
import { WriteQueue } from './write-queue.ts';

interface WriterOptions {
  readonly settings: () => LogSettings;
  readonly fsync: FsyncPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: LogState;
  readonly cache: TailCache;
  readonly roller: SegmentRoller;
  /** There is more to read. */
  readonly onVisible: () => void;
}

export interface Appended {
  /** Of the original, for a batch that the producer has sent before. */
  readonly baseOffset: number;
  /** Wait for it with `whenStored`. */
  readonly endOffset: number;
  /** -1 unless the topic stamps its records. */
  readonly logAppendTime: number;
}

/** The end of a log, where batches get their offsets. */
export class LogWriter {
  readonly #options: WriterOptions;
  readonly queue: WriteQueue;
  #endOffset: number;

  constructor(options: WriterOptions, endOffset: number) {
    const { state, roller, fsync, logger, onVisible } = options;
    this.#options = options;
    this.#endOffset = endOffset;
    this.queue = new WriteQueue(
      {
        place: (batch) => roller.place(batch),
        onVisible: () => {
          state.transactions.settle(this.queue.highWatermark);
          onVisible();
        },
        onLost: (fromOffset) => this.#lose(fromOffset),
      },
      endOffset,
      fsync,
      logger,
    );
  }

  /** The offset of the next record; above the high watermark while records are being written. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Takes a batch as `PartitionLog.append` says. */
  append(batch: Buffer, admit?: () => BatchFault | null): Appended | BatchFault {
    const offlineFault = this.#offlineFault();
    if (offlineFault) return offlineFault;
    const { state, clock } = this.#options;
    const verdict = state.producers.judge(batch, admit ?? (() => this.#faultOutsideTransaction(batch)));
    if (verdict.kind === 'refuse') return verdict;
    const { usesLogAppendTime } = this.#options.settings();
    if (verdict.kind === 'duplicate') {
      const { baseOffset, timestamp } = verdict.batch;
      const endOffset = baseOffset + batchHeader.lastOffsetDelta(batch) + 1;
      return { baseOffset, endOffset, logAppendTime: usesLogAppendTime ? timestamp : -1 };
    }
    const now = clock.now();
    if (usesLogAppendTime) stampBatch(batch, now);
    const baseOffset = this.#add(batch, now);
    return { baseOffset, endOffset: this.#endOffset, logAppendTime: usesLogAppendTime ? now : -1 };
  }

  /** Adds the marker that ends a producer's transaction here. */
  appendMarker(marker: Omit<MarkerOptions, 'timestamp'>): { endOffset: number } | BatchFault {
    const offlineFault = this.#offlineFault();
    if (offlineFault) return offlineFault;
    const now = this.#options.clock.now();
    this.#add(makeMarker({ ...marker, timestamp: now }), now);
    return { endOffset: this.#endOffset };
  }

  #add(batch: Buffer, now: number): number {
    const { state, cache } = this.#options;
    const baseOffset = this.#endOffset;
    placeBatch(batch, baseOffset, state.epochs.current);
    this.#endOffset = batchHeader.lastOffset(batch) + 1;
    state.note(batch, 0, now);
    cache.add(batch);
    this.queue.add(batch);
    return baseOffset;
  }

  #faultOutsideTransaction(batch: Buffer): BatchFault | null {
    const { transactions } = this.#options.state;
    if (isTransactional(batch) || !transactions.isOpen(batchHeader.producerId(batch))) return null;
    return { errorCode: errorCodes.invalidTransactionState, message: 'the producer has a transaction open here' };
  }

  #offlineFault(): BatchFault | null {
    if (!this.queue.isOffline) return null;
    return { errorCode: errorCodes.kafkaStorageError, message: 'the partition is offline after a disk fault' };
  }

  #lose(fromOffset: number): void {
    this.#endOffset = fromOffset;
    this.#options.state.truncate(fromOffset);
    this.#options.cache.truncate(fromOffset);
  }
}
