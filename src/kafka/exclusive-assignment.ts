import { MemberAssignment, MemberMetadata } from 'kafkajs/src/consumer/assignerProtocol.js';

/** The name under which members of a group agree on this way of sharing: one works, the others stand by. */
export const exclusiveProtocol = 'dashctl-exclusive';

/** What a member tells the one that assigns. */
export interface Standing {
  /** The generation in which it last was the active one, and still is as far as it knows; -1 for a standby. */
  activeIn: number;
  /** When it joined, epoch ms. */
  since: number;
}

interface Member {
  memberId: string;
  memberMetadata: Buffer;
}

/** A member's subscription, in the consumer protocol's form, so that Kafka's own tools can show it. */
export const encodeStanding = (topics: readonly string[], standing: Standing): Buffer =>
  MemberMetadata.encode({ version: 1, topics, userData: Buffer.from(JSON.stringify(standing)) });

function standingOf({ memberMetadata }: Member): Standing {
  try {
    const { activeIn, since } = JSON.parse(String(MemberMetadata.decode(memberMetadata).userData));
    return { activeIn: Number(activeIn), since: Number(since) };
  } catch {
    return { activeIn: -1, since: Number.POSITIVE_INFINITY };
  }
}

/** Whoever was active last stays it; else the one that has waited longest takes over. */
export function activeMember(members: readonly Member[]): string | undefined {
  const candidates = members.map((member) => ({ memberId: member.memberId, ...standingOf(member) }));
  candidates.sort((a, b) => b.activeIn - a.activeIn || a.since - b.since || (a.memberId < b.memberId ? -1 : 1));
  return candidates[0]?.memberId;
}

/** Gives all partitions to one member and none to the others. */
export function assignExclusively(
  members: readonly Member[],
  partitions: ReadonlyMap<string, readonly number[]>,
): { memberId: string; memberAssignment: Buffer }[] {
  const active = activeMember(members);
  return members.map(({ memberId }) => ({
    memberId,
    memberAssignment: MemberAssignment.encode({
      version: 1,
      assignment: memberId === active ? Object.fromEntries(partitions) : {},
      userData: Buffer.from(memberId === active ? 'active' : 'standby'),
    }),
  }));
}

/** Whether an assignment makes its member the active one, also of topics that have no partitions yet. */
export const isActiveAssignment = (assignment: Buffer): boolean =>
  assignment.length > 0 && String(MemberAssignment.decode(assignment)?.userData) === 'active';
