import { mkdirSync } from 'node:fs';
import type { Logger } from '../../runtime/logger.ts';
import { readCheckpoint } from './checkpoint.ts';
import { LogFiles } from './log-files.ts';
import { LogState } from './log-state.ts';
import { recoverLog } from './recover-log.ts';
import { RecoveryPoint } from './recovery-point.ts';
import { settleSwaps } from './swap-segments.ts';

interface RestoredLog {
  readonly files: LogFiles;
  readonly state: LogState;
  readonly point: RecoveryPoint;
  readonly endOffset: number;
}

/**
 * Brings a partition's directory, made when there is none, to the state that the last run left: what a crash has left
 * half done is finished or undone, and what no checkpoint vouches for is read. Blocks meanwhile.
 */
export function restoreLog(directory: string, logger: Logger): RestoredLog {
  mkdirSync(directory, { recursive: true });
  settleSwaps(directory);
  const checkpoint = readCheckpoint(directory);
  const state = new LogState(checkpoint);
  const { segments, endOffset, wasUnclean, wasCut } = recoverLog(
    directory,
    checkpoint,
    (bytes, at, now) => state.note(bytes, at, now),
    logger,
  );
  state.truncate(endOffset);
  state.transactions.settle(endOffset);
  // Records that were readable may be gone; the next epoch makes clients look how far theirs are the same (KIP-320).
  if (wasCut) state.epochs.begin(endOffset);
  const files = new LogFiles(directory, segments);
  const startOffset = Math.min(endOffset, Math.max(checkpoint.startOffset, files.oldestOffset ?? 0));
  const point = new RecoveryPoint(directory, state, checkpoint, startOffset);
  if (wasUnclean) point.noteRecovered(endOffset);
  return { files, state, point, endOffset };
}
