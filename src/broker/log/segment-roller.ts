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
  #isStopped = false;

  constructor(options: RollerOptions, files: LogFiles, point: RecoveryPoint) {
    this.#options = options;
    this.#files = files;
    this.#point = point;
  }

  /** The segment that a batch goes to, a new one when the newest is full or too old, and how many bytes it can take. */
  place(batch: Buffer): { segment: Segment; roomBytes: number } {
    const { active } = this.#files;
    const { segmentBytes, segmentMs } = this.#options.settings();
    const now = this.#options.clock.now();
    const baseOffset = batchHeader.baseOffset(batch);
    if (!active) return { segment: this.#files.roll(baseOffset, now), roomBytes: segmentBytes };
    const roomBytes = segmentBytes - active.size;
    if (active.size === 0) return { segment: active, roomBytes };
    const isFull = batch.length > roomBytes || now - active.createdAt >= segmentMs;
    if (!isFull && baseOffset - active.baseOffset < mostOffsetsInSegment) return { segment: active, roomBytes };
    return { segment: this.roll(active, baseOffset), roomBytes: segmentBytes };
  }

  /** Begins a new segment behind the newest, which becomes complete. */
  roll(sealed: Segment, baseOffset: number): Segment {
    const save = this.#point.noteRoll(baseOffset);
    const segment = this.#files.roll(baseOffset, this.#options.clock.now());
    // Until the sealed segment is on the disk, recovery has to read it again.
    sealed
      .sync()
      .then(() => this.#isStopped || save())
      .catch((error: unknown) => this.#options.logger.error(error, `cannot sync ${sealed.file}`));
    return segment;
  }

  /** Nothing is saved any more: the directory is going away. */
  stop(): void {
    this.#isStopped = true;
  }
}
