import { type BatchHeader, isControl, isTransactional, readBatchHeader } from './batch-header.ts';
import { readMarkerType } from './record-batch-decoder.ts';

/** A transaction whose records from `firstOffset` up to its abort marker never happened. */
export interface AbortedTransaction {
  producerId: number;
  firstOffset: number;
}

const abortMarker = 0;

/**
 * The batches of a fetched stretch of log that a reader may see from the offset `from` on, and the offset after all of
 * it: markers of transactions and, when `aborted` is given, what those transactions wrote are passed over.
 */
export function committedBatches(
  bytes: Buffer,
  from: number,
  aborted: readonly AbortedTransaction[] | null,
): { batches: BatchHeader[]; nextOffset: number } {
  const batches: BatchHeader[] = [];
  const starts = [...(aborted ?? [])].sort((a, b) => a.firstOffset - b.firstOffset);
  const abortedProducers = new Set<number>();
  let nextOffset = from;
  let at = 0;
  for (;;) {
    const batch = readBatchHeader(bytes, at);
    if (!batch) return { batches, nextOffset };
    at = batch.end;
    nextOffset = Math.max(nextOffset, batch.nextOffset);
    while (starts[0] && starts[0].firstOffset < batch.nextOffset) {
      abortedProducers.add(starts[0].producerId);
      starts.shift();
    }
    if (isControl(batch)) {
      if (readMarkerType(bytes, batch) === abortMarker) abortedProducers.delete(batch.producerId);
      continue;
    }
    if (isTransactional(batch) && abortedProducers.has(batch.producerId)) continue;
    if (batch.nextOffset > from) batches.push(batch);
  }
}
