import { partitionOfKey } from './murmur2.ts';
import type { SinkRecord } from './record-batch-encoder.ts';

/**
 * Shares records out to the partitions of a topic: those with a key by the key, as in Java; the others all go to the
 * partition whose turn it is, so that they make one batch.
 */
export function shareRecords(
  records: readonly SinkRecord[],
  partitionCount: number,
  turn: number,
): Map<number, readonly SinkRecord[]> {
  const keyed = partitionCount > 1 && records.some(({ key }) => key !== undefined && key !== null);
  if (!keyed) return new Map([[turn, records]]);
  return Map.groupBy(records, ({ key }) => {
    if (key === undefined || key === null) return turn;
    return partitionOfKey(typeof key === 'string' ? Buffer.from(key) : key, partitionCount);
  });
}
