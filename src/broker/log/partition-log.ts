import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import type { Allocate } from './buffer-pool.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type MarkerOptions, makeMarker } from './control-marker.ts';
import { findTime, type TimedOffset } from './find-time.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { LogCompactor } from './log-compactor.ts';
import { LogFiles } from './log-files.ts';
import type { FsyncPolicy, LogSettings } from './log-settings.ts';
import { ProducerStates } from './producer-states.ts';
import { type BatchFault, batchHeader, isTransactional, placeBatch, stampBatch } from './record-batch.ts';
import { recoverLog } from './recover-log.ts';
import { mostOffsetsInSegment, type Segment } from './segment.ts';
import { settleSwaps } from './swap-segments.ts';
import { type CacheBudget, TailCache } from './tail-cache.ts';
import { type OpenTransaction, TransactionIndex } from './transaction-index.ts';
import { WriteQueue } from './write-queue.ts';

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

interface Appended {
  /** Of the original, for a batch that the producer has sent before. */
  readonly baseOffset: number;
  /** Wait for it with `whenStored`. */
  readonly endOffset: number;
  /** -1 unless the topic stamps its records. */
  readonly logAppendTime: number;
}

/** The log of one partition: append, read, find by time, delete old records. One writer, any number of readers. */
export class PartitionLog {
  readonly #options: LogOptions;
  readonly #files: LogFiles;
  readonly #producers = new ProducerStates();
  readonly #transactions = new TransactionIndex();
  readonly #cache: TailCache;
  readonly #queue: WriteQueue;
  readonly #epochs: LeaderEpochs;
  readonly #compactor: LogCompactor;
  readonly #watchers = new Set<() => void>();
  /** As it was when the newest segment began, or the log was opened: where the next recovery may start from. */
  #rolled: Checkpoint;
  /** The one on the disk. */
  #saved: Checkpoint;
  #startOffset: number;
  #endOffset: number;
  #isRemoved = false;

