import { batchHeader, batchHeaderSize } from './record-batch.ts';
import type { Segment } from './segment.ts';

const windowSize = 1024 * 1024;

/**
 * Visits the batches of a sealed segment from the one that holds `offset`, until a visit gives false. Others get their
 * turn after each window.
 * @throws Error when the segment ends within a batch: then nothing should be made from it.
 */
export async function walkBatches(
  segment: Segment,
  offset: number,
  signal: AbortSignal,
  visit: (batch: Buffer) => boolean,
): Promise<void> {
  await segment.using(async () => {
    let position = segment.index.positionOfOffset(Math.max(0, offset - segment.baseOffset));
    let window: Buffer = Buffer.alloc(0);
    let at = 0;
    const load = async (size: number) => {
      if (at + size <= window.length) return;
      signal.throwIfAborted();
      position += at;
      at = 0;
      window = await segment.read(position, Math.max(windowSize, size));
      if (window.length < size) throw new Error(`${segment.file} is broken at byte ${position}`);
    };
    while (position + at < segment.size) {
      await load(batchHeaderSize);
      const size = batchHeader.size(window, at);
      if (size < batchHeaderSize) throw new Error(`${segment.file} is broken at byte ${position + at}`);
      await load(size);
      const batch = window.subarray(at, at + size);
      at += size;
      if (batchHeader.lastOffset(batch) >= offset && !visit(batch)) return;
    }
  });
}
