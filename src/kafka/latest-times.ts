import { errorCodes } from './apis.ts';
import { FieldReader, FieldWriter } from './bytes.ts';
import type { KafkaClient } from './client.ts';
import { lacksRequest } from './errors.ts';
import { leanApi } from './lean-api.ts';
import { type LedPartition, partitionKey, type TopicPartition } from './topics.ts';

/** What ListOffsets takes for "the record with the greatest timestamp" (KIP-734). */
const greatestTimestamp = -3;

const latestTimesApi = leanApi<
  { partitions: readonly TopicPartition[] },
  { answers: (TopicPartition & { errorCode: number; timestamp: number })[] }
>({
  name: 'ListOffsets',
  key: 2,
  version: 7,
  encode: ({ partitions }) =>
    new FieldWriter()
      .int8(0) // end of the header: no tags
      .int32(-1) // not a replica
      .int8(0) // read_uncommitted
      .compactArray([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, own], fields) =>
        fields
          .compactString(topic)
          .compactArray(own, ({ partition }) => fields.int32(partition).int32(-1).int64(greatestTimestamp).int8(0))
          .int8(0),
      )
      .int8(0).written,
  decode(payload) {
    const fields = new FieldReader(payload);
    fields.skipTags();
    fields.int32(); // throttle time
    const topics = fields.compactArray(() => {
      const topic = fields.compactString();
      const partitions = fields.compactArray(() => {
        const [partition, errorCode, timestamp] = [fields.int32(), fields.int16(), fields.int64()];
        fields.int64(); // offset
        fields.int32(); // leader epoch
        fields.skipTags();
        return { topic, partition, errorCode, timestamp };
      });
      fields.skipTags();
      return partitions;
    });
    return { answers: topics.flat() };
  },
});

/**
 * The greatest timestamp in each partition (epoch ms) by partition key, without those that hold no record; undefined
 * where a broker cannot tell: Apache Kafka before 3.0.
 */
export async function latestTimes(
  client: KafkaClient,
  partitions: readonly LedPartition[],
): Promise<Map<string, number> | undefined> {
  const times = new Map<string, number>();
  for (const [leader, led] of Map.groupBy(partitions, (partition) => partition.leader)) {
    try {
      const { answers } = await client.call(leader, latestTimesApi, { partitions: led });
      for (const { errorCode, timestamp, ...partition } of answers) {
        if (errorCode === errorCodes.none && timestamp >= 0) times.set(partitionKey(partition), timestamp);
      }
    } catch (error) {
      if (lacksRequest(error)) return undefined;
      throw error;
    }
  }
  return times;
}
