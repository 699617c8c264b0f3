import { rm } from 'node:fs/promises';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import type { Allocate } from './buffer-pool.ts';
import type { MarkerOptions } from './control-marker.ts';
import { findTime, type TimedOffset } from './find-time.ts';
import { LogCompactor } from './log-compactor.ts';
import type { LogFiles } from './log-files.ts';
import { LogRetention } from './log-retention.ts';
import type { FsyncPolicy, LogSettings } from './log-settings.ts';
import type { LogState } from './log-state.ts';
import { type Appended, LogWriter } from './log-writer.ts';
import { type BatchFault, batchHeader } from './record-batch.ts';
import type { RecoveryPoint } from './recovery-point.ts';
import { restoreLog } from './restore-log.ts';
import { SegmentRoller } from './segment-roller.ts';
import { type CacheBudget, TailCache } from './tail-cache.ts';
import type { OpenTransaction } from './transaction-index.ts';

export interface LogOptions {
  readonly directory: string;
  /** Asked each time, since a topic's configuration can be altered. */
  readonly settings: () => LogSettings;
  readonly fsync: FsyncPolicy;
  readonly cacheBudget: CacheBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bounds the memory of a compaction: keys that one pass over the log takes note of. */
  readonly compactionSlots?: number;
}

const removed: BatchFault = { errorCode: errorCodes.unknownTopicOrPartition, message: 'the topic was deleted' };

/** The log of one partition: append, read, find by time, delete old records. One writer, any number of readers. */
export class PartitionLog {
  readonly #options: LogOptions;
  readonly #files: LogFiles;
  readonly #state: LogState;
  readonly #point: RecoveryPoint;
  readonly #cache: TailCache;
  readonly #roller: SegmentRoller;
  readonly #writer: LogWriter;
  readonly #retention: LogRetention;
  readonly #compactor: LogCompactor;
  readonly #watchers = new Set<() => void>();
  #isRemoved = false;

