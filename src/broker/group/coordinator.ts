import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { Group, type MemberIdentity, type SyncRequest } from './group.ts';
import type { Journal } from './journal.ts';
import { type JoinRequest, metadataFor } from './member.ts';
import { findExpired } from './offset-expiry.ts';
import { type CommittedOffset, createOffsetStore, type KeptGroup, type PartitionOf } from './offset-store.ts';
import type { GroupState } from './rebalance.ts';
import { closing, type JoinResult, noBytes, refuseJoin, refuseSync, type SyncResult } from './results.ts';
import { consumerProtocolType } from './subscription.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface GroupCoordinatorOptions {
  /** Where offsets are kept; it stays the caller's to close, after the coordinator. */
  readonly journal: Journal;
  readonly logger: Logger;
  readonly timers?: Timers;
  /** How long the first member of an empty group waits for others, so that they start with one rebalance. Default 0. */
  readonly initialRebalanceDelay?: number;
}

export interface HeartbeatRequest extends MemberIdentity {
  readonly groupId: string;
  readonly generation: number;
}

export interface CommitRequest extends MemberIdentity {
  readonly groupId: string;
  /** -1 from a client that is no member. */
  readonly generation: number;
  readonly offsets: readonly (PartitionOf & Omit<CommittedOffset, 'commitTimestamp'>)[];
}

export interface GroupListing {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: GroupState;
}

export interface GroupDescription {
  readonly state: GroupState;
  readonly protocolType: string;
  /** The chosen protocol of a stable group; empty otherwise. */
  readonly protocolName: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly clientId: string;
    readonly clientHost: string;
    readonly metadata: Buffer;
    readonly assignment: Buffer;
  }[];
}

const shortestSession = 6_000;
const longestSession = 30 * 60_000;
export const largestMetadataBytes = 4_096;
const sweepInterval = 10 * 60_000;

export type GroupCoordinator = ReturnType<typeof createGroupCoordinator>;

/**
 * The coordinator of all consumer groups: members by the classic protocol, in memory; committed offsets, in the journal.
 * Errors of the protocol are codes in the answers; nothing here throws for what a client sends.
 */
