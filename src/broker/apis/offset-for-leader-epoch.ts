import { errorCodes } from '../protocol/error-codes.ts';
import { array, defaulting, int16, int32, int64, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { faultOfEpoch } from './leader-epoch.ts';

// OffsetForLeaderEpoch v2–4: clients ask after an epoch change whether what they read is still there (KIP-320). v4 is
// flexible.
export const offsetForLeaderEpoch = api({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 4],
  flexibleFrom: 4,
  request: struct({
    replicaId: since(3, int32, -2),
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ partition: int32, currentLeaderEpoch: int32, leaderEpoch: int32 })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    topics: array(
      struct({
        topic: string,
        partitions: array(struct({ errorCode: int16, partition: int32, leaderEpoch: int32, endOffset: int64 })),
      }),
    ),
  }),
  handle: ({ topics }, request) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
        const log = topics.get(topic)?.partitions[partition];
        const errorCode = log ? faultOfEpoch(log, currentLeaderEpoch) : errorCodes.unknownTopicOrPartition;
        const end = errorCode === 0 ? log?.endOfEpoch(leaderEpoch) : undefined;
        return { errorCode, partition, leaderEpoch: end?.epoch ?? -1, endOffset: end?.endOffset ?? -1 };
      }),
    })),
  }),
});
