import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from './durable-file.ts';
import { baseOffsetOf, fileNameOf } from './segment.ts';

// A compacted segment takes the place of those it was made from in three steps, each on the disk before the next: it is
// complete under its temporary name; it gets a name that says which offsets it stands for, from which moment on it is
// the one that counts; the old files go and it takes the name of the first. Stopped before the second step the old
// segments are whole; stopped after it, opening the log does the third.

const swapName = /^(\d{20})-(\d{20})\.swap$/;
const temporaryExtension = 'compacting';

/** The file to write a compacted segment to. */
export const temporaryFileOf = (directory: string, baseOffset: number): string =>
  join(directory, fileNameOf(baseOffset, temporaryExtension));

/** Puts the file at `temporaryFileOf`, complete and synced, in the place of all segments from one offset to another. */
export function swapIn(directory: string, baseOffset: number, endOffset: number): void {
  const name = `${fileNameOf(baseOffset, '').slice(0, -1)}-${fileNameOf(endOffset, 'swap')}`;
  renameSync(temporaryFileOf(directory, baseOffset), join(directory, name));
  syncDirectory(directory);
  finish(directory, name, baseOffset, endOffset);
}

function finish(directory: string, name: string, baseOffset: number, endOffset: number): void {
  for (const file of readdirSync(directory)) {
    const offset = baseOffsetOf(file);
    if (offset === undefined || offset < baseOffset || offset >= endOffset) continue;
    // Of the first segment only the index, which is that of the old file: the new one takes its name.
    rmSync(join(directory, fileNameOf(offset, 'idx')), { force: true });
    if (offset !== baseOffset) rmSync(join(directory, file));
  }
  syncDirectory(directory);
  renameSync(join(directory, name), join(directory, fileNameOf(baseOffset, 'log')));
  syncDirectory(directory);
}

/** Ends what a crash has left of a compaction. To be called before the segments are listed. */
export function settleSwaps(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.endsWith(`.${temporaryExtension}`)) rmSync(join(directory, name));
    const [, baseOffset, endOffset] = swapName.exec(name) ?? [];
    if (baseOffset && endOffset) finish(directory, name, Number(baseOffset), Number(endOffset));
  }
}
