import { errorCodes } from '../protocol/error-codes.ts';
import { array, defaulting, int16, int32, int64, string, struct } from '../protocol/schema.ts';
import { api } from './api.ts';
import { fencedCode } from './fenced-code.ts';

// AddPartitionsToTxn v0–3. v1 is v0, v2 knows fenced producers, v3 is flexible. Unlike Kafka, it never asks the client to
// come back because the transaction before is still being ended: EndTxn is answered after that.
export const addPartitionsToTxn = api({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 3],
  flexibleFrom: 3,
  request: struct({
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    topics: array(struct({ name: string, partitions: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    results: array(
      struct({ name: string, results: array(struct({ partitionIndex: int32, partitionErrorCode: int16 })) }),
    ),
  }),
  async handle({ topics: known, transactions }, { topics, ...producer }, { version }) {
    const answer = (codeOf: (name: string, partition: number) => number) => ({
      results: topics.map(({ name, partitions }) => ({
        name,
        results: partitions.map((partitionIndex) => ({
          partitionIndex,
          partitionErrorCode: codeOf(name, partitionIndex),
        })),
      })),
    });
    const isKnown = (name: string, partition: number) => known.get(name)?.partitions[partition] !== undefined;
    const added = topics.flatMap(({ name, partitions }) =>
      partitions
        .filter((partition) => isKnown(name, partition))
        .map((partition) => ({ topic: name, topicId: known.get(name)?.id ?? '', partition })),
    );
    // All or none: where one partition is missing, the others are not even tried.
    if (added.length < topics.reduce((total, { partitions }) => total + partitions.length, 0)) {
      return answer((name, partition) =>
        isKnown(name, partition) ? errorCodes.operationNotAttempted : errorCodes.unknownTopicOrPartition,
      );
    }
    const errorCode = fencedCode(await transactions.addPartitions(producer, added), version >= 2);
    return answer(() => errorCode);
  },
});
