import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { Group, type MemberIdentity, type SyncRequest } from './group.ts';
import { createGroupOffsets } from './group-offsets.ts';
import type { Journal } from './journal.ts';
import { type JoinRequest, metadataFor } from './member.ts';
import { findExpired } from './offset-expiry.ts';
import { createOffsetStore } from './offset-store.ts';
import type { GroupState } from './rebalance.ts';
import { closing, type JoinResult, noBytes, refuseJoin, refuseSync, type SyncResult } from './results.ts';
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
  const groupOffsets = createGroupOffsets({ offsets, groups, stateOf, isClosed: () => closed, timers, logger });

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
    return groupOffsets.removeGroup(groupId);
  }

  return {
    join,
    sync,
    heartbeat,
    leave,
    commit: groupOffsets.commit,
    admitTransactionalCommit: groupOffsets.admitTransactionalCommit,
    commitEntry: groupOffsets.commitEntry,
    committed: groupOffsets.committed,
    allCommitted: groupOffsets.allCommitted,
    deleteOffsets: groupOffsets.deleteOffsets,
    dropTopic: groupOffsets.dropTopic,
    knowsTopic: groupOffsets.knowsTopic,
    list,
    describe,
    deleteGroup,
    /** Answers what is parked, at once and so that clients try again; stops all timers. Later requests are refused. */
    close(): void {
      closed = true;
      cancelSweep();
      for (const group of groups.values()) group.close();
    },
  };
}
