import { errorCodes } from '../protocol/error-codes.ts';
import { array, defaulting, int16, int32, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';

// OffsetDelete v0, which is never flexible. Unlike Kafka, offsets of topics that are gone can be deleted as well.
export const offsetDelete = api({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  request: struct({
    groupId: string,
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32 })) })),
  }),
  response: struct({
    errorCode: int16,
    throttleTime: defaulting(int32, 0),
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  }),
  async handle({ groups }, { groupId, topics }) {
    const wanted = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partition }) => ({ topic: name, partition })),
    );
    const { errorCode, partitions: results } = await groups.deleteOffsets(groupId, wanted);
    if (errorCode !== errorCodes.none) return { errorCode, topics: [] };
    const codes = results.values();
    return {
      errorCode,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partition }) => ({ partition, errorCode: codes.next().value ?? 0 })),
      })),
    };
  },
});
