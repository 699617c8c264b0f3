import { randomUUID } from 'node:crypto';
import { errorCodes } from '../protocol/error-codes.ts';
import { createMember, type JoinRequest, keep, type Member, metadataFor, sameProtocols } from './member.ts';
import { type Assignment, type GroupState, Rebalance, type RebalanceOptions } from './rebalance.ts';
import { closing, type JoinResult, refuseJoin, refuseSync, type SyncResult } from './results.ts';
import { sameSubscription, subscribedTopics } from './subscription.ts';

/** Who asks, in every request of a member. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly instanceId: string | null;
}

export interface SyncRequest extends MemberIdentity {
  readonly groupId: string;
  readonly generation: number;
  /** Null from clients that do not say, as before v5. */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** From the leader only. */
  readonly assignments: readonly Assignment[];
}

/**
 * One group in the classic protocol: who may ask what in which state, and which answer it gets. JoinGroup and SyncGroup
 * are answered when their phase ends, all else at once.
 */
export class Group {
  readonly #rebalance: Rebalance;

  constructor(options: RebalanceOptions) {
    this.#rebalance = new Rebalance(options);
  }

  get state(): GroupState {
    return this.#rebalance.state;
  }

  get protocolType(): string {
    return this.#rebalance.protocolType;
  }

  get protocolName(): string | null {
    return this.#rebalance.protocolName;
  }

  get members(): readonly Member[] {
    return this.#rebalance.roster.all;
  }

  /** Nothing would be lost with this object: it has no members, and none are on their way. */
  get isIdle(): boolean {
    return this.state === 'Empty' && !this.#rebalance.isExpectingMembers;
  }

  /** Whether a member reads this topic, or might: metadata that is no subscription can mean anything. */
  isSubscribed(topic: string): boolean {
    return this.members.some(({ protocols }) =>
      protocols.some(({ metadata }) => subscribedTopics(metadata)?.has(topic) ?? true),
    );
  }

  join(request: JoinRequest): JoinResult | Promise<JoinResult> {
    const { memberId, protocolType, protocols } = request;
    if (this.state === 'Dead') return refuseJoin(memberId, closing);
    const { roster } = this.#rebalance;
    const fits = roster.size === 0 || (protocolType === this.protocolType && roster.shares(protocols));
    if (protocolType === '' || protocols.length === 0 || !fits) {
      return refuseJoin(memberId, errorCodes.inconsistentGroupProtocol);
    }
    if (memberId === '') return this.#joinNameless(request);
    if (this.#rebalance.isExpecting(memberId)) {
      return this.#rebalance.admit(createMember(memberId, request), protocolType);
    }
    const member = this.#identify(request);
    if (typeof member === 'number') return refuseJoin(memberId, member);
    return this.#rejoin(member, request);
  }

