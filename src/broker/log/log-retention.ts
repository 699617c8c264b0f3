import type { Clock } from '../../runtime/clock.ts';
import type { LogFiles } from './log-files.ts';
import type { LogSettings } from './log-settings.ts';
import type { LogState } from './log-state.ts';
import type { RecoveryPoint } from './recovery-point.ts';
import type { SegmentRoller } from './segment-roller.ts';

interface RetentionOptions {
  readonly settings: () => LogSettings;
  readonly clock: Clock;
  readonly files: LogFiles;
  readonly state: LogState;
  readonly point: RecoveryPoint;
  readonly roller: SegmentRoller;
}

/** How far a log is written and decided at the moment when old records are looked for. */
interface LogEnds {
  readonly endOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
}

/** Deletes records from the start of a log: those that are asked to go, and those that are too old or too many. */
export class LogRetention {
  readonly #options: RetentionOptions;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Makes the records below an offset unreadable for good, and deletes the files that hold nothing else. */
  deleteBefore(offset: number): void {
    const { point, state } = this.#options;
    if (offset <= point.startOffset) return;
    point.moveStart(offset);
    state.transactions.forgetBefore(offset);
    this.removeFiles();
  }

  /** Deletes the files that were kept for a recovery which does not need them any more. */
  removeFiles(): void {
    this.#options.files.removeBefore(this.#options.point.removableUpTo);
  }

  /** Deletes what the topic's limits of age and size do not allow. */
  expire({ endOffset, highWatermark, lastStableOffset }: LogEnds): void {
    const { clock, files, roller } = this.#options;
    const settings = this.#options.settings();
    if (!settings.deletesOldRecords) return;
    const now = clock.now();
    const { active } = files;
    const isIdle = endOffset === highWatermark;
    // The newest segment cannot go; when all its records are too old, an empty one takes its place first.
    if (
      active &&
      active.size > 0 &&
      isIdle &&
      settings.retentionMs >= 0 &&
      active.maxTimestamp < now - settings.retentionMs
    ) {
      roller.roll(active, endOffset);
    }
    const expired = files.expiredUpTo(settings, now);
    // Nobody knows yet whether the records of an open transaction count.
    if (expired !== undefined) this.deleteBefore(Math.min(expired, lastStableOffset));
  }
}
