import { type Api, errorCodes } from './apis.ts';
import type { KafkaClient } from './client.ts';
import type { OffsetToCommit } from './group-offsets.ts';
import type { GroupSeat } from './group-term.ts';
import type { Producer } from './record-batch-encoder.ts';
import type { TopicPartition } from './topics.ts';
import {
  addOffsetsApi,
  addPartitionsApi,
  commitTransactionOffsetsApi,
  endTransactionApi,
  initTransactionsApi,
  type TransactionIdentity,
} from './transaction-apis.ts';

/**
 * What a transactional id says to its coordinators. Every request resolves with Kafka's error code, 0 for success, and
 * is made once; whoever repeats it calls `forgetCoordinators` first.
 */
export interface TransactionSession {
  readonly producer: Producer;
  /** Becomes the id's producer: the one that goes on with the present epoch, or a new one if there is none. */
  begin(): Promise<number>;
  addPartitions(partitions: readonly TopicPartition[]): Promise<number>;
  addGroup(groupId: string): Promise<number>;
  commitOffsets(seat: GroupSeat, offsets: readonly OffsetToCommit[]): Promise<number>;
  end(commit: boolean): Promise<number>;
  /** The next `begin` shuts out whoever has the id. */
  forgetProducer(): void;
  forgetCoordinators(): void;
}

interface TransactionSessionOptions {
  client: KafkaClient;
  transactionalId: string;
  /** How long a transaction may take, in ms. */
  timeout: number;
}

const nobody = { producerId: -1, producerEpoch: -1 };

export function transactionSession({
  client,
  transactionalId,
  timeout,
}: TransactionSessionOptions): TransactionSession {
  let identity: TransactionIdentity = { transactionalId, ...nobody };
  const coordinators = new Map<string, number>();

  const call = async <Args extends object, Reply>(
    of: 'group' | 'transactions',
    id: string,
    api: Api<Args, Reply>,
    args: Args,
  ): Promise<Reply> => {
    const key = `${of} ${id}`;
    const node = coordinators.get(key) ?? (await client.coordinator(id, of));
    coordinators.set(key, node);
    return await client.call(node, api, args);
  };
  const ask = <Args extends object, Reply>(api: Api<Args, Reply>, args: Args) =>
    call('transactions', transactionalId, api, args);

  return {
    get producer() {
      return { id: identity.producerId, epoch: identity.producerEpoch, isTransactional: true };
    },
    async begin() {
      const { errorCode, producerId, producerEpoch } = await ask(initTransactionsApi, { ...identity, timeout });
      if (errorCode === errorCodes.none) identity = { transactionalId, producerId, producerEpoch };
      return errorCode;
    },
    addPartitions: async (partitions) => firstError(await ask(addPartitionsApi, { ...identity, partitions })),
    addGroup: async (groupId) => (await ask(addOffsetsApi, { ...identity, groupId })).errorCode,
    commitOffsets: async (seat, offsets) =>
      firstError(await call('group', seat.groupId, commitTransactionOffsetsApi, { ...identity, seat, offsets })),
    end: async (commit) => (await ask(endTransactionApi, { ...identity, commit })).errorCode,
    forgetProducer() {
      identity = { transactionalId, ...nobody };
    },
    forgetCoordinators: () => coordinators.clear(),
  };
}

/** The first that tells of a failure of its own: where one partition cannot be added, the others are not tried. */
const firstError = ({ errorCodes: codes }: { errorCodes: readonly number[] }): number =>
  codes.find((code) => code !== errorCodes.none && code !== errorCodes.operationNotAttempted) ?? errorCodes.none;
