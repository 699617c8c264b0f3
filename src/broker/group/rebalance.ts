import type { Logger } from '../../runtime/logger.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { JoinPhase } from './join-phase.ts';
import { type Member, metadataFor } from './member.ts';
import { closing, type JoinResult, noBytes, refuseJoin, refuseSync, type SyncResult } from './results.ts';
import { Roster } from './roster.ts';
import { Sessions } from './sessions.ts';
import { SyncPhase } from './sync-phase.ts';
import type { Timers } from './timers.ts';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

/** What the leader gives a member to work on. */
export interface Assignment {
  readonly memberId: string;
  readonly assignment: Buffer;
}

export interface RebalanceOptions {
  readonly groupId: string;
  readonly timers: Timers;
  readonly logger: Logger;
  /** How long the first join of an empty group waits for others to come. */
  readonly initialRebalanceDelay: number;
  /** Called when the group gets a generation after having been empty, and when its last member is gone. */
  readonly onOccupied: (occupied: boolean, protocolType: string) => void;
}

// A rebalance timeout may be next to nothing; a phase that is begun again and again must still let others run.
const leastExtension = 1_000;

/**
 * How a group gets from one generation to the next: the join phase, which ends when all have joined or the slowest had
 * its time; the sync phase, which ends when the leader has assigned; and the session timers of those who are not
 * parked in either. No method waits, so a state is never seen halfway.
 */
export class Rebalance {
  readonly roster: Roster = new Roster();
  readonly #options: RebalanceOptions;
  readonly #joinPhase: JoinPhase;
  readonly #syncPhase: SyncPhase;
  readonly #sessions: Sessions;
  #state: GroupState = 'Empty';
  #generation = 0;
  #protocolType = '';
  #protocolName: string | null = null;

