import { errorCodes } from '../protocol/error-codes.ts';
import { array, between, int16, int32, int64, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// OffsetCommit v2–8. v2–4 carry a retention time, which nothing honours any more, v3 adds the throttle time, v6 leader
// epochs, v7 static members (KIP-345), v8 is flexible.
export const offsetCommit = api({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 8],
  flexibleFrom: 8,
  request: struct({
    groupId: string,
    generation: int32,
    memberId: string,
    instanceId: since(7, nullable(string)),
    retentionTime: between(2, 4, int64),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            offset: int64,
            leaderEpoch: since(6, int32, -1),
            metadata: nullable(string),
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTime: since(3, int32, 0),
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  }),
  async handle({ groups, topics: known }, request) {
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((each) => ({
        ...each,
        isKnown: known.get(name)?.partitions[each.partition] !== undefined,
      })),
    }));
    const offsets = topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ isKnown }) => isKnown)
        .map(({ partition, offset, leaderEpoch, metadata }) => ({
          topic: name,
          partition,
          offset,
          leaderEpoch,
          metadata: metadata ?? '',
        })),
    );
    // Answers come in the order of the offsets, which is that of the request.
    const codes = (await groups.commit({ ...request, offsets })).values();
    const codeOf = (isKnown: boolean) =>
      isKnown ? (codes.next().value ?? errorCodes.none) : errorCodes.unknownTopicOrPartition;
    return {
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partition, isKnown }) => ({ partition, errorCode: codeOf(isKnown) })),
      })),
    };
  },
});
