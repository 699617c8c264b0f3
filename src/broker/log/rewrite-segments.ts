import * as fs from 'node:fs';
import type { BatchCompactor } from './compact-batch.ts';
import { batchHeader, newestTime, placeholderBatch } from './record-batch.ts';
import type { Segment } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';
import { walkBatches } from './walk-batches.ts';

const flushBytes = 1024 * 1024;

interface Rewriting {
  readonly sources: readonly Segment[];
  /** Where the last of the sources ends. */
  readonly endOffset: number;
  readonly file: string;
  readonly compactor: BatchCompactor;
  readonly signal: AbortSignal;
}

/**
 * Writes what stays of some segments to a file, synced. It covers the same offsets without a gap: a placeholder without
 * records stands for each run of batches that are gone, so that recovery can go on to check that offsets follow on.
 * @returns the index of the file; undefined when nothing would change.
 */
export async function rewriteSegments(rewriting: Rewriting): Promise<SegmentIndex | undefined> {
  const { sources, endOffset, file, compactor, signal } = rewriting;
  const baseOffset = sources[0]?.baseOffset ?? 0;
  const output = openOutput(file, baseOffset);
  try {
    let isChanged = sources.length > 1;
    let leaderEpoch = 0;
    const fillUpTo = (offset: number) => {
      if (output.endOffset < offset) output.add(placeholderBatch(output.endOffset, offset, leaderEpoch));
    };
    for (const source of sources) {
      await walkBatches(source, 0, signal, (batch) => {
        const kept = compactor.compact(batch);
        if (kept) {
          fillUpTo(batchHeader.baseOffset(kept));
          output.add(kept);
        }
        leaderEpoch = batchHeader.leaderEpoch(batch);
        isChanged ||= kept !== null && kept !== batch && !kept.equals(batch);
        return true;
      });
    }
    fillUpTo(endOffset);
    await output.finish();
    isChanged ||= output.size !== sources[0]?.size;
    if (isChanged) return output.index;
  } catch (error) {
    output.close();
    fs.rmSync(file, { force: true });
    throw error;
  }
  fs.rmSync(file, { force: true });
  return undefined;
}

function openOutput(file: string, baseOffset: number) {
  const descriptor = fs.openSync(file, 'w');
  const index = new SegmentIndex();
  let isOpen = true;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let written = 0;
  const flush = () => {
    const bytes = Buffer.concat(pending);
    for (let done = 0; done < bytes.length; ) {
      done += fs.writeSync(descriptor, bytes, done, bytes.length - done, written + done);
    }
    written += bytes.length;
    pending = [];
    pendingBytes = 0;
  };
  const output = {
    index,
    endOffset: baseOffset,
    get size() {
      return written + pendingBytes;
    },
    /** Takes the batch that follows; its memory may be used again. */
    add(batch: Buffer) {
      index.add(batchHeader.baseOffset(batch) - baseOffset, output.size, newestTime(batch));
      pending.push(Buffer.from(batch));
      pendingBytes += batch.length;
      output.endOffset = batchHeader.lastOffset(batch) + 1;
      if (pendingBytes >= flushBytes) flush();
    },
    async finish() {
      flush();
      await new Promise<void>((resolve, reject) => {
        fs.fsync(descriptor, (error) => (error ? reject(error) : resolve()));
      });
      output.close();
    },
    close() {
      if (isOpen) fs.closeSync(descriptor);
      isOpen = false;
    },
  };
  return output;
}
