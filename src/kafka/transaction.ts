import type { KafkaConnection } from './connection.ts';
import type { OffsetToCommit } from './group-offsets.ts';
import type { GroupTerm } from './group-term.ts';
import type { TopicRecords } from './topic-sink.ts';

/** What becomes visible at once: records, how far a consumer group has come, or both. */
export interface Transaction {
  batches?: readonly TopicRecords[];
  progress?: GroupProgress;
}

export interface GroupProgress {
  /** The term of the group's active member: the group's coordinator takes no offsets from anybody else. */
  term: Pick<GroupTerm, 'seat'>;
  offsets: readonly OffsetToCommit[];
}

/** Writes records and the offsets of a consumer group in transactions (KIP-98, KIP-447). */
export interface TransactionalSink {
  /**
   * Resolves when the transaction is committed; calls that overlap are done one after another. Rejects with a
   * DashctlError whose code says what came of it:
   * - `COMMIT_ABORTED`: nothing of it is or will be visible, and the same commit may be tried again on this sink.
   * - `COMMIT_UNKNOWN`: the broker was lost over the request that ends it. This sink is of no more use. Open another,
   *   which settles the transaction, and go on from the offsets that the group has committed then.
   * - `TAKEN_OVER`: somebody else has the transactional id or the active part in the group; nothing of it will be
   *   visible. This sink is of no more use. Where the term goes on nevertheless, proceed as after `COMMIT_UNKNOWN`.
   * - any other (`TOPIC_UNKNOWN`, `BROKER_REFUSED`): nothing of it will be visible, and trying again does not help.
   */
  commit(transaction: Transaction): Promise<void>;
  /** Waits for the commit under way, but not for a broker that is away; then disconnects. */
  close(): Promise<void>;
}

export interface TransactionalSinkOptions {
  connection: KafkaConnection;
  /** One name for all processes of which one at a time may write. */
  transactionalId: string;
  /** How long a transaction may take before Kafka aborts it, in ms; brokers allow 15 minutes unless told. */
  timeout: number;
  /** Once it is aborted, what fails is not repeated, and what is still under way a second later is given up. */
  signal?: AbortSignal;
}
