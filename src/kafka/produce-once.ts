import type { BrokerLink } from './broker-link.ts';
import { decodeProduce, encodeProduce, newestProduce, type PartitionBatch, produceApiKey } from './produce-request.ts';
import type { TopicPartition } from './topics.ts';

const requestTimeout = 30_000;

/**
 * Sends batches to their leader, at most one for each partition; resolves with the error code of each partition.
 * @throws what the connection throws: then it is unknown which of them the broker has.
 */
export async function produceOnce(
  link: BrokerLink,
  batches: readonly PartitionBatch[],
  transactionalId: string | null = null,
): Promise<(partition: TopicPartition) => number> {
  const apiVersion = link.version(produceApiKey, newestProduce);
  const payload = await link.exchange({
    apiKey: produceApiKey,
    apiVersion,
    apiName: 'Produce',
    body: encodeProduce(batches, requestTimeout, transactionalId),
    timeout: requestTimeout + 5_000,
  });
  const { partitions, throttle } = decodeProduce(payload, apiVersion);
  link.throttle(throttle);
  return (wanted) =>
    partitions.find(({ topic, partition }) => topic === wanted.topic && partition === wanted.partition)?.errorCode ??
    -1;
}
