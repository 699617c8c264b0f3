import { errorCodes } from '../protocol/error-codes.ts';
import { array, defaulting, int16, int32, int64, string, struct } from '../protocol/schema.ts';
import { stateNames } from '../transaction/state-names.ts';
import { isUndecided, type Transaction } from '../transaction/transaction.ts';
import { api } from './api.ts';

const nothingKnown = {
  transactionState: '',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: -1,
  producerId: -1,
  producerEpoch: -1,
  topics: [],
};

// DescribeTransactions v0 (KIP-664). Partitions and start are told of transactions that are not over. Apache Kafka names
// the partition of its offsets topic among them; here a group's offsets are in no topic.
export const describeTransactions = api({
  key: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexibleFrom: 0,
  request: struct({ transactionalIds: array(string) }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    transactionStates: array(
      struct({
        errorCode: int16,
        transactionalId: string,
        transactionState: string,
        transactionTimeoutMs: int32,
        transactionStartTimeMs: int64,
        producerId: int64,
        producerEpoch: int16,
        topics: array(struct({ topic: string, partitions: array(int32) })),
      }),
    ),
  }),
  handle: ({ transactions }, { transactionalIds }) => ({
    transactionStates: transactionalIds.map((transactionalId) => {
      const found = transactions.get(transactionalId);
      if (!found) return { errorCode: errorCodes.transactionalIdNotFound, transactionalId, ...nothingKnown };
      const { state, timeout, startedAt, producerId, producerEpoch } = found;
      const isOpen = isUndecided(found);
      return {
        errorCode: errorCodes.none,
        transactionalId,
        transactionState: stateNames[state],
        transactionTimeoutMs: timeout,
        transactionStartTimeMs: isOpen ? startedAt : -1,
        producerId,
        producerEpoch,
        topics: isOpen ? byTopic(found) : [],
      };
    }),
  }),
});

function byTopic({ partitions }: Transaction): { topic: string; partitions: number[] }[] {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return [...topics].map(([topic, each]) => ({ topic, partitions: each.map(({ partition }) => partition) }));
}
