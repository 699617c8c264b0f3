import type { BrokerContext } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { array, type Decoded, defaulting, int16, int32, int64, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

const partitionRequest = struct({ partitionIndex: int32, offset: int64 });

/** An offset that stands for all records there are. */
const highWatermark = -1;

// DeleteRecords v0–2. v2 is flexible.
export const deleteRecords = api({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  request: struct({ topics: array(struct({ name: string, partitions: array(partitionRequest) })), timeoutMs: int32 }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partitionIndex: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  }),
  handle: (context, { topics }) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => ({
        partitionIndex: partition.partitionIndex,
        ...remove(context, name, partition),
      })),
    })),
  }),
});

function remove({ topics, logger }: BrokerContext, name: string, request: Decoded<typeof partitionRequest>) {
  const topic = topics.get(name);
  const log = topic?.partitions[request.partitionIndex];
  if (!topic || !log) return { lowWatermark: -1, errorCode: errorCodes.unknownTopicOrPartition };
  // A compacted log must keep the newest record of each key.
  if (!topic.settings.deletesOldRecords) return { lowWatermark: -1, errorCode: errorCodes.policyViolation };
  const offset = request.offset === highWatermark ? log.highWatermark : request.offset;
  if (offset < log.startOffset || offset > log.highWatermark) {
    return { lowWatermark: -1, errorCode: errorCodes.offsetOutOfRange };
  }
  try {
    log.deleteBefore(offset);
  } catch (error) {
    logger.error(error, `cannot delete records of ${name}`);
    return { lowWatermark: -1, errorCode: errorCodes.kafkaStorageError };
  }
  return { lowWatermark: log.startOffset, errorCode: 0 };
}
