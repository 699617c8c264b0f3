import { errorCodes } from './apis.ts';
import type { ClusterMetadata, KafkaClient, PartitionLeader } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { toDashctlError } from './errors.ts';
import { leaderLinks } from './leader-links.ts';
import { produceOnce } from './produce-once.ts';
import type { PartitionBatch } from './produce-request.ts';
import { encodeRecordBatches, mostBatchBytes, type Producer, sealBatch } from './record-batch-encoder.ts';
import { shareRecords } from './share-records.ts';
import type { TopicRecords } from './topic-sink.ts';
import { partitionKey, requireTopics, type TopicPartition } from './topics.ts';

/** Makes the batches of transactions and brings them to the leaders of their partitions. */
export interface TransactionBatches {
  /** Looks up the topics that are not known yet. @throws DashctlError `TOPIC_UNKNOWN`, `BROKER_UNREACHABLE` */
  learn(topics: readonly string[]): Promise<void>;
  /** Reads anew where the partitions of learnt topics are. */
  refresh(topics: readonly string[]): Promise<void>;
  /** Encodes records of learnt topics as the producer's next in each partition. */
  seal(batches: readonly TopicRecords[], producer: Producer): PartitionBatch[];
  /**
   * Sends those batches that have not been acknowledged, and takes them out of the list as they are; gives the first
   * error code other than 0. Batches of a partition go one after another.
   */
  send(batches: PartitionBatch[], transactionalId: string): Promise<number>;
  /** Begins every partition's sequence anew, as a producer with another epoch must. */
  restart(): void;
}

interface KnownTopic {
  partitions: readonly PartitionLeader[];
  /** Which partition the next batch without keys goes to. */
  turn: number;
  readAt: number;
}

/** After so long it is looked whether a topic has got more partitions. */
const metadataAge = 300_000;
const sequenceCount = 2 ** 31;

export function transactionBatches(connection: KafkaConnection, client: KafkaClient): TransactionBatches {
  const withLink = leaderLinks(client);
  const known = new Map<string, KnownTopic>();
  const sequences = new Map<string, number>();

  const keep = ({ topics }: ClusterMetadata) => {
    for (const [topic, partitions] of topics) {
      const turn = known.get(topic)?.turn ?? Math.floor(Math.random() * partitions.length);
      known.set(topic, { partitions, turn, readAt: Date.now() });
    }
  };

  const leaderOf = ({ topic, partition }: TopicPartition) =>
    known.get(topic)?.partitions.find((each) => each.partition === partition)?.leader ?? -1;

  /** The first batch of each partition. */
  const takeParcel = (batches: readonly PartitionBatch[]) => [
    ...new Map(batches.toReversed().map((batch) => [partitionKey(batch), batch])).values(),
  ];

  return {
    async learn(topics) {
      const oldest = Date.now() - metadataAge;
      const unknown = topics.filter((topic) => (known.get(topic)?.readAt ?? 0) < oldest);
      if (unknown.length > 0) keep(await requireTopics(client, unknown));
    },
    refresh: async (topics) => keep(await client.metadata(topics)),
    seal: (records, producer) =>
      records.flatMap(({ topic, records: own }) => {
        const state = known.get(topic);
        if (!state || own.length === 0) return [];
        const count = state.partitions.length;
        return [...shareRecords(own, count, state.turn++ % count)].flatMap(([partition, share]) =>
          encodeRecordBatches(share, mostBatchBytes).map(({ bytes, recordCount }) => {
            const batch = { topic, partition, bytes };
            const sequence = sequences.get(partitionKey(batch)) ?? 0;
            sequences.set(partitionKey(batch), (sequence + recordCount) % sequenceCount);
            sealBatch(bytes, producer, sequence);
            return batch;
          }),
        );
      }),
    async send(batches, transactionalId) {
      while (batches.length > 0) {
        const byLeader = [...Map.groupBy(takeParcel(batches), leaderOf)];
        const sent = await Promise.allSettled(
          byLeader.map(async ([leader, own]) => {
            if (leader < 0) return errorCodes.leaderNotAvailable;
            const codeOf = await withLink(leader, (link) => produceOnce(link, own, transactionalId));
            return settle(batches, own, codeOf);
          }),
        );
        for (const outcome of sent) {
          if (outcome.status === 'rejected') throw toDashctlError(outcome.reason, connection);
          if (outcome.value !== errorCodes.none) return outcome.value;
        }
      }
      return errorCodes.none;
    },
    restart: () => sequences.clear(),
  };
}

/** Takes what the leader has out of the list; gives the first error code of the rest. */
function settle(
  batches: PartitionBatch[],
  sent: readonly PartitionBatch[],
  codeOf: (partition: TopicPartition) => number,
): number {
  let failure: number = errorCodes.none;
  for (const batch of sent) {
    const code = codeOf(batch);
    if (code === errorCodes.none || code === errorCodes.duplicateSequence) batches.splice(batches.indexOf(batch), 1);
    else failure ||= code;
  }
  return failure;
}
