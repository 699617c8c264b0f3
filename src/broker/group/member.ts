import { type JoinResult, noBytes, type SyncResult } from './results.ts';
import type { Cancel } from './timers.ts';

/** A way to assign that a member supports, with what it has to say for it. The bytes are the members' own affair. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly groupId: string;
  /** Empty when the client has none yet. */
  readonly memberId: string;
  /** `group.instance.id` of a static member (KIP-345), else null. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeout: number;
  readonly rebalanceTimeout: number;
  readonly protocolType: string;
  readonly protocols: readonly MemberProtocol[];
  /** A client without a member id is first given one, and joins when it comes back with it (KIP-394, from v4). */
  readonly requireMemberId: boolean;
  /** The client can be a leader that has nothing to assign (KIP-814, from v9). */
  readonly canSkipAssignment: boolean;
}

/** One member of a group, from its first JoinGroup until it leaves, is removed or is replaced. */
export interface Member {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  sessionTimeout: number;
  rebalanceTimeout: number;
  protocols: readonly MemberProtocol[];
  assignment: Buffer;
  /** Has not seen a generation yet, and may not even know its id. */
  isNew: boolean;
  /** Answers the JoinGroup that waits for the join phase to end. */
  answerJoin: ((result: JoinResult) => void) | null;
  /** Answers the SyncGroup that waits for the leader's. */
  answerSync: ((result: SyncResult) => void) | null;
  cancelSession: Cancel;
}

/** A member as its JoinGroup describes it, not waiting for anything yet. */
export function createMember(id: string, request: JoinRequest): Member {
  return {
    id,
    instanceId: request.instanceId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    sessionTimeout: request.sessionTimeout,
    rebalanceTimeout: request.rebalanceTimeout,
    protocols: keep(request.protocols),
    assignment: noBytes,
    isNew: true,
    answerJoin: null,
    answerSync: null,
    cancelSession: () => {},
  };
}

/** Copies what came as slices of a request frame, which would be held in memory by them. */
export const keep = (protocols: readonly MemberProtocol[]): MemberProtocol[] =>
  protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));

/** Whether a member's protocols are those that it has now, in the same order. */
export function sameProtocols(member: Member, protocols: readonly MemberProtocol[]): boolean {
  if (member.protocols.length !== protocols.length) return false;
  return member.protocols.every(({ name, metadata }, index) => {
    const other = protocols[index];
    return other !== undefined && other.name === name && other.metadata.equals(metadata);
  });
}

/** What a member says for one protocol; empty when it does not support it. */
export const metadataFor = (member: Member, protocolName: string | null): Buffer =>
  member.protocols.find(({ name }) => name === protocolName)?.metadata ?? noBytes;
