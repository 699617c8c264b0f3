import type { BatchHeader } from './batch-header.ts';
import type { TopicPartition } from './topics.ts';

/** A partition that is being read. */
export interface SourcePartition extends TopicPartition {
  /** Node id, or -1 while it is not known. */
  leader: number;
  /** The next offset to fetch; null until it has been looked up. */
  offset: number | null;
  /** The offset that was not in the log when it was fetched. */
  outside: number | null;
  highWatermark: number;
  readableEnd: number;
  /** What has been put into the queue last: whether all is read, undefined before anything is known. */
  caughtUp: boolean | undefined;
  /** Since when the cluster does not list it, epoch ms. */
  missingSince: number | null;
}

/** What was fetched of a partition, its records not decoded yet, or only news of whether all of it is read. */
export interface Fetched {
  partition: SourcePartition;
  /** The offset that was asked for: records before it in the first batch are not wanted. */
  from: number;
  bytes: Buffer;
  batches: readonly BatchHeader[];
  nextOffset: number;
  highWatermark: number;
  readableEnd: number;
  caughtUp: boolean;
}

export const sourcePartition = ({ topic, partition }: TopicPartition, leader: number): SourcePartition => ({
  topic,
  partition,
  leader,
  offset: null,
  outside: null,
  highWatermark: 0,
  readableEnd: 0,
  caughtUp: undefined,
  missingSince: null,
});

const nothing = Buffer.alloc(0);

/** News that a partition is, or is no longer, read to its end. */
export const standing = (partition: SourcePartition, caughtUp: boolean): Fetched => ({
  partition,
  from: partition.offset ?? 0,
  bytes: nothing,
  batches: [],
  nextOffset: partition.offset ?? 0,
  highWatermark: partition.highWatermark,
  readableEnd: partition.readableEnd,
  caughtUp,
});
