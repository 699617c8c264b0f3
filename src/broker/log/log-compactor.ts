import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import { BatchCompactor, openBatch } from './compact-batch.ts';
import { readJson, writeJson } from './durable-file.ts';
import { KeyOffsets } from './key-offsets.ts';
import type { LogFiles } from './log-files.ts';
import type { LogSettings } from './log-settings.ts';
import type { LogState } from './log-state.ts';
import { batchHeader, batchHeaderSize, isControl } from './record-batch.ts';
import { rewriteSegments } from './rewrite-segments.ts';
import { mostOffsetsInSegment, Segment } from './segment.ts';
import { swapIn, temporaryFileOf } from './swap-segments.ts';
import type { EndedTransaction } from './transaction-index.ts';
import { TransactionWalk } from './transaction-walk.ts';
import { walkBatches } from './walk-batches.ts';

export interface CompactorOptions {
  readonly directory: string;
  readonly files: LogFiles;
  readonly settings: () => LogSettings;
  readonly clock: Clock;
  /** Below it, all is decided, written and beyond the reach of recovery. */
  readonly cleanableUpTo: () => number;
  readonly state: LogState;
  /** Saves that aborted transactions are forgotten, by the offsets of their markers. */
  readonly forgetAborted: (markers: ReadonlySet<number>) => void;
  /** The files below an offset hold other batches than before. */
  readonly onReplaced: (endOffset: number) => void;
  /** Keys that one pass over the log may take note of. */
  readonly keySlots?: number | undefined;
}

interface Progress {
  /** Below it, no key has an older record than its newest. */
  cleanedUpTo: number;
  /** When the first tombstone or marker may go; null when there is none to wait for. */
  nextHorizon: number | null;
}

const isProgress = (value: unknown): value is Progress =>
  typeof value === 'object' &&
  value !== null &&
  'cleanedUpTo' in value &&
  Number.isSafeInteger(value.cleanedUpTo) &&
  'nextHorizon' in value &&
  (value.nextHorizon === null || typeof value.nextHorizon === 'number');

/** Removes from the complete segments of a log the records whose key has a newer one, and those that were aborted. */
export class LogCompactor {
  readonly #options: CompactorOptions;
  readonly #file: string;
  #progress: Progress;
  #running: Promise<void> | null = null;
  readonly #stop = new AbortController();

