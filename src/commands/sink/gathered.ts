import type { SourceBatch } from '../../kafka/topic-source.ts';
import { partitionKey, type TopicPartition } from '../../kafka/topics.ts';
import type { WindowCount } from '../../records/window-count.ts';

/** What has been read and is not stored yet. */
export interface GatheredWindows {
  take(batch: SourceBatch, windows: readonly WindowCount[]): void;
  readonly windows: readonly WindowCount[];
  readonly records: number;
  /** Enough for one transaction. */
  readonly isFull: boolean;
  /** Something is to be stored, be it only a position. */
  readonly hasNews: boolean;
  /** Next offset to be read of each partition that was heard of, by `topic/partition`. */
  readonly read: ReadonlyMap<string, number>;
  /** Result records behind, over all partitions. */
  readonly lag: number;
  /**
   * The positions that belong to the windows, by the store's names: right after their last records. What lies behind
   * that and holds no records, such as the marker of a transaction, is worth storing only `atEnd`.
   */
  positions(when: { atEnd: boolean }): ReadonlyMap<string, number>;
  /** They are stored. */
  clear(): void;
}

const mostWindows = 4_096;
const mostCounts = 100_000;

/** @param namesOf what the store calls the positions of a partition. */
export function gatheredWindows(namesOf: (partition: TopicPartition) => readonly string[]): GatheredWindows {
  let windows: WindowCount[] = [];
  let [counts, records] = [0, 0];
  const read = new Map<string, number>();
  const behind = new Map<string, number>();
  const afterRecords = new Map<string, number>();
  const afterAll = new Map<string, number>();

  return {
    take(batch, found) {
      const { nextOffset, readableEnd } = batch;
      for (const window of found) counts += window.counts.size + 1;
      windows = windows.length === 0 ? [...found] : windows.concat(found);
      records += batch.records.length;
      read.set(partitionKey(batch), nextOffset);
      behind.set(partitionKey(batch), Math.max(0, readableEnd - nextOffset));
      const last = batch.records.at(-1);
      for (const name of namesOf(batch)) {
        if (last) afterRecords.set(name, last.offset + 1);
        // News without records may come of a partition whose offset is being looked up.
        if (last || nextOffset > (afterAll.get(name) ?? nextOffset)) afterAll.set(name, nextOffset);
      }
    },
    get windows() {
      return windows;
    },
    get records() {
      return records;
    },
    get isFull() {
      return windows.length >= mostWindows || counts >= mostCounts;
    },
    get hasNews() {
      return windows.length > 0 || afterAll.size > 0;
    },
    read,
    get lag() {
      return behind.values().reduce((sum, each) => sum + each, 0);
    },
    positions: ({ atEnd }) => new Map(atEnd ? afterAll : afterRecords),
    clear() {
      windows = [];
      [counts, records] = [0, 0];
      read.clear();
      afterRecords.clear();
    },
  };
}
