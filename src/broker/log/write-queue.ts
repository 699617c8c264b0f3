import { errnoOf, messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { FsyncPolicy } from './log-settings.ts';
import { OffsetGate } from './offset-gate.ts';
import { batchHeader } from './record-batch.ts';
import type { Segment } from './segment.ts';

/** The disk did not take the records. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

interface WriteTarget {
  /** The segment that a batch goes to, a new one when the newest is full, and how many bytes it can take. */
  place(batch: Buffer): { segment: Segment; roomBytes: number };
  /** Everything below is readable: tell those who wait for records. */
  onVisible(): void;
  /** Records from here on did not reach the disk and are forgotten. */
  onLost(fromOffset: number): void;
}

// The most that one write takes, so that a burst does not hold all its memory until the end.
const mostBytes = 16 * 1024 * 1024;

/**
 * Brings the batches of one partition to the disk: all that came in during one turn of the event loop go into one
 * write, and under `always` one sync covers all writes that were done before it began.
 */
export class WriteQueue {
  readonly #target: WriteTarget;
  readonly #fsync: FsyncPolicy;
  readonly #logger: Logger;
  #pending: Buffer[] = [];
  /** Ends of what is written, and of what readers may see: what a power cut can take back, they never do. */
  readonly #written: OffsetGate;
  readonly #visible: OffsetGate;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #dirty: Segment | null = null;
  #isOffline = false;
  #isFailing = false;

  constructor(target: WriteTarget, endOffset: number, fsync: FsyncPolicy, logger: Logger) {
    this.#target = target;
    this.#fsync = fsync;
    this.#logger = logger;
    this.#written = new OffsetGate(endOffset);
    this.#visible = fsync === 'always' ? new OffsetGate(endOffset) : this.#written;
  }

  /** After a failed sync nobody knows what is on the disk: nothing is accepted until a restart has read it. */
  get isOffline(): boolean {
    return this.#isOffline;
  }

  get highWatermark(): number {
    return this.#visible.reached;
  }

  /** Takes a batch with its offset in place. */
  add(batch: Buffer): void {
    this.#pending.push(batch);
    this.#writing ??= new Promise((resolve) => {
      setImmediate(() => void this.#write().finally(resolve));
    });
  }

  /**
   * Resolves when the records below an offset are written, or with `durable` as safe as the fsync policy asks.
   * @throws StorageError when they are lost.
   */
  whenStored(offset: number, durable: boolean): Promise<void> {
    return (durable ? this.#visible : this.#written).wait(offset);
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      try {
        await this.#writeSome();
        this.#isFailing = false;
      } catch (error) {
        this.#lose(error);
      }
      if (this.#fsync === 'always') this.#syncing ??= this.#syncWritten();
      else this.#target.onVisible();
    }
    this.#writing = null;
  }

  async #writeSome(): Promise<void> {
    const first = this.#pending[0];
    if (!first) return;
    const { segment, roomBytes } = this.#target.place(first);
    if (this.#dirty && this.#dirty !== segment && this.#fsync === 'always') await this.#dirty.sync();
    this.#dirty = segment;
    const batches = [first];
    let bytes = first.length;
    for (const batch of this.#pending.slice(1)) {
      if (bytes + batch.length > Math.min(roomBytes, mostBytes)) break;
      batches.push(batch);
      bytes += batch.length;
    }
    await segment.write(batches);
    this.#pending.splice(0, batches.length);
    for (const batch of batches) segment.noteBatch(batch);
    this.#written.advance(batchHeader.lastOffset(batches.at(-1) ?? first) + 1);
  }

  /** Undoes a failed write: the log ends where it ended before, and all who wait are told. */
  #lose(error: unknown): void {
    const fromOffset = this.#written.reached;
    this.#pending = [];
    this.#target.onLost(fromOffset);
    const isFull = errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT';
    const reason = isFull ? 'no space left on the disk' : messageOf(error);
    if (!this.#isFailing) this.#logger.error(`records refused: ${reason}; what was acknowledged before is intact`);
    this.#isFailing = true;
    const failure = new StorageError(reason);
    this.#written.fail(failure);
    // Under `always`, records that were written but not synced stay in the log; their sync tells those who wait.
    if (this.#visible !== this.#written) this.#visible.fail(failure, fromOffset + 1);
    try {
      this.#dirty?.truncate();
    } catch (cause) {
      this.#goOffline(cause);
    }
  }

  async #syncWritten(): Promise<void> {
    try {
      while (this.#visible.reached < this.#written.reached && this.#dirty) {
        const covered = this.#written.reached;
        await this.#dirty.sync();
        this.#visible.advance(covered);
        this.#target.onVisible();
      }
    } catch (error) {
      this.#goOffline(error);
    } finally {
      this.#syncing = null;
    }
  }

  /** Syncs what is written, for the `interval` policy and for a stop in order. */
  async sync(): Promise<void> {
    const segment = this.#dirty;
    if (!segment || this.#isOffline) return;
    if (this.#fsync !== 'always') this.#dirty = null;
    try {
      await segment.sync();
    } catch (error) {
      this.#goOffline(error);
    }
  }

  // A sync that failed is never tried again: the kernel may have dropped the pages and would report success.
  #goOffline(error: unknown): void {
    this.#isOffline = true;
    this.#logger.error(`partition offline: ${messageOf(error)}; check the disk, then restart the broker`);
    const failure = new StorageError(messageOf(error));
    this.#written.fail(failure);
    this.#visible.fail(failure);
  }

  /** Resolves when everything that was added is written, and synced where the policy says so. */
  async drain(): Promise<void> {
    await this.#writing;
    await this.#syncing;
  }
}
