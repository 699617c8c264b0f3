import { largestMetadataBytes } from '../group/group-offsets.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { array, defaulting, int16, int32, int64, nullable, since, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { fencedCode } from './fenced-code.ts';

// TxnOffsetCommit v0–3. v1 is v0, v2 adds leader epochs, v3 is flexible and says which member it is from (KIP-447). No
// version knows the code for fenced producers.
export const txnOffsetCommit = api({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 3],
  flexibleFrom: 3,
  request: struct({
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generation: since(3, int32, -1),
    memberId: since(3, string, ''),
    instanceId: since(3, nullable(string)),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({ partition: int32, offset: int64, leaderEpoch: since(2, int32, -1), metadata: nullable(string) }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  }),
  async handle({ topics: known, transactions }, { topics, ...request }) {
    const judged = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ metadata, ...offset }) => {
        const named = { ...offset, topic: name, metadata: metadata ?? '' };
        const isKnown = known.get(name)?.partitions[offset.partition] !== undefined;
        const isTooLarge = Buffer.byteLength(named.metadata) > largestMetadataBytes;
        const refused = isTooLarge ? errorCodes.offsetMetadataTooLarge : errorCodes.none;
        return { named, errorCode: isKnown ? refused : errorCodes.unknownTopicOrPartition };
      }),
    }));
    const offsets = judged
      .flatMap(({ partitions }) => partitions)
      .filter(({ errorCode }) => errorCode === errorCodes.none)
      .map(({ named }) => named);
    const result = fencedCode(await transactions.commitOffsets(request, { ...request, offsets }), false);
    return {
      topics: judged.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ named, errorCode }) => ({
          partition: named.partition,
          errorCode: errorCode === errorCodes.none ? result : errorCode,
        })),
      })),
    };
  },
});
