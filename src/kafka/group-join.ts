import { DashctlError } from '../runtime/errors.ts';
import { errorCodes, joinGroupApi, syncGroupApi } from './apis.ts';
import type { BrokerLink } from './broker-link.ts';
import type { KafkaClient } from './client.ts';
import { refusal } from './errors.ts';
import {
  assignExclusively,
  encodeStanding,
  exclusiveProtocol,
  isActiveAssignment,
  type Standing,
} from './exclusive-assignment.ts';

export const sessionTimeout = 10_000;
// Less than the session: a member that rejoins has its answer before it must think itself forgotten.
const rebalanceTimeout = 8_000;

export interface JoinRequest {
  groupId: string;
  topics: readonly string[];
  /** Empty until the coordinator has given one. */
  memberId: string;
  standing: Standing;
}

/** What came of it: a seat, or a reason to ask again with this member id. */
export interface JoinOutcome {
  errorCode: number;
  memberId: string;
  generation: number;
  isActive: boolean;
}

/** One round of JoinGroup and SyncGroup. Takes until all members have come, or the rebalance timeout. */
export async function joinOnce(client: KafkaClient, link: BrokerLink, request: JoinRequest): Promise<JoinOutcome> {
  const { groupId, topics, standing } = request;
  const { errorCode, memberId, generationId, leaderId, members } = await link.call(joinGroupApi, {
    groupId,
    sessionTimeout,
    rebalanceTimeout,
    memberId: request.memberId,
    protocolType: 'consumer',
    groupProtocols: [{ name: exclusiveProtocol, metadata: encodeStanding(topics, standing) }],
  });
  const outcome = { errorCode, memberId: memberId || request.memberId, generation: generationId, isActive: false };
  if (errorCode !== errorCodes.none) return outcome;
  const assigns = leaderId === memberId;
  const synced = await link.call(syncGroupApi, {
    groupId,
    generationId,
    memberId,
    groupAssignment: assigns ? assignExclusively(members, await partitionNumbers(client, topics)) : [],
  });
  if (synced.errorCode !== errorCodes.none) return { ...outcome, errorCode: synced.errorCode };
  return { ...outcome, isActive: isActiveAssignment(synced.memberAssignment) };
}

async function partitionNumbers(client: KafkaClient, names: readonly string[]): Promise<Map<string, number[]>> {
  const { topics } = await client.metadata(names);
  return new Map([...topics].map(([topic, partitions]) => [topic, partitions.map(({ partition }) => partition)]));
}

const inconsistentProtocol = 23;
const lasting: ReadonlySet<number> = new Set([inconsistentProtocol, 24, 26, 29, 30]);

/** Wraps what ends a membership for good. */
export class LastingError extends Error {
  readonly reason: DashctlError;

  constructor(reason: DashctlError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** The error for what the coordinator answered: a LastingError where trying again does not help. */
export function groupError(groupId: string, errorCode: number): Error {
  const reason = refusal(`group ${groupId}`, errorCode);
  if (errorCode === inconsistentProtocol) {
    return new LastingError(
      new DashctlError('BROKER_REFUSED', `group ${groupId} is in use by consumers of another kind`, {
        hint: 'choose another with --group',
        cause: reason,
      }),
    );
  }
  return lasting.has(errorCode) ? new LastingError(reason) : reason;
}
