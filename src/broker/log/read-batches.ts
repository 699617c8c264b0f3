import type { Allocate } from './buffer-pool.ts';
import { batchHeader, batchHeaderSize } from './record-batch.ts';
import type { Segment } from './segment.ts';
import { indexInterval } from './segment-index.ts';

export interface ReadLimits {
  /** Batches from here on are not shown. */
  readonly endOffset: number;
  readonly maxBytes: number;
  /** The first batch is given even when it is larger than `maxBytes` (KIP-74). */
  readonly atLeastOne: boolean;
  /** Makes the buffers to read into. */
  readonly allocate?: Allocate | undefined;
}

interface SegmentReadLimits extends ReadLimits {
  /** The first batch given is one with records. */
  readonly skipsEmpty: boolean;
}

interface BatchRun {
  readonly bytes: Buffer;
  /** The position in the segment behind them. */
  readonly end: number;
}

/**
 * Whole batches of one segment, from the one that holds `offset`; empty when the first one does not fit, undefined when
 * there is none.
 */
export async function readBatches(
  segment: Segment,
  offset: number,
  limits: SegmentReadLimits,
): Promise<BatchRun | undefined> {
  const { endOffset, maxBytes, atLeastOne, skipsEmpty, allocate } = limits;
  let position = segment.index.positionOfOffset(offset - segment.baseOffset);
  let window = await segment.read(position, Math.max(maxBytes, indexInterval), allocate);
  let at = 0;
  // Skip to the batch that holds the offset: the index knows only one in a few KiB.
  for (;;) {
    if (at + batchHeaderSize > window.length) {
      position += at;
      if (position + batchHeaderSize > segment.size) return undefined;
      window = await segment.read(position, Math.max(maxBytes, batchHeaderSize), allocate);
      at = 0;
    }
    const isEmpty = batchHeader.recordsCount(window, at) === 0;
    if (batchHeader.lastOffset(window, at) >= offset && !(isEmpty && skipsEmpty)) break;
    at += batchHeader.size(window, at);
  }
  const firstSize = batchHeader.size(window, at);
  const none: BatchRun = { bytes: Buffer.alloc(0), end: position + at };
  if (batchHeader.lastOffset(window, at) >= endOffset) return none;
  if (firstSize > maxBytes) {
    if (!atLeastOne) return none;
    return { bytes: await segment.read(position + at, firstSize, allocate), end: position + at + firstSize };
  }
  if (at + firstSize > window.length) {
    position += at;
    window = await segment.read(position, maxBytes, allocate);
    at = 0;
  }
  const end = wholeBatchesEnd(window, at, Math.min(window.length, at + maxBytes), endOffset);
  return { bytes: window.subarray(at, end), end: position + end };
}

function wholeBatchesEnd(window: Buffer, from: number, to: number, endOffset: number): number {
  let end = from;
  while (end + batchHeaderSize <= to) {
    const size = batchHeader.size(window, end);
    if (end + size > to || batchHeader.lastOffset(window, end) >= endOffset) break;
    end += size;
  }
  return end;
}
