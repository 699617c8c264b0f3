import { readSync } from 'node:fs';
import { batchHeader, batchHeaderSize } from './record-batch.ts';

const windowSize = 1024 * 1024;

/**
 * Walks the batches of a file of `end` bytes, each of them whole in memory when it is visited, until one is refused or
 * does not fit. Blocks: for starting up, and for sealed segments without an index.
 * @returns the position after the last accepted batch.
 */
export function scanBatches(
  descriptor: number,
  end: number,
  visit: (bytes: Buffer, at: number, position: number) => boolean,
): number {
  let window = Buffer.alloc(Math.min(windowSize, end));
  let [start, filled] = [0, 0];
  // Makes the window hold `size` bytes from `position` on, if the file does.
  const load = (position: number, size: number): boolean => {
    if (position + size <= start + filled) return true;
    if (position + size > end) return false;
    if (size > window.length) window = Buffer.alloc(size);
    start = position;
    filled = 0;
    while (filled < window.length) {
      const read = readSync(descriptor, window, filled, window.length - filled, start + filled);
      if (read === 0) break;
      filled += read;
    }
    return size <= filled;
  };
  let position = 0;
  while (load(position, batchHeaderSize)) {
    const size = batchHeader.size(window, position - start);
    if (size < batchHeaderSize || !load(position, size)) break;
    if (!visit(window, position - start, position)) break;
    position += size;
  }
  return position;
}
