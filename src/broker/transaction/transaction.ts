/** `prepare…` is decided but not yet in all partitions; a restart goes on from there. */
export type TransactionState =
  | 'empty'
  | 'ongoing'
  | 'prepareCommit'
  | 'prepareAbort'
  | 'completeCommit'
  | 'completeAbort';

/** A partition in a transaction. The id tells it from one of a later topic with the same name. */
export interface TransactionPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

/** All that is known of a transactional id: its producer, and the newest transaction. */
export interface Transaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** What a producer may still call itself that did not get the answer to its last InitProducerId; -1 for none. */
  readonly lastProducerId: number;
  readonly lastProducerEpoch: number;
  /** ms from the first partition or group on. */
  readonly timeout: number;
  readonly state: TransactionState;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly partitions: readonly TransactionPartition[];
  /** The groups whose offsets may be committed with it. */
  readonly groups: readonly string[];
}

/** How a request says who it is from. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** From this epoch on an id is used up: the one above must remain, to fence it with. */
const lastEpochOfAll = 32_766;

export const isPrepared = ({ state }: Transaction): boolean => state === 'prepareCommit' || state === 'prepareAbort';

export const isUndecided = (transaction: Transaction): boolean =>
  transaction.state === 'ongoing' || isPrepared(transaction);

export const holdsPartition = ({ partitions }: Transaction, topicId: string, partition: number): boolean =>
  partitions.some((each) => each.topicId === topicId && each.partition === partition);

/** A transactional id that was never seen before. */
export const newTransaction = (
  transactionalId: string,
  producerId: number,
  timeout: number,
  now: number,
): Transaction => ({
  transactionalId,
  producerId,
  producerEpoch: 0,
  lastProducerId: -1,
  lastProducerEpoch: -1,
  timeout,
  state: 'empty',
  startedAt: now,
  updatedAt: now,
  partitions: [],
  groups: [],
});

/** Adds to the open transaction, or begins one; gives the same object when there is nothing to add. */
export function extend(
  transaction: Transaction,
  added: { readonly partitions?: readonly TransactionPartition[]; readonly groups?: readonly string[] },
  now: number,
): Transaction {
  const isOpen = transaction.state === 'ongoing';
  const base: Transaction = isOpen
    ? transaction
    : { ...transaction, state: 'ongoing', startedAt: now, partitions: [], groups: [] };
  const partitions = (added.partitions ?? []).filter((each) => !holdsPartition(base, each.topicId, each.partition));
  const groups = (added.groups ?? []).filter((group) => !base.groups.includes(group));
  if (isOpen && partitions.length === 0 && groups.length === 0) return transaction;
  return {
    ...base,
    updatedAt: now,
    partitions: [...base.partitions, ...partitions],
    groups: [...base.groups, ...groups],
  };
}

/** The open transaction with its end decided. */
export const prepare = (transaction: Transaction, isCommit: boolean, now: number): Transaction => ({
  ...transaction,
  state: isCommit ? 'prepareCommit' : 'prepareAbort',
  updatedAt: now,
});

/** The decided transaction when all partitions know. */
export const complete = (transaction: Transaction, now: number): Transaction => ({
  ...transaction,
  state: transaction.state === 'prepareCommit' ? 'completeCommit' : 'completeAbort',
  updatedAt: now,
  groups: [],
});

/** Shuts the present producer out. `mayReturn`: it asked for this itself, and may miss the answer. */
export const fence = (transaction: Transaction, mayReturn: boolean): Transaction => ({
  ...transaction,
  producerEpoch: transaction.producerEpoch + 1,
  lastProducerId: mayReturn ? transaction.producerId : -1,
  lastProducerEpoch: mayReturn ? transaction.producerEpoch : -1,
});

export const isUsedUp = ({ producerEpoch }: Transaction): boolean => producerEpoch >= lastEpochOfAll;

/** What an InitProducerId with these values is (KIP-360): `retry` when its answer was lost, `fenced` from a past producer. */
export function judgeReturn(
  transaction: Transaction,
  { producerId, producerEpoch }: Omit<ProducerIdentity, 'transactionalId'>,
): 'start' | 'return' | 'retry' | 'fenced' {
  if (producerId < 0) return 'start';
  if (producerId === transaction.producerId && producerEpoch === transaction.producerEpoch) return 'return';
  const isLast = producerId === transaction.lastProducerId && producerEpoch === transaction.lastProducerEpoch;
  return isLast ? 'retry' : 'fenced';
}