export function createGroupCoordinator(options: GroupCoordinatorOptions) {
  const { journal, logger, timers = systemTimers, initialRebalanceDelay = 0 } = options;
  const groups = new Map<string, Group>();
  const offsets = createOffsetStore(journal);
  let closed = false;

  // What had members when the last run ended has none now, and begins to age.
  for (const [groupId, { occupied, protocolType }] of offsets.groups) {
    if (occupied) keepInBackground(offsets.setOccupancy(groupId, protocolType, timers.now()), groupId);
  }
  let cancelSweep = timers.after(sweepInterval, sweep);

  function keepInBackground(kept: Promise<void>, groupId?: string): void {
    kept.catch((error) => logger.warn({ group: groupId, reason: messageOf(error) }, 'cannot keep the state of groups'));
  }

  function sweep(): void {
    cancelSweep = timers.after(sweepInterval, sweep);
    const expired = findExpired(offsets, timers.now(), (groupId) => groups.get(groupId)?.isIdle === false);
    keepInBackground(offsets.remove(expired.offsets));
    keepInBackground(offsets.removeGroups(expired.groups));
    for (const [groupId, group] of groups) {
      if (group.isIdle && !offsets.groups.has(groupId)) groups.delete(groupId);
    }
  }

  function createGroup(groupId: string): Group {
    const group = new Group({
      groupId,
      timers,
      logger,
      initialRebalanceDelay,
      onOccupied: (occupied, protocolType) =>
        keepInBackground(offsets.setOccupancy(groupId, protocolType, occupied ? null : timers.now()), groupId),
    });
    groups.set(groupId, group);
    return group;
  }

  /** What is wrong with a member's request before its group is looked at: 0 when nothing. */
  function objection(groupId: string): number {
    if (closed) return closing;
    return groupId === '' ? errorCodes.invalidGroupId : errorCodes.none;
  }

  function join(request: JoinRequest): JoinResult | Promise<JoinResult> {
    const { groupId, memberId, sessionTimeout, protocolType, protocols } = request;
    const objected = objection(groupId);
    if (objected !== errorCodes.none) return refuseJoin(memberId, objected);
    if (sessionTimeout < shortestSession || sessionTimeout > longestSession) {
      return refuseJoin(memberId, errorCodes.invalidSessionTimeout);
    }
    const group = groups.get(groupId);
    if (group) return group.join(request);
    if (memberId !== '') return refuseJoin(memberId, errorCodes.unknownMemberId);
    // No group comes to be by a request that it would refuse.
    if (protocolType === '' || protocols.length === 0) return refuseJoin('', errorCodes.inconsistentGroupProtocol);
    return createGroup(groupId).join(request);
  }

  function sync(request: SyncRequest): SyncResult | Promise<SyncResult> {
    const objected = objection(request.groupId);
    if (objected !== errorCodes.none) return refuseSync(objected);
    return groups.get(request.groupId)?.sync(request) ?? refuseSync(errorCodes.unknownMemberId);
  }

  function heartbeat(request: HeartbeatRequest): number {
    const { groupId, generation } = request;
    const objected = objection(groupId);
    if (objected !== errorCodes.none) return objected;
    return groups.get(groupId)?.heartbeat(request, generation) ?? errorCodes.unknownMemberId;
  }

  /** An error for the whole request, and one for each member in the same order. */
  function leave(groupId: string, members: readonly MemberIdentity[]): { errorCode: number; members: number[] } {
    const errorCode = objection(groupId);
    if (errorCode !== errorCodes.none) return { errorCode, members: [] };
    const codes = groups.get(groupId)?.leave(members) ?? members.map(() => errorCodes.unknownMemberId);
    return { errorCode, members: codes };
  }

  function admitCommit(request: CommitRequest): number {
    if (closed) return closing;
    const group = groups.get(request.groupId);
    if (group) return group.admitCommit(request, request.generation);
    return request.generation < 0 ? errorCodes.none : errorCodes.illegalGeneration;
  }

  /** What is wrong with a commit that a transaction holds back: 0 when nothing. Whoever is no member says so by no id. */
  function admitTransactionalCommit({ groupId, generation, ...identity }: Omit<CommitRequest, 'offsets'>): number {
    const objected = objection(groupId);
    if (objected !== errorCodes.none) return objected;
    if (generation < 0 && identity.memberId === '' && identity.instanceId === null) return errorCodes.none;
    const group = groups.get(groupId);
    if (group) return group.admitTransactionalCommit(identity, generation);
    return generation < 0 ? errorCodes.none : errorCodes.illegalGeneration;
  }

  /** Commits what can be committed; resolves with an error code for each offset, in the same order. */
  async function commit(request: CommitRequest): Promise<number[]> {
    const refused = admitCommit(request);
    if (refused !== errorCodes.none) return request.offsets.map(() => refused);
    const codes = request.offsets.map(({ metadata }): number =>
      Buffer.byteLength(metadata) > largestMetadataBytes ? errorCodes.offsetMetadataTooLarge : errorCodes.none,
    );
    const commitTimestamp = timers.now();
    const accepted = request.offsets
      .filter((_, index) => codes[index] === errorCodes.none)
      .map((offset) => ({ ...offset, commitTimestamp }));
    if (accepted.length === 0) return codes;
    const kept = await attempt(offsets.commit(request.groupId, accepted), request.groupId);
    return codes.map((code) => (code === errorCodes.none ? kept : code));
  }

  /** 0 when something was kept; else an error on which clients try again, since a full disk may get room. */
  async function attempt(kept: Promise<void>, groupId?: string): Promise<number> {
    try {
      await kept;
      return errorCodes.none;
    } catch (error) {
      logger.error({ group: groupId, reason: messageOf(error) }, 'cannot keep offsets; is the disk full?');
      return errorCodes.coordinatorNotAvailable;
    }
  }

  function stateOf(groupId: string): GroupState {
    return groups.get(groupId)?.state ?? (offsets.groups.has(groupId) ? 'Empty' : 'Dead');
  }

  function protocolTypeOf(groupId: string): string {
    return groups.get(groupId)?.protocolType || (offsets.groups.get(groupId)?.protocolType ?? '');
  }

  function list(): GroupListing[] {
    const groupIds = new Set([...groups.keys(), ...offsets.groups.keys()]);
    return [...groupIds].map((groupId) => ({
      groupId,
      protocolType: protocolTypeOf(groupId),
      state: stateOf(groupId),
    }));
  }

  /** A group that nobody knows is described as dead. */
  function describe(groupId: string): GroupDescription {
    const group = groups.get(groupId);
    const state = stateOf(groupId);
    const protocolName = state === 'Stable' ? (group?.protocolName ?? '') : '';
    const members = (group?.members ?? []).map((member) => ({
      memberId: member.id,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      metadata: state === 'Stable' ? metadataFor(member, protocolName) : noBytes,
      assignment: state === 'Stable' ? member.assignment : noBytes,
    }));
    return { state, protocolType: protocolTypeOf(groupId), protocolName, members };
  }

  /** Forgets an empty group and its offsets. */
  async function deleteGroup(groupId: string): Promise<number> {
    if (closed) return closing;
    const state = stateOf(groupId);
    if (state === 'Dead') return errorCodes.groupIdNotFound;
    if (state !== 'Empty') return errorCodes.nonEmptyGroup;
    groups.get(groupId)?.close();
    groups.delete(groupId);
    return attempt(offsets.removeGroups([groupId]), groupId);
  }

  /** Forgets offsets that no member reads on from: an error for the whole request, and one for each partition. */
  async function deleteOffsets(groupId: string, partitions: readonly PartitionOf[]) {
    const refuse = (errorCode: number) => ({ errorCode, partitions: [] as number[] });
    if (closed) return refuse(closing);
    const state = stateOf(groupId);
    if (state === 'Dead') return refuse(errorCodes.groupIdNotFound);
    const group = state === 'Empty' ? undefined : groups.get(groupId);
    // Only of consumers it is known what they read.
    if (group && group.protocolType !== consumerProtocolType) return refuse(errorCodes.nonEmptyGroup);
    const isFree = ({ topic }: PartitionOf) => !group?.isSubscribed(topic);
    const kept = await attempt(offsets.remove(new Map([[groupId, partitions.filter(isFree)]])), groupId);
    return {
      errorCode: errorCodes.none,
      partitions: partitions.map((each) => (isFree(each) ? kept : errorCodes.groupSubscribedToTopic)),
    };
  }

  /** Forgets the offsets of a deleted topic in all groups; resolves when it is so. */
  async function dropTopic(topic: string): Promise<void> {
    await attempt(offsets.dropTopic(topic));
  }

  return {
    join,
    sync,
    heartbeat,
    leave,
    commit,
    admitTransactionalCommit,
    /** What commits offsets of a group once it is in the journal, without asking. */
    commitEntry: offsets.commitEntry,
    /** The offset that a group has committed for a partition. */
    committed: (groupId: string, partition: PartitionOf): CommittedOffset | undefined =>
      offsets.get(groupId, partition),
    /** All that a group has committed, by topic and partition. */
    allCommitted: (groupId: string): KeptGroup['offsets'] => offsets.groups.get(groupId)?.offsets ?? new Map(),
    list,
    describe,
    deleteGroup,
    deleteOffsets,
    dropTopic,
    /** Answers what is parked, at once and so that clients try again; stops all timers. Later requests are refused. */
    close(): void {
      closed = true;
      cancelSweep();
      for (const group of groups.values()) group.close();
    },
  };
}
