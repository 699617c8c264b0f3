import { displayName } from '../../csv/byte-source.ts';
import type { RejectedRow, RejectReason } from '../../csv/rejected-row.ts';

export interface RejectTally {
  count: number;
  /** Where the first few are. */
  first: { file: string; line: number }[];
}

/** How far a replay is. */
export interface ProduceProgress {
  /** Rows sent and acknowledged. */
  rows: number;
  rejected: number;
  /** Bytes of the current pass over the files that the acknowledged rows come from. */
  bytes: number;
  /** Bytes of one pass; undefined when a pipe is among the files. */
  totalBytes: number | undefined;
  /** Rows per second over the last seconds. */
  rate: number;
}

const namedRejects = 5;
const rateSpan = 5_000;

/** Counts what a replay does. */
export interface ProduceTally {
  readonly progress: ProduceProgress;
  readonly reasons: ReadonlyMap<RejectReason, RejectTally>;
  /** Rows were acknowledged; `bytes` is how far into the current pass they reach. */
  sent(rows: number, bytes: number, now: number): void;
  rejected(file: string, rejects: readonly RejectedRow[]): void;
  /** A pass over the files begins. */
  beginPass(): void;
}

export function produceTally(totalBytes: number | undefined, start: number): ProduceTally {
  const progress: ProduceProgress = { rows: 0, rejected: 0, bytes: 0, totalBytes, rate: 0 };
  const reasons = new Map<RejectReason, RejectTally>();
  // Rows at moments of the last seconds, oldest first.
  const marks = [{ time: start, rows: 0 }];
  return {
    progress,
    reasons,
    sent(rows, bytes, now) {
      progress.rows += rows;
      progress.bytes = Math.max(progress.bytes, bytes);
      const last = marks.at(-1);
      if (last && now - last.time >= rateSpan / 20) marks.push({ time: now, rows: progress.rows });
      while (marks.length > 2 && now - (marks[1]?.time ?? now) >= rateSpan) marks.shift();
      const [oldest] = marks;
      if (oldest && now > oldest.time) progress.rate = ((progress.rows - oldest.rows) * 1_000) / (now - oldest.time);
    },
    rejected(file, rejects) {
      progress.rejected += rejects.length;
      for (const { line, reason } of rejects) {
        const tally = reasons.get(reason) ?? { count: 0, first: [] };
        tally.count += 1;
        if (tally.first.length < namedRejects) tally.first.push({ file: displayName(file), line });
        reasons.set(reason, tally);
      }
    },
    beginPass() {
      progress.bytes = 0;
    },
  };
}