  #joinNameless(request: JoinRequest): JoinResult | Promise<JoinResult> {
    const { instanceId, clientId, requireMemberId, sessionTimeout, protocolType } = request;
    const memberId = `${instanceId ?? clientId}-${randomUUID()}`;
    const former = instanceId === null ? undefined : this.#rebalance.roster.getStatic(instanceId);
    if (former) return this.#replaceStatic(former, createMember(memberId, request), request.canSkipAssignment);
    if (instanceId === null && requireMemberId) {
      this.#rebalance.expect(memberId, sessionTimeout);
      return refuseJoin(memberId, errorCodes.memberIdRequired);
    }
    return this.#rebalance.admit(createMember(memberId, request), protocolType);
  }

  #rejoin(member: Member, request: JoinRequest): JoinResult | Promise<JoinResult> {
    // An unchanged request means that the earlier answer was lost. From the leader of a stable group it means that it
    // saw something which needs a new assignment.
    const leads = member.id === this.#rebalance.roster.leaderId;
    const repeated = this.state === 'CompletingRebalance' || (this.state === 'Stable' && !leads);
    if (repeated && sameProtocols(member, request.protocols)) {
      this.#rebalance.touch(member);
      return this.#rebalance.generationFor(member);
    }
    member.protocols = keep(request.protocols);
    member.sessionTimeout = request.sessionTimeout;
    member.rebalanceTimeout = request.rebalanceTimeout;
    return this.#rebalance.join(member);
  }

  /** A static member came back without its id, as after a restart: it takes its own place again (KIP-345). */
  #replaceStatic(former: Member, member: Member, canSkip: boolean): JoinResult | Promise<JoinResult> {
    const { roster } = this.#rebalance;
    const formerLeaderId = roster.leaderId;
    this.#rebalance.replace(former, member);
    const { protocolType, protocolName } = this;
    const undisturbed =
      this.state === 'Stable' &&
      roster.chooseProtocol() === protocolName &&
      sameSubscription(protocolType, metadataFor(former, protocolName), metadataFor(member, protocolName));
    if (!undisturbed) return this.#rebalance.join(member);
    const current = this.#rebalance.generationFor(member);
    if (canSkip) return { ...current, skipAssignment: roster.leaderId === member.id };
    // A leader that cannot skip would assign anew; told that its former self leads, it only follows.
    return { ...current, leaderId: formerLeaderId, members: [] };
  }

  sync(request: SyncRequest): SyncResult | Promise<SyncResult> {
    const member = this.#identifyIn(request, request.generation);
    if (typeof member === 'number') return refuseSync(member);
    const { protocolType, protocolName, assignments } = request;
    if (
      (protocolType !== null && protocolType !== this.protocolType) ||
      (protocolName !== null && protocolName !== this.protocolName)
    ) {
      return refuseSync(errorCodes.inconsistentGroupProtocol);
    }
    if (this.state === 'CompletingRebalance') return this.#rebalance.sync(member, assignments);
    this.#rebalance.touch(member);
    if (this.state === 'PreparingRebalance') return refuseSync(errorCodes.rebalanceInProgress);
    this.#rebalance.markSynced(member);
    return this.#rebalance.assignmentFor(member);
  }

  /** 0, or the error code that tells the member what to do. */
  heartbeat(identity: MemberIdentity, generation: number): number {
    const member = this.#identifyIn(identity, generation);
    if (typeof member === 'number') return member;
    this.#rebalance.touch(member);
    return this.state === 'PreparingRebalance' ? errorCodes.rebalanceInProgress : errorCodes.none;
  }

  /** Takes members out; gives an error code for each, in the same order. An instance id alone is enough. */
  leave(identities: readonly MemberIdentity[]): number[] {
    const leaving = new Set<Member>();
    const codes = identities.map((identity) => {
      if (this.#rebalance.dismiss(identity.memberId)) return errorCodes.none;
      const byInstance = identity.memberId === '' && this.#rebalance.roster.getStatic(identity.instanceId ?? '');
      const member = byInstance || this.#identify(identity);
      if (typeof member === 'number') return member;
      if (leaving.has(member)) return errorCodes.unknownMemberId;
      leaving.add(member);
      return errorCodes.none;
    });
    // All at once: the rest of the group is rebalanced once.
    if (leaving.size > 0) this.#rebalance.remove([...leaving]);
    return codes;
  }

  /** Whether this client may commit offsets now: 0, or the error code that says why not. */
  admitCommit(identity: MemberIdentity, generation: number): number {
    if (generation < 0 && this.state === 'Empty') return errorCodes.none;
    const member = this.#identifyIn(identity, generation);
    if (typeof member === 'number') return member;
    this.#rebalance.touch(member);
    // It knows the generation, but not yet what it may read in it.
    return this.state === 'CompletingRebalance' ? errorCodes.rebalanceInProgress : errorCodes.none;
  }

  /** The same for offsets of a transaction, which are also taken while assignments are on their way. */
  admitTransactionalCommit(identity: MemberIdentity, generation: number): number {
    const member = this.#identifyIn(identity, generation);
    if (typeof member === 'number') return member;
    this.#rebalance.touch(member);
    return errorCodes.none;
  }

  /** Ends the group for good; parked requests are answered. */
  close(): void {
    this.#rebalance.close();
  }

  #identify({ memberId, instanceId }: MemberIdentity): Member | number {
    const { roster } = this.#rebalance;
    const member = instanceId === null ? roster.get(memberId) : roster.getStatic(instanceId);
    if (!member) return errorCodes.unknownMemberId;
    return member.id === memberId ? member : errorCodes.fencedInstanceId;
  }

  #identifyIn(identity: MemberIdentity, generation: number): Member | number {
    const member = this.#identify(identity);
    if (typeof member !== 'number' && generation !== this.#rebalance.generation) return errorCodes.illegalGeneration;
    return member;
  }
}