  private constructor(options: LogOptions) {
    mkdirSync(options.directory, { recursive: true });
    this.#options = options;
    settleSwaps(options.directory);
    const checkpoint = readCheckpoint(options.directory);
    this.#producers.restore(checkpoint.producers);
    if (checkpoint.transactions) this.#transactions.restore(checkpoint.transactions);
    const { segments, endOffset, wasUnclean } = recoverLog(
      options.directory,
      checkpoint,
      (bytes, at, now) => this.#note(bytes, at, now),
      options.logger,
    );
    this.#producers.truncate(endOffset);
    this.#transactions.truncate(endOffset);
    this.#transactions.settle(endOffset);
    this.#files = new LogFiles(options.directory, segments);
    this.#endOffset = endOffset;
    this.#startOffset = Math.min(endOffset, Math.max(checkpoint.startOffset, this.#files.oldestOffset ?? 0));
    this.#epochs = new LeaderEpochs(checkpoint.epochs.filter(([epoch, start]) => epoch === 0 || start <= endOffset));
    // Records that were readable may be gone with a power cut; the next epoch makes clients look (KIP-320).
    if (wasUnclean && endOffset > 0) this.#epochs.begin(endOffset);
    this.#cache = new TailCache(options.cacheBudget);
    this.#compactor = new LogCompactor(
      {
        directory: options.directory,
        files: this.#files,
        settings: options.settings,
        clock: options.clock,
        stableOffset: () => this.lastStableOffset,
        lastOfProducers: () => this.#producers.newestBatches,
        onReplaced: (offset) => this.#cache.forgetBefore(offset),
        keySlots: options.compactionSlots,
      },
      endOffset,
    );
    this.#queue = new WriteQueue(
      {
        place: (batch) => this.#place(batch),
        onVisible: () => {
          this.#transactions.settle(this.highWatermark);
          this.#wake();
        },
        onLost: (fromOffset) => this.#lose(fromOffset),
      },
      endOffset,
      options.fsync,
      options.logger,
    );
    this.#saved = { ...checkpoint, cleanSize: null };
    this.#rolled = wasUnclean ? this.#checkpoint(endOffset) : this.#saved;
    if (wasUnclean) this.#saveCheckpoint(this.#rolled);
  }

  /** Opens a partition's directory, created when there is none. Blocks while a log that was not closed is checked. */
  static open(options: LogOptions): PartitionLog {
    return new PartitionLog(options);
  }

  /** The first offset that can be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset of the next record; above the high watermark while records are being written. */
  get endOffset(): number {
    return this.#endOffset;
  }

  get highWatermark(): number {
    return this.#queue.highWatermark;
  }

  /** What `read_committed` consumers may read up to: all transactions below are decided. */
  get lastStableOffset(): number {
    return Math.max(this.#startOffset, this.#transactions.lastStableOffset(this.highWatermark));
  }

  /** Transactions with records here whose marker is still to come. */
  get openTransactions(): readonly OpenTransaction[] {
    return this.#transactions.open;
  }

  /** The aborted transactions that a reader of these batches, from `offset` on, must leave out. */
  abortedIn(batches: readonly Buffer[], offset: number): { producerId: number; firstOffset: number }[] {
    const last = batches.at(-1);
    if (!last || !this.#transactions.hasAbortedFrom(offset)) return [];
    let at = 0;
    for (let size = 0; at + size < last.length; size = batchHeader.size(last, at)) at += size;
    return this.#transactions.abortedBetween(offset, batchHeader.lastOffset(last, at) + 1);
  }

  get leaderEpoch(): number {
    return this.#epochs.current;
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
    const storageFault = this.#storageFault();
    if (storageFault) return storageFault;
    const verdict = this.#producers.judge(batch, admit ?? (() => this.#faultOutsideTransaction(batch)));
    if (verdict.kind === 'refuse') return verdict;
    const settings = this.#options.settings();
    if (verdict.kind === 'duplicate') {
      const { baseOffset, timestamp } = verdict.batch;
      const endOffset = baseOffset + batchHeader.lastOffsetDelta(batch) + 1;
      return { baseOffset, endOffset, logAppendTime: settings.usesLogAppendTime ? timestamp : -1 };
    }
    const now = this.#options.clock.now();
    if (settings.usesLogAppendTime) stampBatch(batch, now);
    const baseOffset = this.#add(batch, now);
    return {
      baseOffset,
      endOffset: this.#endOffset,
      logAppendTime: settings.usesLogAppendTime ? now : -1,
    };
  }

  /** Ends a producer's transaction in this partition; wait for it with `whenStored`. */
  appendMarker(marker: Omit<MarkerOptions, 'timestamp'>): { endOffset: number } | BatchFault {
    const storageFault = this.#storageFault();
    if (storageFault) return storageFault;
    const now = this.#options.clock.now();
    this.#add(makeMarker({ ...marker, timestamp: now }), now);
    return { endOffset: this.#endOffset };
  }

  #add(batch: Buffer, now: number): number {
    const baseOffset = this.#endOffset;
    placeBatch(batch, baseOffset, this.leaderEpoch);
    this.#endOffset = batchHeader.lastOffset(batch) + 1;
    this.#note(batch, 0, now);
    this.#cache.add(batch);
    this.#queue.add(batch);
    return baseOffset;
  }

  #note(bytes: Buffer, at: number, now: number): void {
    this.#producers.note(bytes, at, now);
    this.#transactions.note(bytes, at);
  }

  #faultOutsideTransaction(batch: Buffer): BatchFault | null {
    if (isTransactional(batch) || !this.#transactions.isOpen(batchHeader.producerId(batch))) return null;
    return { errorCode: errorCodes.invalidTransactionState, message: 'the producer has a transaction open here' };
  }

  #storageFault(): BatchFault | null {
    if (this.#isRemoved) return { errorCode: errorCodes.unknownTopicOrPartition, message: 'the topic was deleted' };
    if (!this.#queue.isOffline) return null;
    return { errorCode: errorCodes.kafkaStorageError, message: 'the partition is offline after a disk fault' };
  }

  /**
   * Resolves when the records below an offset are written; with `durable`, as safe as the fsync policy asks.
   * @throws StorageError when the disk did not take them.
   */
  whenStored(endOffset: number, durable: boolean): Promise<void> {
    return this.#queue.whenStored(endOffset, durable);
  }

  #place(batch: Buffer): { segment: Segment; roomBytes: number } {
    const { active } = this.#files;
    const { segmentBytes, segmentMs } = this.#options.settings();
    const now = this.#options.clock.now();
    const baseOffset = batchHeader.baseOffset(batch);
    if (!active) return { segment: this.#files.roll(baseOffset, now), roomBytes: segmentBytes };
    const roomBytes = segmentBytes - active.size;
    if (active.size === 0) return { segment: active, roomBytes };
    const isFull = batch.length > roomBytes || now - active.createdAt >= segmentMs;
    if (!isFull && baseOffset - active.baseOffset < mostOffsetsInSegment) return { segment: active, roomBytes };
    return { segment: this.#roll(active, baseOffset), roomBytes: segmentBytes };
  }

  #roll(sealed: Segment, baseOffset: number): Segment {
    const checkpoint = this.#checkpoint(baseOffset);
    this.#rolled = checkpoint;
    const segment = this.#files.roll(baseOffset, this.#options.clock.now());
    // Until the sealed segment is on the disk, recovery has to read it again.
    sealed
      .sync()
      .then(() => this.#isRemoved || this.#saveCheckpoint(checkpoint))
      .catch((error: unknown) => this.#options.logger.error(error, `cannot sync ${sealed.file}`));
    return segment;
  }

  #checkpoint(recoveryOffset: number, cleanSize: number | null = null): Checkpoint {
    return {
      version: 1,
      startOffset: this.#startOffset,
      recoveryOffset,
      cleanSize,
      epochs: this.#epochs.starts,
      producers: this.#producers.snapshot(recoveryOffset),
      transactions: this.#transactions.snapshot(recoveryOffset),
    };
  }

  #saveCheckpoint(checkpoint: Checkpoint): void {
    // The start may have moved since the checkpoint was taken, and must never go back.
    this.#saved = { ...checkpoint, startOffset: this.#startOffset };
    writeCheckpoint(this.#options.directory, this.#saved);
  }

  #lose(fromOffset: number): void {
    this.#endOffset = fromOffset;
    this.#producers.truncate(fromOffset);
    this.#transactions.truncate(fromOffset);
    this.#cache.truncate(fromOffset);
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
    return findTime(this.#files.segmentsFromTime(timestamp), timestamp, this.#startOffset, endOffset);
  }

  /** The record with the greatest timestamp; undefined when the log is empty. */
  findLatestTime(endOffset: number): Promise<TimedOffset | undefined> {
    return this.findTime(this.#files.maxTimestamp, endOffset);
  }

  /** Where an epoch of leadership ended, the present one at the log's end; undefined for one that never was. */
  endOfEpoch(epoch: number): { epoch: number; endOffset: number } | undefined {
    return this.#epochs.endOf(epoch, this.#endOffset);
  }

  /** Makes the records below an offset unreadable for good, and deletes the files that hold nothing else. */
  deleteBefore(offset: number): void {
    if (offset <= this.#startOffset) return;
    this.#startOffset = offset;
    this.#transactions.forgetBefore(offset);
    // Where all sealed segments go, nothing of them needs to be on the disk first.
    this.#saveCheckpoint(offset >= this.#rolled.recoveryOffset ? this.#rolled : this.#saved);
    this.#removeFiles();
  }

  // What recovery reads must stay: a marker in it may end a transaction that the checkpoint has as open.
  #removeFiles(): void {
    const { transactions, recoveryOffset } = this.#saved;
    const isFree = !transactions || transactions.open.length === 0;
    this.#files.removeBefore(isFree ? this.#startOffset : Math.min(this.#startOffset, recoveryOffset));
  }

  /** What is due each minute: old records go, idle producers and files of old segments are let go. */
  maintain(): void {
    const now = this.#options.clock.now();
    this.#producers.forgetIdle(now, (producerId) => this.#transactions.isOpen(producerId));
    this.#files.closeSealed();
    this.#removeFiles();
    const settings = this.#options.settings();
    if (!settings.deletesOldRecords || this.#queue.isOffline) return;
    const { active } = this.#files;
    const isIdle = this.#endOffset === this.highWatermark;
    // The newest segment cannot go; when all its records are too old, an empty one takes its place first.
    if (
      active &&
      active.size > 0 &&
      isIdle &&
      settings.retentionMs >= 0 &&
      active.maxTimestamp < now - settings.retentionMs
    ) {
      this.#roll(active, this.#endOffset);
    }
    const expired = this.#files.expiredUpTo(settings, now);
    // Nobody knows yet whether the records of an open transaction count.
    if (expired !== undefined) this.deleteBefore(Math.min(expired, this.lastStableOffset));
  }

  /**
   * Removes records whose key has a newer one, when the topic is compacted and it is worth it. Reading and writing go on.
   * @throws Error when the disk is full or files are broken; the log is then as it was.
   */
  async compact(): Promise<void> {
    if (!this.#queue.isOffline && !this.#isRemoved) await this.#compactor.compact();
  }

  /** Syncs what is written since the last time. */
  sync(): Promise<void> {
    return this.#queue.sync();
  }

  /** Writes all that is under way and notes that nothing needs recovery. */
  async close(): Promise<void> {
    await this.#compactor.stop();
    await this.#queue.drain();
    await this.#queue.sync();
    this.#files.close();
    this.#cache.clear();
    if (this.#queue.isOffline) return;
    try {
      this.#saveCheckpoint(this.#checkpoint(this.#endOffset, this.#files.active?.size ?? 0));
    } catch (error) {
      this.#options.logger.warn(error, 'cannot note that the log was closed in order; the next start will check it');
    }
  }

  /** Deletes the partition. Readers that wait are woken, to find it gone. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#wake();
    await this.#compactor.stop();
    await this.#queue.drain();
    this.#files.close();
    this.#cache.clear();
    await rm(this.#options.directory, { recursive: true, force: true });
  }
}