  constructor(options: CompactorOptions, endOffset: number) {
    this.#options = options;
    this.#file = join(options.directory, 'compaction.json');
    const kept = readJson(this.#file);
    this.#progress = isProgress(kept) ? kept : { cleanedUpTo: 0, nextHorizon: null };
    // A log that was cut by damage goes on with records that nobody has looked at.
    this.#progress.cleanedUpTo = Math.min(this.#progress.cleanedUpTo, endOffset);
  }

  /** Compacts the log when enough of it is new or old, or when tombstones are due. Resolves when it is done. */
  compact(): Promise<void> {
    this.#running ??= this.#compact().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Ends a compaction that is under way, for good. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => {});
  }

  async #compact(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.clock.now();
    try {
      const end = await this.#dueUpTo(now);
      if (end === undefined) return;
      let from: number;
      do {
        from = this.#progress.cleanedUpTo;
        const newest = new KeyOffsets(this.#options.keySlots);
        const to = Math.max(from, await this.#noteKeys(newest, from, end));
        const nextHorizon = await this.#rewrite(newest, to, now);
        this.#progress = { cleanedUpTo: to, nextHorizon };
        writeJson(this.#file, this.#progress);
      } while (this.#progress.cleanedUpTo < end && this.#progress.cleanedUpTo > from);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  get #aborted(): readonly EndedTransaction[] {
    return this.#options.state.transactions.abortedBetween(0, Number.POSITIVE_INFINITY);
  }

  /** The offset up to which there is something to do; undefined when it is not worth it yet. */
  async #dueUpTo(now: number): Promise<number | undefined> {
    const { isCompacted, minCompactionLagMs, maxCompactionLagMs, minCleanableDirtyRatio } = this.#options.settings();
    if (!isCompacted) return undefined;
    let end: number | undefined;
    let [clean, dirty] = [0, 0];
    let oldest = Number.POSITIVE_INFINITY;
    for (const { segment, endOffset } of this.#options.files.sealed) {
      const isYoung = minCompactionLagMs > 0 && segment.maxTimestamp > now - minCompactionLagMs;
      if (endOffset > this.#options.cleanableUpTo() || isYoung) break;
      end = endOffset;
      if (endOffset <= this.#progress.cleanedUpTo) {
        clean += segment.size;
      } else {
        dirty += segment.size;
        oldest = Math.min(oldest, await firstTimeOf(segment));
      }
    }
    if (end === undefined) return undefined;
    const hasDueTombstones = now >= (this.#progress.nextHorizon ?? Number.POSITIVE_INFINITY);
    const isDirty = dirty > 0 && dirty / (clean + dirty) > minCleanableDirtyRatio;
    return isDirty || hasDueTombstones || oldest < now - maxCompactionLagMs ? end : undefined;
  }

  /** Notes the newest offset of each key between two offsets, as far as memory goes; gives the offset that was reached. */
  async #noteKeys(newest: KeyOffsets, from: number, end: number): Promise<number> {
    let reached = end;
    const walk = new TransactionWalk(this.#aborted);
    for (const { segment, endOffset } of this.#options.files.sealed) {
      if (endOffset <= from || segment.baseOffset >= reached) continue;
      await walkBatches(segment, Math.max(from, segment.baseOffset), this.#stop.signal, (batch) => {
        const baseOffset = batchHeader.baseOffset(batch);
        if (newest.isFull) {
          reached = baseOffset;
          return false;
        }
        // A record that was aborted supersedes nothing; the key of a marker is none.
        if (isControl(batch) || walk.isAborted(batch)) return true;
        for (const { key, offsetDelta } of openBatch(batch)?.spans ?? []) {
          if (key) newest.set(key, baseOffset + offsetDelta);
        }
        return true;
      });
    }
    return reached;
  }

  /** Writes the log anew up to an offset, from the start; gives the time when the first tombstone may go. */
  async #rewrite(newest: KeyOffsets, mappedUpTo: number, now: number): Promise<number | null> {
    const { directory, files, settings, state, forgetAborted, onReplaced } = this.#options;
    const { deleteRetentionMs, segmentBytes } = settings();
    const sources = files.sealed.filter(({ segment }) => segment.baseOffset < mappedUpTo);
    // Old records go because of newer ones, so a power cut must not take the newer ones back.
    for (const { segment } of sources) await segment.sync();
    const compactor = new BatchCompactor({
      newest,
      mappedUpTo,
      now,
      deleteRetentionMs,
      aborted: this.#aborted,
      lastOfProducers: state.producers.newestBatches,
    });
    for (const group of groupsOf(sources, segmentBytes)) {
      const old = group.map(({ segment }) => segment);
      const baseOffset = old[0]?.baseOffset ?? 0;
      const endOffset = group.at(-1)?.endOffset ?? baseOffset;
      const index = await rewriteSegments({
        sources: old,
        endOffset,
        file: temporaryFileOf(directory, baseOffset),
        compactor,
        signal: this.#stop.signal,
      });
      this.#stop.signal.throwIfAborted();
      if (!index) continue;
      // What retention has deleted meanwhile must not come back.
      if (!files.holds(old)) {
        rmSync(temporaryFileOf(directory, baseOffset));
        continue;
      }
      if (compactor.goneMarkers.size > 0) forgetAborted(compactor.goneMarkers);
      compactor.goneMarkers.clear();
      // From here to the end in one turn of the event loop, so that no reader sees it half done.
      for (const segment of old) segment.retire();
      swapIn(directory, baseOffset, endOffset);
      files.replace(old, Segment.open(directory, baseOffset, index));
      onReplaced(endOffset);
    }
    return Number.isFinite(compactor.nextHorizon) ? compactor.nextHorizon : null;
  }
}

type Sealed = LogFiles['sealed'][number];

/** The time of a segment's first records; Infinity where it cannot be told. */
async function firstTimeOf(segment: Segment): Promise<number> {
  const header = await segment.using(() => segment.read(0, batchHeaderSize));
  const isWhole = header.length === batchHeaderSize && batchHeader.recordsCount(header) > 0;
  return isWhole ? batchHeader.maxTimestamp(header) : Number.POSITIVE_INFINITY;
}

/** Neighbours that together are no larger than a segment may be; they become one. */
function groupsOf(sources: readonly Sealed[], segmentBytes: number): Sealed[][] {
  const groups: Sealed[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  let firstOffset = 0;
  for (const sealed of sources) {
    bytes += sealed.segment.size;
    if (bytes > segmentBytes || sealed.endOffset - firstOffset > mostOffsetsInSegment) {
      groups.push([]);
      bytes = sealed.segment.size;
      firstOffset = sealed.segment.baseOffset;
    }
    groups.at(-1)?.push(sealed);
  }
  return groups;
}
