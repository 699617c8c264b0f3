import { FieldReader, FieldWriter } from './bytes.ts';
import type { AbortedTransaction } from './committed-batches.ts';
import type { TopicPartition } from './topics.ts';

export const fetchApiKey = 1;
/** Fetch v4 brings read_committed, v5 the log's start, v7 sessions (not used), v9 leader epochs, v11 racks. */
export const newestFetch = 11;

export interface FetchRequest {
  /** How long the broker may wait for the first byte, in ms. */
  maxWait: number;
  maxBytes: number;
  maxPartitionBytes: number;
  readCommitted: boolean;
  partitions: readonly (TopicPartition & { offset: number })[];
}

export interface FetchedPartition extends TopicPartition {
  errorCode: number;
  highWatermark: number;
  /** Where the first open transaction begins, else the high watermark; -1 to readers of everything. */
  lastStableOffset: number;
  abortedTransactions: AbortedTransaction[];
  /** Record batches one after another; the first may begin before the offset asked for, the last be cut off. */
  bytes: Buffer;
}

export function encodeFetch(request: FetchRequest, version: number): Buffer {
  const fields = new FieldWriter()
    .int32(-1) // not a replica
    .int32(request.maxWait)
    .int32(1) // least bytes
    .int32(request.maxBytes)
    .int8(request.readCommitted ? 1 : 0);
  if (version >= 7) fields.int32(0).int32(-1); // no session
  fields.array([...Map.groupBy(request.partitions, ({ topic }) => topic)], ([topic, partitions]) => {
    fields.string(topic).array(partitions, ({ partition, offset }) => {
      fields.int32(partition);
      if (version >= 9) fields.int32(-1); // leader epoch: not checked
      fields.int64(offset);
      if (version >= 5) fields.int64(-1);
      fields.int32(request.maxPartitionBytes);
    });
  });
  if (version >= 7) fields.int32(0); // no forgotten topics
  if (version >= 11) fields.string('');
  return fields.written;
}

export function decodeFetch(
  payload: Buffer,
  version: number,
): { errorCode: number; throttle: number; partitions: FetchedPartition[] } {
  const fields = new FieldReader(payload);
  const throttle = fields.int32();
  const errorCode = version >= 7 ? fields.int16() : 0;
  if (version >= 7) fields.int32();
  const topics = fields.array(() => {
    const topic = fields.string();
    return fields.array(() => decodePartition(fields, topic, version));
  });
  return { errorCode, throttle, partitions: topics.flat() };
}

function decodePartition(fields: FieldReader, topic: string, version: number): FetchedPartition {
  const partition = fields.int32();
  const errorCode = fields.int16();
  const highWatermark = fields.int64();
  const lastStableOffset = fields.int64();
  if (version >= 5) fields.int64(); // start of the log
  const abortedTransactions = fields.array(() => ({ producerId: fields.int64(), firstOffset: fields.int64() }));
  if (version >= 11) fields.int32(); // preferred replica
  return { topic, partition, errorCode, highWatermark, lastStableOffset, abortedTransactions, bytes: fields.slice() };
}
