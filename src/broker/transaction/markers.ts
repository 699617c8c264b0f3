import type { PartitionLog } from '../log/partition-log.ts';
import { StorageError } from '../log/write-queue.ts';
import type { Transaction, TransactionPartition } from './transaction.ts';

type MarkedLog = Pick<PartitionLog, 'appendMarker' | 'whenStored' | 'openTransactions' | 'isRemoved'>;

interface MarkedTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: readonly MarkedLog[];
}

/** The topics, as far as transactions need them. */
export interface MarkedTopics {
  get(name: string): MarkedTopic | undefined;
  readonly all: readonly MarkedTopic[];
}

/**
 * Tells the partitions of a decided transaction how it ended; resolves when all of them have written it. Those of deleted
 * topics need not know. A second attempt leaves out those that know already.
 * @throws StorageError when a disk did not take it; another attempt can follow.
 */
export async function writeMarkers(topics: MarkedTopics, transaction: Transaction, isRepeated: boolean): Promise<void> {
  const { producerId, producerEpoch, state, partitions } = transaction;
  const marker = { producerId, producerEpoch, isCommit: state === 'prepareCommit' };
  // All are appended in this turn, and then waited for together.
  await Promise.all(
    partitions.map(async (partition) => {
      const log = logOf(topics, partition);
      if (!log || (isRepeated && !isOpenIn(log, producerId))) return;
      await append(log, marker);
    }),
  );
}

/** The log that a transaction meant; undefined when it is gone, even if there is another of the name. */
function logOf(topics: MarkedTopics, { topic, topicId, partition }: TransactionPartition): MarkedLog | undefined {
  const found = topics.get(topic);
  return found?.id === topicId ? found.partitions[partition] : undefined;
}

const isOpenIn = (log: MarkedLog, producerId: number): boolean =>
  log.openTransactions.some((open) => open.producerId === producerId);

async function append(log: MarkedLog, marker: Parameters<MarkedLog['appendMarker']>[0]): Promise<void> {
  const appended = log.appendMarker(marker);
  if (log.isRemoved) return;
  if ('errorCode' in appended) throw new StorageError(appended.message);
  await log.whenStored(appended.endOffset, true);
}

/**
 * Ends transactions that stand open in a log though nobody can end them any more: a power cut took the coordinator's
 * word. They are aborted: a power cut may take what was committed and not synced, but nothing may come up as committed
 * that nobody has committed.
 * @returns how many there were.
 */
export async function endAbandoned(
  topics: MarkedTopics,
  ofProducer: (producerId: number) => Transaction | undefined,
  isHeld: (transaction: Transaction, topicId: string, partition: number) => boolean,
): Promise<number> {
  const endings = topics.all.flatMap(({ id, partitions }) =>
    partitions.flatMap((log, partition) =>
      log.openTransactions.flatMap(({ producerId }) => {
        const transaction = ofProducer(producerId);
        if (transaction && isHeld(transaction, id, partition)) return [];
        const { producerEpoch = 0 } = transaction ?? {};
        return [append(log, { producerId, producerEpoch, isCommit: false })];
      }),
    ),
  );
  await Promise.all(endings);
  return endings.length;
}
