import { errorCodes, offsetCommitApi, offsetFetchApi } from './apis.ts';
import type { KafkaClient } from './client.ts';
import { partitionKey, partitionsOf, type TopicPartition } from './topics.ts';

/** How far a group has come in a partition. */
export interface CommittedOffset {
  offset: number;
  metadata: string;
}

export type OffsetToCommit = TopicPartition & CommittedOffset;

const byTopic = <T extends TopicPartition, U>(items: readonly T[], map: (item: T) => U) =>
  [...Map.groupBy(items, ({ topic }) => topic)].map(([topic, own]) => ({ topic, partitions: own.map(map) }));

/** The committed offsets of a group by `topic/partition`, or the error code that some partition met. */
export async function fetchOffsets(
  client: KafkaClient,
  coordinator: number,
  groupId: string,
  topics: readonly string[],
): Promise<Map<string, CommittedOffset> | number> {
  const partitions = partitionsOf(await client.metadata(topics));
  const reply = await client.call(coordinator, offsetFetchApi, {
    groupId,
    topics: byTopic(partitions, ({ partition }) => ({ partition })),
  });
  if (reply.errorCode) return reply.errorCode;
  const offsets = new Map<string, CommittedOffset>();
  for (const { topic, partitions: answers } of reply.responses) {
    for (const { partition, offset, metadata, errorCode } of answers) {
      if (errorCode !== errorCodes.none) return errorCode;
      if (Number(offset) < 0) continue;
      offsets.set(partitionKey({ topic, partition }), { offset: Number(offset), metadata: metadata ?? '' });
    }
  }
  return offsets;
}

/** Commits offsets as a member of a generation; the first error code, or 0. */
export async function commitOffsets(
  client: KafkaClient,
  coordinator: number,
  member: { groupId: string; memberId: string; groupGenerationId: number },
  offsets: readonly OffsetToCommit[],
): Promise<number> {
  const { responses } = await client.call(coordinator, offsetCommitApi, {
    ...member,
    topics: byTopic(offsets, ({ partition, offset, metadata }) => ({ partition, offset: String(offset), metadata })),
  });
  const codes = responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
  return codes.find((code) => code !== errorCodes.none) ?? errorCodes.none;
}
