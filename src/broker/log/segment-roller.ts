import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { LogFiles } from './log-files.ts';
import type { LogSettings } from './log-settings.ts';
import { batchHeader } from './record-batch.ts';
import type { RecoveryPoint } from './recovery-point.ts';
import { mostOffsetsInSegment, type Segment } from './segment.ts';

interface RollerOptions {
  readonly settings: () => LogSettings;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Decides when a log goes on in a new segment. */
export class SegmentRoller {
  readonly #options: RollerOptions;
  readonly #files: LogFiles;
  readonly #point: RecoveryPoint;
  #saving = Promise.resolve();
  #isStopped = false;

  constructor(options: RollerOptions, files: LogFiles, point: RecoveryPoint) {
    this.#options = options;
    this.#files = files;
    this.#point = point;
  }

  /** The segment that a batch goes to, a new one when the newest is full or too old, and how many bytes it can take. */
  place(batch: Buffer): { segment: Segment; roomBytes: number } {
    const { active } = this.#files;
    const { segmentBytes, segmentMs, isCompacted, maxCompactionLagMs } = this.#options.settings();
    const longest = isCompacted ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs;
    const now = this.#options.clock.now();
    const baseOffset = batchHeader.baseOffset(batch);
    if (!active) return { segment: this.#files.roll(baseOffset, now), roomBytes: segmentBytes };
    const roomBytes = segmentBytes - active.size;
    if (active.size === 0) return { segment: active, roomBytes };
    const isFull = batch.length > roomBytes || now - active.createdAt >= longest;
    if (!isFull && baseOffset - active.baseOffset < mostOffsetsInSegment) return { segment: active, roomBytes };
    return { segment: this.roll(active, baseOffset), roomBytes: segmentBytes };
  }

  /** Completes the newest segment when its records have to be compacted by now, although nothing more is written. */
  rollForCompaction(endOffset: number): void {
    const { active } = this.#files;
    const { isCompacted, maxCompactionLagMs } = this.#options.settings();
    if (!isCompacted || !active || active.size === 0) return;
    if (this.#options.clock.now() - active.createdAt >= maxCompactionLagMs) this.roll(active, endOffset);
  }

  /** Begins a new segment behind the newest, which becomes complete. */
  roll(sealed: Segment, baseOffset: number): Segment {
    const save = this.#point.noteRoll(baseOffset);
    const segment = this.#files.roll(baseOffset, this.#options.clock.now());
    this.#saving = this.#saving.then(() => this.#saveOnce(sealed, save));
    return segment;
  }

  /** Until a sealed segment is on the disk, and those before it are, recovery has to read it again. */
  async #saveOnce(sealed: Segment, save: () => void): Promise<void> {
    if (this.#isStopped) return;
    try {
      await sealed.sync();
    } catch (error) {
      // After a sync that failed nobody knows what the disk holds.
      this.#isStopped = true;
      this.#options.logger.error(error, `cannot sync ${sealed.file}`);
    }
    try {
      if (!this.#isStopped) save();
    } catch (error) {
      this.#options.logger.error(error, `cannot note that ${sealed.file} is complete`);
    }
  }

  /** Resolves when it is noted of all complete segments that recovery need not read them. */
  whenSaved(): Promise<void> {
    return this.#saving;
  }

  /** Nothing is saved any more: the directory is going away. */
  stop(): void {
    this.#isStopped = true;
  }
}
