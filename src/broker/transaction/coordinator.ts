import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { GroupCoordinator } from '../group/coordinator.ts';
import type { CommitRequest } from '../group/group-offsets.ts';
import type { Journal } from '../group/journal.ts';
import type { PartitionOf } from '../group/offset-store.ts';
import { systemTimers, type Timers } from '../group/timers.ts';
import type { BatchFault } from '../log/record-batch.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { createCompletion } from './completion.ts';
import { createLanes } from './lanes.ts';
import type { MarkedTopics } from './markers.ts';
import type { ProducerIdentity, Transaction } from './transaction.ts';
import * as transitions from './transaction.ts';
import { createTransactionStore } from './transaction-store.ts';

export interface TransactionCoordinatorOptions {
  /** Where transactions are kept; it stays the caller's to close, after the coordinator. */
  readonly journal: Journal;
  readonly topics: MarkedTopics;
  readonly groups: Pick<GroupCoordinator, 'admitTransactionalCommit' | 'commitEntry'>;
  readonly producerIds: { next(): number };
  readonly logger: Logger;
  readonly timers?: Timers;
}

interface InitRequest extends ProducerIdentity {
  /** ms */
  readonly timeout: number;
}

interface InitResult {
  readonly errorCode: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

const longestTimeout = 15 * 60_000;
/** Transactional ids that nobody used for so long are forgotten. */
const forgetAfter = 7 * 24 * 3_600_000;
const sweepInterval = 3_600_000;

const refuseInit = (errorCode: number): InitResult => ({ errorCode, producerId: -1, producerEpoch: -1 });

export type TransactionCoordinator = ReturnType<typeof createTransactionCoordinator>;

/**
 * The coordinator of all transactions (KIP-98). Requests of one transactional id are handled one after another, and each
 * is answered when it is done: whoever ended a transaction can begin the next at once. Errors of the protocol are codes
 * in the answers; nothing here throws for what a client sends.
 */
export function createTransactionCoordinator(options: TransactionCoordinatorOptions) {
  const { journal, topics, groups, producerIds, logger, timers = systemTimers } = options;
  const store = createTransactionStore(journal);
  const lanes = createLanes();
  const completion = createCompletion({ store, lanes, topics, groups, timers, logger });
  const { decide, finishOrRetry, watchTimeout } = completion;
  let closed = false;
  let cancelSweep = timers.after(sweepInterval, sweep);

  /** Runs a request in its lane; what the disk does not take is answered with what makes clients try again. */
  async function request<T>(transactionalId: string, failed: (errorCode: number) => T, work: () => Promise<T>) {
    if (closed) return failed(errorCodes.coordinatorNotAvailable);
    try {
      return await lanes.run(transactionalId, work);
    } catch (error) {
      logger.error({ transaction: transactionalId, reason: messageOf(error) }, 'cannot keep a transaction');
      return failed(errorCodes.coordinatorNotAvailable);
    }
  }

  async function initialise({ transactionalId, timeout, ...given }: InitRequest): Promise<InitResult> {
    const known = store.get(transactionalId);
    if (!known) {
      return answerInit(transitions.newTransaction(transactionalId, producerIds.next(), timeout, timers.now()));
    }
    const verdict = transitions.judgeReturn(known, given);
    if (verdict === 'fenced') return refuseInit(errorCodes.producerFenced);
    if (verdict === 'retry') {
      const settled = transitions.isPrepared(known) ? await finishOrRetry(known) : known;
      return { errorCode: errorCodes.none, ...identityOf(settled) };
    }
    const settled = transitions.isPrepared(known) ? await finishOrRetry(known) : known;
    const mayReturn = verdict === 'return';
    const isUsedUp = transitions.isUsedUp(settled);
    const fenced = settled.producerEpoch < 32_767 ? transitions.fence(settled, mayReturn) : settled;
    const ended = settled.state === 'ongoing' ? await decide(fenced, false) : fenced;
    const fresh = isUsedUp ? { producerId: producerIds.next(), producerEpoch: 0 } : {};
    return answerInit({ ...ended, ...fresh, state: 'empty', timeout, partitions: [], updatedAt: timers.now() });
  }

  const identityOf = ({ producerId, producerEpoch }: Transaction) => ({ producerId, producerEpoch });

  async function answerInit(transaction: Transaction): Promise<InitResult> {
    await store.keep(transaction);
    return { errorCode: errorCodes.none, ...identityOf(transaction) };
  }

  /** The transaction of a producer, or why it is none of its. */
  function identify({ transactionalId, producerId, producerEpoch }: ProducerIdentity): Transaction | number {
    if (transactionalId === '') return errorCodes.invalidRequest;
    const known = store.get(transactionalId);
    if (known?.producerId !== producerId) return errorCodes.invalidProducerIdMapping;
    return known.producerEpoch === producerEpoch ? known : errorCodes.producerFenced;
  }

  /** Adds to the producer's open transaction, or begins one. */
  function add(producer: ProducerIdentity, added: Parameters<typeof transitions.extend>[1]): Promise<number> {
    return request<number>(producer.transactionalId, Number, async () => {
      const found = identify(producer);
      if (typeof found === 'number') return found;
      const settled = transitions.isPrepared(found) ? await finishOrRetry(found) : found;
      const extended = transitions.extend(settled, added, timers.now());
      if (extended === settled) return errorCodes.none;
      await store.keep(extended);
      if (settled.state !== 'ongoing') watchTimeout(extended);
      return errorCodes.none;
    });
  }

  function end(producer: ProducerIdentity, isCommit: boolean): Promise<number> {
    return request<number>(producer.transactionalId, Number, async () => {
      const found = identify(producer);
      if (typeof found === 'number') return found;
      const { state } = found;
      if (state === 'ongoing') await decide(found, isCommit);
      else if (state === (isCommit ? 'prepareCommit' : 'prepareAbort')) await finishOrRetry(found);
      else if (state !== (isCommit ? 'completeCommit' : 'completeAbort')) return errorCodes.invalidTransactionState;
      return errorCodes.none;
    });
  }

  /** Keeps offsets that the transaction's commit will commit; 0, or why none of them. */
  function commitOffsets(producer: ProducerIdentity, commit: CommitRequest): Promise<number> {
    return request<number>(producer.transactionalId, Number, async () => {
      const found = identify(producer);
      if (typeof found === 'number') return found;
      if (found.state !== 'ongoing' || !found.groups.includes(commit.groupId)) {
        return errorCodes.invalidTransactionState;
      }
      const refused = groups.admitTransactionalCommit(commit);
      if (refused !== errorCodes.none) return refused;
      const commitTimestamp = timers.now();
      const offsets = commit.offsets.flatMap((offset) => {
        const topicId = topics.get(offset.topic)?.id;
        return topicId === undefined ? [] : [{ ...offset, topicId, commitTimestamp }];
      });
      if (offsets.length > 0) await store.keepOffsets(producer.transactionalId, commit.groupId, offsets);
      return errorCodes.none;
    });
  }

  /** What is wrong with a transactional batch for a partition; null when it is part of its producer's open transaction. */
  function faultOfBatch(
    producer: Omit<ProducerIdentity, 'transactionalId'>,
    topicId: string,
    partition: number,
  ): BatchFault | null {
    const transaction = store.ofProducer(producer.producerId);
    if (transaction && transaction.producerEpoch !== producer.producerEpoch) {
      const message = `producer epoch ${producer.producerEpoch} is superseded`;
      return { errorCode: errorCodes.invalidProducerEpoch, message };
    }
    if (transaction?.state === 'ongoing' && transitions.holdsPartition(transaction, topicId, partition)) return null;
    return { errorCode: errorCodes.invalidTransactionState, message: 'the partition is in no open transaction' };
  }

  function sweep(): void {
    cancelSweep = timers.after(sweepInterval, sweep);
    const isForgotten = (transaction: Transaction) =>
      !transitions.isUndecided(transaction) && timers.now() - transaction.updatedAt > forgetAfter;
    const idle = store.all.filter(isForgotten).map(({ transactionalId }) => transactionalId);
    if (idle.length > 0) store.forget(idle).catch((error) => logger.warn(error, 'cannot forget transactional ids'));
  }

  return {
    /** Gives a transactional id's producer its id and epoch; earlier ones are shut out, what they left open is aborted. */
    initProducerId(init: InitRequest): Promise<InitResult> {
      if (init.transactionalId === '') return Promise.resolve(refuseInit(errorCodes.invalidRequest));
      if (init.timeout <= 0 || init.timeout > longestTimeout) {
        return Promise.resolve(refuseInit(errorCodes.invalidTransactionTimeout));
      }
      return request(init.transactionalId, refuseInit, () => initialise(init));
    },
    addPartitions: (producer: ProducerIdentity, partitions: readonly transitions.TransactionPartition[]) =>
      add(producer, { partitions }),
    addGroup: (producer: ProducerIdentity, groupId: string) => add(producer, { groups: [groupId] }),
    commitOffsets,
    end,
    /** What is known of a transactional id; undefined when nothing is. */
    get: (transactionalId: string): Transaction | undefined => store.get(transactionalId),
    /** All transactional ids, those included whose transaction is over. */
    all: (): readonly Transaction[] => store.all,
    faultOfBatch,
    /** Whether an undecided transaction holds an offset of a group for a partition. */
    isPending: (groupId: string, partition: PartitionOf): boolean => store.isPending(groupId, partition),
    recover: completion.recover,
    /** Stops all timers and resolves when what is under way is done. Later requests are refused. */
    async close(): Promise<void> {
      closed = true;
      cancelSweep();
      completion.stop();
      await lanes.drain();
    },
  };
}
