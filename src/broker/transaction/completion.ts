import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { GroupCoordinator } from '../group/coordinator.ts';
import type { Cancel, Timers } from '../group/timers.ts';
import type { Lanes } from './lanes.ts';
import { endAbandoned, type MarkedTopics, writeMarkers } from './markers.ts';
import type { Transaction } from './transaction.ts';
import * as transitions from './transaction.ts';
import type { TransactionStore } from './transaction-store.ts';

interface CompletionOptions {
  readonly store: TransactionStore;
  readonly lanes: Lanes;
  readonly topics: MarkedTopics;
  readonly groups: Pick<GroupCoordinator, 'commitEntry'>;
  readonly timers: Timers;
  readonly logger: Logger;
}

const retryAfter = 1_000;

/** Brings transactions to their end: on request, when their time is up, and those that the last run left. */
export function createCompletion({ store, lanes, topics, groups, timers, logger }: CompletionOptions) {
  /** Timeouts of what is open, and new attempts at what a disk did not take. */
  const due = new Map<string, Cancel>();
  /** Decided transactions whose markers were begun to be written. */
  const begun = new Set<string>();
  let stopped = false;

  function schedule(transactionalId: string, delay: number, work: () => Promise<unknown>): void {
    if (stopped) return;
    due.get(transactionalId)?.();
    const task = () => {
      due.delete(transactionalId);
      lanes.run(transactionalId, work).catch((error: unknown) => {
        logger.error({ transaction: transactionalId, reason: messageOf(error) }, 'cannot end a transaction yet');
        schedule(transactionalId, retryAfter, work);
      });
    };
    due.set(transactionalId, timers.after(delay, task));
  }

  function unschedule(transactionalId: string): void {
    due.get(transactionalId)?.();
    due.delete(transactionalId);
  }

  function watchTimeout({ transactionalId, startedAt, timeout }: Transaction): void {
    schedule(transactionalId, startedAt + timeout - timers.now(), async () => {
      const transaction = store.get(transactionalId);
      if (transaction && transitions.isPrepared(transaction)) return finish(transaction);
      if (transaction?.state !== 'ongoing' || transaction.startedAt !== startedAt) return;
      logger.warn({ transaction: transactionalId, timeout }, 'transaction timed out and is aborted');
      return decide(transitions.fence(transaction, false), false);
    });
  }

  /** Brings a decided transaction to its end; gives the transaction as it is then. */
  async function finish(transaction: Transaction): Promise<Transaction> {
    const { transactionalId, state } = transaction;
    const isRepeated = begun.has(transactionalId);
    begun.add(transactionalId);
    await writeMarkers(topics, transaction, isRepeated);
    const pending = state === 'prepareCommit' ? store.pendingOf(transactionalId) : [];
    const entries = pending.map(({ group, offsets }) =>
      groups.commitEntry(
        group,
        offsets.filter(({ topic, topicId }) => topics.get(topic)?.id === topicId),
      ),
    );
    const completed = transitions.complete(transaction, timers.now());
    await store.keep(completed, entries);
    begun.delete(transactionalId);
    unschedule(transactionalId);
    return completed;
  }

  /** Decides about an open transaction and finishes it. What is decided stays so, whatever fails afterwards. */
  async function decide(transaction: Transaction, isCommit: boolean): Promise<Transaction> {
    const prepared = transitions.prepare(transaction, isCommit, timers.now());
    await store.keep(prepared);
    unschedule(transaction.transactionalId);
    return finishOrRetry(prepared);
  }

  async function finishOrRetry(prepared: Transaction): Promise<Transaction> {
    try {
      return await finish(prepared);
    } catch (error) {
      const { transactionalId } = prepared;
      schedule(transactionalId, retryAfter, async () => {
        const current = store.get(transactionalId);
        if (current && transitions.isPrepared(current)) await finish(current);
      });
      throw error;
    }
  }

  /** Goes on where the last run ended: what was decided is finished, what was open stays open until its timeout. */
  async function recover(): Promise<void> {
    for (const transaction of store.all) {
      if (transaction.state === 'ongoing') watchTimeout(transaction);
      if (!transitions.isPrepared(transaction)) continue;
      begun.add(transaction.transactionalId);
      await lanes
        .run(transaction.transactionalId, () => finishOrRetry(transaction))
        .catch((error: unknown) => logger.error({ reason: messageOf(error) }, 'cannot end a transaction yet'));
    }
    const isHeld = (transaction: Transaction, topicId: string, partition: number) =>
      transitions.isUndecided(transaction) && transitions.holdsPartition(transaction, topicId, partition);
    try {
      const count = await endAbandoned(topics, store.ofProducer, isHeld);
      if (count > 0) logger.warn({ count }, 'transactions that nobody could end any more were ended');
    } catch (error) {
      logger.error({ reason: messageOf(error) }, 'cannot end transactions that nobody can end any more');
    }
  }

  return {
    watchTimeout,
    decide,
    finishOrRetry,
    recover,
    /** Nothing is begun any more, neither by timeouts nor as another attempt. */
    stop(): void {
      stopped = true;
      for (const cancel of due.values()) cancel();
      due.clear();
    },
  };
}
