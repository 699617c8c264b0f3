import type { Journal, JournalOwner } from '../group/journal.ts';
import type { JournalEntry } from '../group/journal-frames.ts';
import type { CommittedOffset, PartitionOf } from '../group/offset-store.ts';
import { isUndecided, type Transaction } from './transaction.ts';

/** An offset that counts once its transaction is committed. */
export type PendingOffset = PartitionOf & CommittedOffset & { readonly topicId: string };

// Entry types from 16 on are the transactions'; payloads are JSON, like those of the groups.
const entryTypes = { state: 16, offsets: 17, forget: 18 } as const;

interface OffsetsPayload {
  transactionalId: string;
  group: string;
  offsets: readonly PendingOffset[];
}
interface ForgetPayload {
  transactionalIds: readonly string[];
}

const entry = (type: number, payload: Transaction | OffsetsPayload | ForgetPayload): JournalEntry => ({
  type,
  payload: Buffer.from(JSON.stringify(payload)),
});
// The CRC has vouched for the bytes, and only this file writes such entries.
const payloadOf = <P>({ payload }: JournalEntry): P => JSON.parse(payload.toString()) as P;

/** Pending offsets by group, then by partition: the last one for a partition counts. */
type Pending = Map<string, Map<string, PendingOffset>>;

/**
 * All transactional ids, kept in the journal. What the methods return resolves when the change is kept and seen by
 * readers; it rejects, with nothing changed, when the journal cannot take it.
 */
export function createTransactionStore(journal: Journal) {
  const transactions = new Map<string, Transaction>();
  const byProducer = new Map<number, string>();
  const pending = new Map<string, Pending>();

  function forget(transactionalId: string): void {
    const known = transactions.get(transactionalId);
    if (known) byProducer.delete(known.producerId);
    transactions.delete(transactionalId);
    pending.delete(transactionalId);
  }

  function applyState(transaction: Transaction): void {
    const { transactionalId, producerId } = transaction;
    const known = transactions.get(transactionalId);
    if (known && known.producerId !== producerId) byProducer.delete(known.producerId);
    transactions.set(transactionalId, transaction);
    byProducer.set(producerId, transactionalId);
    if (!isUndecided(transaction)) pending.delete(transactionalId);
  }

  function applyOffsets({ transactionalId, group, offsets }: OffsetsPayload): void {
    const groups: Pending = pending.get(transactionalId) ?? new Map();
    const kept = groups.get(group) ?? new Map<string, PendingOffset>();
    for (const offset of offsets) kept.set(`${offset.partition}/${offset.topic}`, offset);
    groups.set(group, kept);
    pending.set(transactionalId, groups);
  }

  const pendingOf = (transactionalId: string): { group: string; offsets: PendingOffset[] }[] =>
    [...(pending.get(transactionalId) ?? [])].map(([group, offsets]) => ({ group, offsets: [...offsets.values()] }));

  const owner: JournalOwner = {
    types: Object.values(entryTypes),
    apply(found) {
      switch (found.type) {
        case entryTypes.state:
          return applyState(payloadOf(found));
        case entryTypes.offsets:
          return applyOffsets(payloadOf(found));
        case entryTypes.forget:
          for (const transactionalId of payloadOf<ForgetPayload>(found).transactionalIds) forget(transactionalId);
          return;
      }
    },
    *snapshot() {
      for (const [transactionalId, transaction] of transactions) {
        yield entry(entryTypes.state, transaction);
        for (const each of pendingOf(transactionalId)) yield entry(entryTypes.offsets, { transactionalId, ...each });
      }
    },
  };
  journal.attach(owner);

  return {
    get all(): Transaction[] {
      return [...transactions.values()];
    },

    get: (transactionalId: string): Transaction | undefined => transactions.get(transactionalId),

    /** The newest transaction of a producer. */
    ofProducer: (producerId: number): Transaction | undefined => transactions.get(byProducer.get(producerId) ?? ''),

    /** Keeps a transaction as it is now, together with entries of others. */
    keep: (transaction: Transaction, others: readonly JournalEntry[] = []): Promise<void> =>
      journal.append([...others, entry(entryTypes.state, transaction)]),

    /** Keeps offsets of a group with the open transaction. */
    keepOffsets: (transactionalId: string, group: string, offsets: readonly PendingOffset[]): Promise<void> =>
      journal.append([entry(entryTypes.offsets, { transactionalId, group, offsets })]),

    /** Forgets transactional ids. */
    forget: (transactionalIds: readonly string[]): Promise<void> =>
      journal.append([entry(entryTypes.forget, { transactionalIds })]),

    pendingOf,

    /** Whether an undecided transaction holds an offset of a group for a partition. */
    isPending(group: string, { topic, partition }: PartitionOf): boolean {
      const key = `${partition}/${topic}`;
      for (const groups of pending.values()) if (groups.get(group)?.has(key)) return true;
      return false;
    },
  };
}

export type TransactionStore = ReturnType<typeof createTransactionStore>;
