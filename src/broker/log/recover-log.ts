import { readdirSync } from 'node:fs';
import type { Logger } from '../../runtime/logger.ts';
import type { Checkpoint } from './checkpoint.ts';
import { syncDirectory } from './durable-file.ts';
import { batchHeader, batchHeaderSize, hasValidChecksum, newestTime } from './record-batch.ts';
import { baseOffsetOf, Segment } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';

/** Takes in a batch that the checkpoint does not know of; `now` is its time. */
type NoteBatch = (bytes: Buffer, at: number, now: number) => void;

interface RecoveredLog {
  readonly segments: Segment[];
  readonly endOffset: number;
  /** The log was not closed in order, so what followed the checkpoint was read and checked. */
  readonly wasUnclean: boolean;
  /** Something that stood in the log, or should have, is gone. */
  readonly wasCut: boolean;
}

/**
 * Opens the segments of a partition. Whatever the checkpoint does not vouch for is read: lengths, offsets and checksums
 * must be right, and the log is cut at the first batch where they are not, which after a crash is the one that was
 * being written. Sound batches behind a broken one mean damage rather than a torn tail: they are saved beside the log.
 */
export function recoverLog(directory: string, checkpoint: Checkpoint, note: NoteBatch, logger: Logger): RecoveredLog {
  const segments = readdirSync(directory)
    .map(baseOffsetOf)
    .filter((baseOffset) => baseOffset !== undefined)
    .sort((a, b) => a - b)
    .map((baseOffset) => Segment.open(directory, baseOffset));
  const newest = segments.at(-1);
  const checkpointEnd = Math.max(checkpoint.startOffset, checkpoint.recoveryOffset);
  if (!newest) return { segments, endOffset: checkpointEnd, wasUnclean: false, wasCut: false };
  if (checkpoint.cleanSize === newest.size && checkpoint.recoveryOffset >= newest.baseOffset) {
    return { segments, endOffset: checkpoint.recoveryOffset, wasUnclean: false, wasCut: false };
  }
  const firstDoubtful = Math.max(
    0,
    segments.findLastIndex((segment) => segment.baseOffset <= checkpoint.recoveryOffset),
  );
  let endOffset = segments[firstDoubtful]?.baseOffset ?? 0;
  const sizeBytes = totalSize(segments);
  for (const [index, segment] of segments.entries()) {
    if (index < firstDoubtful) continue;
    const isWhole = segment.baseOffset === endOffset;
    if (isWhole) endOffset = recoverSegment(segment, endOffset, checkpoint, note, logger);
    if (!isWhole || (segment.size === 0 && index > firstDoubtful)) {
      for (const lost of segments.splice(index)) setAside(lost, logger);
      break;
    }
  }
  // A process that was killed has left to the system what readers may see from now on, and the checkpoint vouch for.
  for (const segment of segments.slice(firstDoubtful)) segment.syncRecovered();
  syncDirectory(directory);
  // A log that ends before its checkpoint has lost whole batches.
  const wasCut = totalSize(segments) < sizeBytes || endOffset < checkpointEnd;
  return { segments, endOffset, wasUnclean: true, wasCut };
}

const totalSize = (segments: readonly Segment[]): number => segments.reduce((total, { size }) => total + size, 0);

function setAside(segment: Segment, logger: Logger): void {
  if (segment.size === 0) {
    segment.remove();
    return;
  }
  logger.warn(
    `log damaged: segment ${segment.file} does not follow the one before it, kept as ${segment.quarantine()}`,
  );
}

/** Checks a segment, cuts it where it is broken and gives the offset at which it ends. */
function recoverSegment(
  segment: Segment,
  startOffset: number,
  checkpoint: Checkpoint,
  note: NoteBatch,
  logger: Logger,
): number {
  const index = new SegmentIndex();
  let expected = startOffset;
  const end = segment.scan((bytes, at, position) => {
    if (batchHeader.magic(bytes, at) !== 2 || batchHeader.baseOffset(bytes, at) !== expected) return false;
    // By where it begins: where it ends is for the checksum to tell, of a batch that is not trusted yet.
    const isTrusted = expected < checkpoint.recoveryOffset;
    if (batchHeader.lastOffsetDelta(bytes, at) < 0) return false;
    if (!isTrusted && !hasValidChecksum(bytes, at, batchHeader.size(bytes, at))) return false;
    index.add(expected - segment.baseOffset, position, newestTime(bytes, at));
    if (!isTrusted) note(bytes, at, batchHeader.maxTimestamp(bytes, at));
    expected = batchHeader.lastOffset(bytes, at) + 1;
    return true;
  });
  segment.adoptIndex(index);
  const before = segment.size;
  if (end === before) return expected;
  segment.size = end;
  const tail = segment.readTail(before);
  const saved = hasSoundBatch(tail) ? `, kept as ${segment.saveTail(tail)}` : '';
  // A preallocated or unwritten tail of zeros is what a crash leaves on some file systems; nothing was lost with it.
  if (tail.some((byte) => byte !== 0)) {
    logger.warn(`log cut at offset ${expected}: ${tail.length} bytes of ${segment.file} are incomplete${saved}`);
  }
  segment.truncate();
  return expected;
}

/** Whether a whole batch with a right checksum lies anywhere in these bytes. */
function hasSoundBatch(bytes: Buffer): boolean {
  for (let at = 0; at + batchHeaderSize <= bytes.length; at++) {
    if (bytes[at + 16] !== 2) continue;
    const size = batchHeader.size(bytes, at);
    if (size < batchHeaderSize || at + size > bytes.length) continue;
    if (hasValidChecksum(bytes, at, size)) return true;
  }
  return false;
}