  constructor(options: RebalanceOptions) {
    const { timers, initialRebalanceDelay } = options;
    this.#options = options;
    this.#joinPhase = new JoinPhase({
      timers,
      initialRebalanceDelay,
      onReady: () => this.#maybeCompleteJoin(),
      onTimeout: () => this.#completeJoin(),
    });
    this.#sessions = new Sessions(timers, (member) => this.#expire(member));
    this.#syncPhase = new SyncPhase(timers, () => this.#endSync());
  }

  get state(): GroupState {
    return this.#state;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Empty until somebody joined. */
  get protocolType(): string {
    return this.#protocolType;
  }

  /** Null while there is no generation with members. */
  get protocolName(): string | null {
    return this.#protocolName;
  }

  /** Whether somebody was given a member id and has not come back with it yet. */
  get isExpectingMembers(): boolean {
    return this.#joinPhase.isExpectingMembers;
  }

  isExpecting(memberId: string): boolean {
    return this.#joinPhase.isExpecting(memberId);
  }

  /** Holds the join phase open for a client that is to come back with this id. */
  expect(memberId: string, timeout: number): void {
    this.#joinPhase.expect(memberId, timeout);
  }

  /** No longer holds the join phase open for this id; false when it did not. */
  dismiss(memberId: string): boolean {
    return this.#joinPhase.dismiss(memberId);
  }

  /** Takes in a new member, which waits for its first generation. */
  admit(member: Member, protocolType: string): Promise<JoinResult> {
    this.#joinPhase.welcome(member.id);
    this.roster.add(member);
    this.#protocolType = protocolType;
    this.#sessions.begin(member);
    return this.join(member);
  }

  /** Puts a static member that came back in the place of its former self, which hears that it is fenced. */
  replace(former: Member, member: Member): void {
    this.#sessions.answerJoin(former, refuseJoin(former.id, errorCodes.fencedInstanceId));
    this.#sessions.answerSync(former, refuseSync(errorCodes.fencedInstanceId));
    former.cancelSession();
    member.assignment = former.assignment;
    member.isNew = false;
    this.roster.replace(former, member);
    this.#syncPhase.replace(former, member);
    this.touch(member);
  }

  /** A sign of life: the session begins anew. While a request is parked it stands still. */
  touch(member: Member): void {
    this.#sessions.touch(member);
  }

  #expire(member: Member): void {
    const { groupId, logger } = this.#options;
    logger.debug({ group: groupId, member: member.id }, 'group member went silent and is removed');
    this.remove([member]);
  }

  /** Takes members out, which begins a rebalance. */
  remove(members: readonly Member[]): void {
    for (const member of members) this.#drop(member, errorCodes.unknownMemberId);
    if (this.#state === 'PreparingRebalance') this.#maybeCompleteJoin();
    else if (this.#state !== 'Empty') this.#begin();
  }

  #drop(member: Member, errorCode: number): void {
    this.roster.remove(member);
    this.#sessions.answerJoin(member, refuseJoin(member.id, errorCode));
    this.#sessions.answerSync(member, refuseSync(errorCode));
    member.cancelSession();
  }

  /** Lets a member wait for the next generation, which begins a rebalance if none is under way. */
  join(member: Member): Promise<JoinResult> {
    // An earlier request of the same member was lost on its way back.
    this.#sessions.answerJoin(member, refuseJoin(member.id, errorCodes.rebalanceInProgress));
    // Who is parked cannot be late. New members keep the timer that they came with.
    if (!member.isNew) member.cancelSession();
    const answer = new Promise<JoinResult>((resolve) => {
      member.answerJoin = resolve;
    });
    if (this.#state === 'PreparingRebalance') this.#maybeCompleteJoin();
    else this.#begin();
    return answer;
  }

  #begin(): void {
    const { state } = this;
    this.#syncPhase.end();
    this.#state = 'PreparingRebalance';
    if (state === 'CompletingRebalance') {
      for (const member of this.roster.all)
        this.#sessions.answerSync(member, refuseSync(errorCodes.rebalanceInProgress));
    }
    if (state === 'Empty') this.#joinPhase.gather(this.roster.rebalanceTimeout);
    else this.#joinPhase.await(this.roster.rebalanceTimeout);
  }

  #maybeCompleteJoin(): void {
    if (this.#state !== 'PreparingRebalance') return;
    const allJoined = this.roster.allJoined && !this.#joinPhase.isWaiting;
    if (allJoined || this.roster.size === 0) this.#completeJoin();
  }

  #completeJoin(): void {
    this.#joinPhase.end();
    for (const member of this.roster.all) {
      // Static members may be away for as long as their session lasts.
      if (!member.answerJoin && member.instanceId === null) this.#drop(member, errorCodes.unknownMemberId);
    }
    if (this.roster.size > 0 && !this.roster.electJoined()) {
      // Only absent static members are left: they come back, or their sessions end.
      this.#joinPhase.await(Math.max(this.roster.rebalanceTimeout, leastExtension));
      return;
    }
    this.#generation += 1;
    if (this.roster.size === 0) {
      this.#state = 'Empty';
      if (this.#protocolName !== null) this.#options.onOccupied(false, this.#protocolType);
      this.#protocolName = null;
      return;
    }
    if (this.#protocolName === null) this.#options.onOccupied(true, this.#protocolType);
    this.#startSync();
  }

  #startSync(): void {
    const { groupId, logger } = this.#options;
    const members = this.roster.all;
    logger.debug(
      { group: groupId, generation: this.#generation, members: members.length },
      'group has a new generation',
    );
    this.#state = 'CompletingRebalance';
    this.#protocolName = this.roster.chooseProtocol();
    this.#syncPhase.begin(members, this.roster.rebalanceTimeout);
    for (const member of members) {
      if (!member.answerJoin) continue;
      member.isNew = false;
      this.#sessions.answerJoin(member, this.generationFor(member));
    }
  }

  /** Lets a member wait for the leader's assignments; with those of the leader, answers all who wait. */
  sync(member: Member, assignments: readonly Assignment[]): Promise<SyncResult> {
    this.#sessions.answerSync(member, refuseSync(errorCodes.rebalanceInProgress));
    member.cancelSession();
    const answer = new Promise<SyncResult>((resolve) => {
      member.answerSync = resolve;
    });
    this.markSynced(member);
    if (member.id === this.roster.leaderId) this.#assign(assignments);
    return answer;
  }

  #assign(assignments: readonly Assignment[]): void {
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    this.#state = 'Stable';
    for (const member of this.roster.all) {
      // A copy: what comes from a request is a slice of its whole frame.
      member.assignment = Buffer.from(byMember.get(member.id) ?? noBytes);
      this.#sessions.answerSync(member, this.assignmentFor(member));
    }
    if (this.#syncPhase.isComplete) this.#syncPhase.stopClock();
  }

  /** The member has asked for its assignment in this generation. */
  markSynced(member: Member): void {
    this.#syncPhase.noteSynced(member);
    if (this.#syncPhase.isComplete && this.#state === 'Stable') this.#syncPhase.stopClock();
  }

  /** Time is up for those who joined this generation and did not ask what to do in it. */
  #endSync(): void {
    this.remove(this.roster.all.filter((member) => this.#syncPhase.isMissing(member)));
  }

  /** Ends the group for good. Who waits is told that the coordinator is gone, and comes again by itself. */
  close(): void {
    this.#state = 'Dead';
    this.#syncPhase.stopClock();
    this.#joinPhase.close();
    for (const member of this.roster.all) this.#drop(member, closing);
  }

  /** What a member is told of the present generation. */
  generationFor(member: Member): JoinResult {
    const { all, leaderId } = this.roster;
    const describe = (each: Member) => ({
      memberId: each.id,
      instanceId: each.instanceId,
      metadata: metadataFor(each, this.#protocolName),
    });
    return {
      errorCode: errorCodes.none,
      generation: this.#generation,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName,
      leaderId,
      skipAssignment: false,
      memberId: member.id,
      members: member.id === leaderId ? all.map(describe) : [],
    };
  }

  /** What a member is to work on in the present generation. */
  assignmentFor(member: Member): SyncResult {
    return {
      errorCode: errorCodes.none,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName,
      assignment: member.assignment,
    };
  }
}
