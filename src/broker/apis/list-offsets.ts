import type { BrokerContext } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import {
  array,
  type Decoded,
  type Encodable,
  int8,
  int16,
  int32,
  int64,
  since,
  string,
  struct,
} from '../protocol/schema.ts';
import { api } from './api.ts';
import { faultOfEpoch } from './leader-epoch.ts';

const partitionRequest = struct({
  partitionIndex: int32,
  currentLeaderEpoch: since(4, int32, -1),
  timestamp: int64,
});

const partitionResponse = struct({
  partitionIndex: int32,
  errorCode: int16,
  timestamp: int64,
  offset: int64,
  leaderEpoch: since(4, int32, -1),
});

const latest = -1;
const earliest = -2;
const greatestTimestamp = -3;

// ListOffsets v1–7. v2 adds isolation levels, v4 leader epochs, v6 is flexible, v7 asks for the greatest timestamp.
export const listOffsets = api({
  key: 2,
  name: 'ListOffsets',
  versions: [1, 7],
  flexibleFrom: 6,
  request: struct({
    replicaId: int32,
    isolationLevel: since(2, int8, 0),
    topics: array(struct({ name: string, partitions: array(partitionRequest) })),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    topics: array(struct({ name: string, partitions: array(partitionResponse) })),
  }),
  async handle(context, { isolationLevel, topics }, { version }) {
    const answers = topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map((partition) =>
          partitions.some((other) => other !== partition && other.partitionIndex === partition.partitionIndex)
            ? refuse(partition.partitionIndex, errorCodes.invalidRequest)
            : find(context, name, partition, isolationLevel === 1, version),
        ),
      ),
    }));
    return { topics: await Promise.all(answers) };
  },
});

const refuse = (partitionIndex: number, errorCode: number): Encodable<typeof partitionResponse> => ({
  partitionIndex,
  errorCode,
  timestamp: -1,
  offset: -1,
});

async function find(
  { topics }: BrokerContext,
  topicName: string,
  { partitionIndex, currentLeaderEpoch, timestamp }: Decoded<typeof partitionRequest>,
  isCommitted: boolean,
  version: number,
): Promise<Encodable<typeof partitionResponse>> {
  const log = topics.get(topicName)?.partitions[partitionIndex];
  if (!log) return refuse(partitionIndex, errorCodes.unknownTopicOrPartition);
  const epochFault = faultOfEpoch(log, currentLeaderEpoch);
  if (epochFault !== 0) return refuse(partitionIndex, epochFault);
  const endOffset = isCommitted ? log.lastStableOffset : log.highWatermark;
  const answer = { partitionIndex, errorCode: 0, leaderEpoch: log.leaderEpoch };
  if (timestamp === latest) return { ...answer, timestamp: -1, offset: endOffset };
  if (timestamp === earliest) return { ...answer, timestamp: -1, offset: log.startOffset };
  if (timestamp < greatestTimestamp || (timestamp === greatestTimestamp && version < 7)) {
    return refuse(partitionIndex, errorCodes.unsupportedVersion);
  }
  const found = await (timestamp === greatestTimestamp
    ? log.findLatestTime(endOffset)
    : log.findTime(timestamp, endOffset));
  return found ? { ...answer, ...found } : { ...answer, timestamp: -1, offset: -1, leaderEpoch: -1 };
}
