import type { KafkaConnection } from './connection.ts';
import type { CommittedOffset, OffsetToCommit } from './group-offsets.ts';

/** What a member of a group is known by at its coordinator; each rebalance gives another. */
export interface GroupSeat {
  groupId: string;
  generation: number;
  memberId: string;
}

/** The time for which this process is the one of its group that works. */
export interface GroupTerm {
  /** Aborts when the role is lost: another may have it from then on. */
  readonly signal: AbortSignal;
  /** How far the group has come, by `topic/partition`; waits for transactions that may yet move it. */
  committed(): Promise<Map<string, CommittedOffset>>;
  /**
   * What the active member commits as; waits while the group rebalances. `refused` is the seat that the coordinator
   * takes no longer: then the next heartbeat, sent at once, brings another or ends the term.
   * @throws DashctlError `TAKEN_OVER` when the role is lost.
   */
  seat(refused?: GroupSeat): Promise<GroupSeat>;
  /**
   * Commits as the active member; waits while the group rebalances.
   * @throws DashctlError `TAKEN_OVER` when the role is lost.
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
