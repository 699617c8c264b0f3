import { FieldReader, FieldWriter } from './bytes.ts';

export const produceApiKey = 0;
/** Versions 3 to 7 differ in what they promise, not in how the request looks; v5 adds a field to the reply. */
export const newestProduce = 7;

/** One batch for one partition: a request holds at most one for each. */
export interface PartitionBatch {
  topic: string;
  partition: number;
  bytes: Buffer;
}

/**
 * The body of a Produce request with acks=all, in pieces: the batches themselves are not copied. The transactional id
 * is that of the transaction which the batches are part of, null for none.
 */
export function encodeProduce(
  batches: readonly PartitionBatch[],
  timeout: number,
  transactionalId: string | null = null,
): Buffer[] {
  const pieces: Buffer[] = [];
  let fields = new FieldWriter().string(transactionalId).int16(-1).int32(timeout);
  const byTopic = Map.groupBy(batches, ({ topic }) => topic);
  fields.int32(byTopic.size);
  for (const [topic, own] of byTopic) {
    fields.string(topic).int32(own.length);
    for (const { partition, bytes } of own) {
      pieces.push(fields.int32(partition).int32(bytes.length).written, bytes);
      fields = new FieldWriter();
    }
  }
  return pieces;
}

export interface ProduceReply {
  partitions: { topic: string; partition: number; errorCode: number }[];
  throttle: number;
}

export function decodeProduce(payload: Buffer, version: number): ProduceReply {
  const fields = new FieldReader(payload);
  const topics = fields.array(() => {
    const topic = fields.string();
    return fields.array(() => {
      const answer = { topic, partition: fields.int32(), errorCode: fields.int16() };
      fields.int64(); // base offset
      fields.int64(); // append time
      if (version >= 5) fields.int64(); // start of the log
      return answer;
    });
  });
  return { partitions: topics.flat(), throttle: fields.int32() };
}
