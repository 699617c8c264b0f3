import { errorCodes, offsetCommitApi } from './apis.ts';
import { FieldReader, FieldWriter } from './bytes.ts';
import type { KafkaClient } from './client.ts';
import type { GroupSeat } from './group-term.ts';
import { leanApi } from './lean-api.ts';
import { partitionKey, partitionsOf, type TopicPartition } from './topics.ts';

/** How far a group has come in a partition. */
export interface CommittedOffset {
  offset: number;
  metadata: string;
}

export type OffsetToCommit = TopicPartition & CommittedOffset;

const byTopic = <T extends TopicPartition, U>(items: readonly T[], map: (item: T) => U) =>
  [...Map.groupBy(items, ({ topic }) => topic)].map(([topic, own]) => ({ topic, partitions: own.map(map) }));

interface OffsetFetchRequest {
  groupId: string;
  partitions: readonly TopicPartition[];
  /** Refuse with `unstableOffsetCommit` while a transaction may yet commit another offset (KIP-447). */
  requireStable: boolean;
}

export const fetchOffsetsApi = leanApi<
  OffsetFetchRequest,
  { errorCode: number; answers: (OffsetToCommit & { errorCode: number })[] }
>({
  name: 'OffsetFetch',
  key: 9,
  version: 7,
  encode: ({ groupId, partitions, requireStable }) =>
    new FieldWriter()
      .int8(0) // end of the header: no tags
      .compactString(groupId)
      .compactArray([...Map.groupBy(partitions, ({ topic }) => topic)], ([topic, own], fields) =>
        fields
          .compactString(topic)
          .compactArray(own, ({ partition }) => fields.int32(partition))
          .int8(0),
      )
      .int8(requireStable ? 1 : 0)
      .int8(0).written,
  decode(payload) {
    const fields = new FieldReader(payload);
    fields.skipTags();
    fields.int32(); // throttle time
    const topics = fields.compactArray(() => {
      const topic = fields.compactString();
      const partitions = fields.compactArray(() => {
        const [partition, offset] = [fields.int32(), fields.int64()];
        fields.int32(); // leader epoch
        const [metadata, errorCode] = [fields.compactString(), fields.int16()];
        fields.skipTags();
        return { topic, partition, offset, metadata, errorCode };
      });
      fields.skipTags();
      return partitions;
    });
    return { errorCode: fields.int16(), answers: topics.flat() };
  },
});

/** The committed offsets of a group by `topic/partition`, or the error code that some partition met. */
export async function fetchOffsets(
  client: KafkaClient,
  coordinator: number,
  groupId: string,
  topics: readonly string[],
  { requireStable = false }: { requireStable?: boolean } = {},
): Promise<Map<string, CommittedOffset> | number> {
  const partitions = partitionsOf(await client.metadata(topics));
  const reply = await client.call(coordinator, fetchOffsetsApi, { groupId, partitions, requireStable });
  if (reply.errorCode !== errorCodes.none) return reply.errorCode;
  const offsets = new Map<string, CommittedOffset>();
  for (const { topic, partition, offset, metadata, errorCode } of reply.answers) {
    if (errorCode !== errorCodes.none) return errorCode;
    if (offset >= 0) offsets.set(partitionKey({ topic, partition }), { offset, metadata });
  }
  return offsets;
}

/** Commits offsets as a member of a generation; the first error code, or 0. */
export async function commitOffsets(
  client: KafkaClient,
  coordinator: number,
  { groupId, memberId, generation }: GroupSeat,
  offsets: readonly OffsetToCommit[],
): Promise<number> {
  const { responses } = await client.call(coordinator, offsetCommitApi, {
    groupId,
    memberId,
    groupGenerationId: generation,
    topics: byTopic(offsets, ({ partition, offset, metadata }) => ({ partition, offset: String(offset), metadata })),
  });
  const codes = responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
  return codes.find((code) => code !== errorCodes.none) ?? errorCodes.none;
}