  private constructor(options: LogOptions) {
    const { directory, settings, clock, logger } = options;
    const { files, state, point, endOffset } = restoreLog(directory, logger);
    this.#options = options;
    this.#files = files;
    this.#state = state;
    this.#point = point;
    this.#cache = new TailCache(options.cacheBudget);
    this.#roller = new SegmentRoller(options, files, point);
    this.#writer = new LogWriter(
      { ...options, state, cache: this.#cache, roller: this.#roller, onVisible: () => this.#wake() },
      endOffset,
    );
    this.#retention = new LogRetention({ settings, clock, files, state, point, roller: this.#roller });
    this.#compactor = new LogCompactor(
      {
        directory,
        files,
        settings,
        clock,
        // What recovery reads must stay: a marker in it may end a transaction that the checkpoint has as open.
        cleanableUpTo: () => Math.min(this.lastStableOffset, point.recoveryOffset),
        state,
        forgetAborted: (markers) => point.forgetAborted(markers),
        onReplaced: (offset) => this.#cache.forgetBefore(offset),
        keySlots: options.compactionSlots,
      },
      endOffset,
    );
  }

  /** Opens a partition's directory, created when there is none. Blocks while a log that was not closed is checked. */
  static open(options: LogOptions): PartitionLog {
    return new PartitionLog(options);
  }

  /** The first offset that can be read. */
  get startOffset(): number {
    return this.#point.startOffset;
  }

  /** The offset of the next record; above the high watermark while records are being written. */
  get endOffset(): number {
    return this.#writer.endOffset;
  }

  get highWatermark(): number {
    return this.#writer.queue.highWatermark;
  }

  /** What `read_committed` consumers may read up to: all transactions below are decided. */
  get lastStableOffset(): number {
    return Math.max(this.startOffset, this.#state.transactions.lastStableOffset(this.highWatermark));
  }

  /** Transactions with records here whose marker is still to come. */
  get openTransactions(): readonly OpenTransaction[] {
    return this.#state.transactions.open;
  }

  /** The aborted transactions that a reader of these batches, from `offset` on, must leave out. */
  abortedIn(batches: readonly Buffer[], offset: number): { producerId: number; firstOffset: number }[] {
    const { transactions } = this.#state;
    const last = batches.at(-1);
    if (!last || !transactions.hasAbortedFrom(offset)) return [];
    let at = 0;
    for (let size = 0; at + size < last.length; size = batchHeader.size(last, at)) at += size;
    return transactions.abortedBetween(offset, batchHeader.lastOffset(last, at) + 1);
  }

  get leaderEpoch(): number {
    return this.#state.epochs.current;
  }

  get sizeBytes(): number {
    return this.#files.sizeBytes;
  }

  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /**
   * Takes a batch that was checked, and writes offset and epoch into it. The buffer is needed until it is stored.
   * @param admit what the transaction that the batch belongs to says about it.
   */
  append(batch: Buffer, admit?: () => BatchFault | null): Appended | BatchFault {
    return this.#isRemoved ? removed : this.#writer.append(batch, admit);
  }

  /** Ends a producer's transaction in this partition; wait for it with `whenStored`. */
  appendMarker(marker: Omit<MarkerOptions, 'timestamp'>): { endOffset: number } | BatchFault {
    return this.#isRemoved ? removed : this.#writer.appendMarker(marker);
  }

  /**
   * Resolves when the records below an offset are written; with `durable`, as safe as the fsync policy asks.
   * @throws StorageError when the disk did not take them.
   */
  whenStored(endOffset: number, durable: boolean): Promise<void> {
    return this.#writer.queue.whenStored(endOffset, durable);
  }

  /** Calls back whenever there is more to read, or the partition goes away. Gives the function that ends it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /**
   * Whole batches from the one that holds `offset`, all below `endOffset`; at once when they are in memory.
   * With `atLeastOne`, the first is given even when it exceeds `maxBytes`. They lie in buffers
   * from `allocate`.
   */
  read(
    offset: number,
    endOffset: number,
    maxBytes: number,
    atLeastOne: boolean,
    allocate?: Allocate,
  ): Buffer[] | Promise<Buffer[]> {
    if (offset >= endOffset) return [];
    return (
      this.#cache.read(offset, endOffset, maxBytes, atLeastOne, allocate) ??
      this.#files.read(offset, endOffset, maxBytes, atLeastOne, allocate)
    );
  }

  /** The first readable record with this timestamp or a later one; undefined when there is none. */
  findTime(timestamp: number, endOffset: number): Promise<TimedOffset | undefined> {
    return findTime(this.#files.segmentsFromTime(timestamp), timestamp, this.startOffset, endOffset);
  }

  /** The record with the greatest timestamp; undefined when the log is empty. */
  findLatestTime(endOffset: number): Promise<TimedOffset | undefined> {
    return this.findTime(this.#files.maxTimestamp, endOffset);
  }

  /** Where an epoch of leadership ended, the present one at the log's end; undefined for one that never was. */
  endOfEpoch(epoch: number): { epoch: number; endOffset: number } | undefined {
    return this.#state.epochs.endOf(epoch, this.endOffset);
  }

  /** Makes the records below an offset unreadable for good, and deletes the files that hold nothing else. */
  deleteBefore(offset: number): void {
    this.#retention.deleteBefore(offset);
  }

  /** What is due each minute: old records go, idle producers and files of old segments are let go. */
  maintain(): void {
    const { producers, transactions } = this.#state;
    producers.forgetIdle(this.#options.clock.now(), (producerId) => transactions.isOpen(producerId));
    this.#files.closeSealed();
    this.#retention.removeFiles();
    if (this.#writer.queue.isOffline) return;
    this.#retention.expire(this);
    if (this.endOffset === this.highWatermark) this.#roller.rollForCompaction(this.endOffset);
  }

  /**
   * Removes records whose key has a newer one, or whose transaction was aborted, when the topic is compacted and it is
   * worth it. Reading and writing go on.
   * @throws Error when the disk is full or files are broken; the log is then as it was.
   */
  async compact(): Promise<void> {
    await this.#roller.whenSaved();
    if (!this.#writer.queue.isOffline && !this.#isRemoved) await this.#compactor.compact();
  }

  /** Syncs what is written since the last time. */
  sync(): Promise<void> {
    return this.#writer.queue.sync();
  }

  /** Writes all that is under way and notes that nothing needs recovery. */
  async close(): Promise<void> {
    await this.#letGo(() => this.#writer.queue.sync());
    if (this.#writer.queue.isOffline) return;
    try {
      this.#point.noteClosed(this.endOffset, this.#files.active?.size ?? 0);
    } catch (error) {
      this.#options.logger.warn(error, 'cannot note that the log was closed in order; the next start will check it');
    }
  }

  /** Deletes the partition. Readers that wait are woken, to find it gone. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#roller.stop();
    this.#wake();
    await this.#letGo();
    await rm(this.#options.directory, { recursive: true, force: true });
  }

  /** Ends all that is at work on the files. */
  async #letGo(sync?: () => Promise<void>): Promise<void> {
    await this.#compactor.stop();
    await this.#writer.queue.drain();
    // A checkpoint that is saved late would take the place of the last one.
    await this.#roller.whenSaved();
    await sync?.();
    this.#files.close();
    this.#cache.clear();
  }
}
