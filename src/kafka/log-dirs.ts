import { errorCodes } from './apis.ts';
import { FieldReader, FieldWriter } from './bytes.ts';
import type { KafkaClient } from './client.ts';
import { lacksRequest } from './errors.ts';
import { leanApi } from './lean-api.ts';
import { type LedPartition, partitionKey, type TopicPartition } from './topics.ts';

interface ReplicaSize extends TopicPartition {
  sizeBytes: number;
  /** Whether it is being moved to this directory, and not yet in use. */
  isFuture: boolean;
}

const describeLogDirsApi = leanApi<
  { partitions: readonly TopicPartition[] },
  { directories: { errorCode: number; replicas: ReplicaSize[] }[] }
>({
  name: 'DescribeLogDirs',
  key: 35,
  version: 1,
  encode: ({ partitions }) =>
    new FieldWriter().array([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, own], fields) =>
      fields.string(topic).array(own, ({ partition }) => fields.int32(partition)),
    ).written,
  decode(payload) {
    const fields = new FieldReader(payload);
    fields.int32(); // throttle time
    const directories = fields.array(() => {
      const errorCode = fields.int16();
      fields.string(); // path
      const replicas = fields.array(() => {
        const topic = fields.string();
        return fields.array(() => {
          const [partition, sizeBytes] = [fields.int32(), fields.int64()];
          fields.int64(); // how far a follower is behind
          return { topic, partition, sizeBytes, isFuture: fields.int8() !== 0 };
        });
      });
      return { errorCode, replicas: replicas.flat() };
    });
    return { directories };
  },
});

/**
 * Bytes that each partition takes on its leader's disk, by partition key, without replicas; undefined where a broker
 * does not tell, or not this user.
 */
export async function partitionSizes(
  client: KafkaClient,
  partitions: readonly LedPartition[],
): Promise<Map<string, number> | undefined> {
  const sizes = new Map<string, number>();
  for (const [leader, led] of Map.groupBy(partitions, (partition) => partition.leader)) {
    try {
      const { directories } = await client.call(leader, describeLogDirsApi, { partitions: led });
      if (directories.length === 0 || directories.some(({ errorCode }) => errorCode !== errorCodes.none))
        return undefined;
      for (const replica of directories.flatMap(({ replicas }) => replicas)) {
        if (!replica.isFuture) sizes.set(partitionKey(replica), replica.sizeBytes);
      }
    } catch (error) {
      if (lacksRequest(error)) return undefined;
      throw error;
    }
  }
  return sizes;
}
