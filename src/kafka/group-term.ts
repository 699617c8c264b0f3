import type { KafkaConnection } from './connection.ts';
import type { CommittedOffset, OffsetToCommit } from './group-offsets.ts';

/** The time for which this process is the one of its group that works. */
export interface GroupTerm {
  /** Aborts when the role is lost: another may have it from then on. */
  readonly signal: AbortSignal;
  /** How far the group has come, by `topic/partition`. */
  committed(): Promise<Map<string, CommittedOffset>>;
  /**
   * Commits as the active member; waits while the group rebalances.
   * @throws DashctlError `BROKER_REFUSED` when the role is lost.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>;
}

/** A seat in a consumer group. Iterating gives one term after another; between them this process stands by. */
export interface GroupMembership extends AsyncIterable<GroupTerm> {
  /** Gives the seat up, so that a standby takes over at once. */
  leave(): Promise<void>;
}

export interface GroupMembershipOptions {
  connection: KafkaConnection;
  groupId: string;
  topics: readonly string[];
  /** Ends the iteration; the seat is kept until `leave`, so that a last commit is possible. */
  signal: AbortSignal;
}
