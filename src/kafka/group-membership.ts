import { connectClient } from './client.ts';
import { GroupMember } from './group-member.ts';
import type { GroupMembership, GroupMembershipOptions } from './group-term.ts';

export type { GroupMembership, GroupTerm } from './group-term.ts';

/**
 * Joins a consumer group of which one member at a time is active; it does not fetch, and commits only for the active.
 * @throws DashctlError `BROKER_UNREACHABLE`, `BROKER_REFUSED`; the iteration throws when the group does not take us.
 */
export async function groupMembership(options: GroupMembershipOptions): Promise<GroupMembership> {
  const client = await connectClient(options.connection, options.signal);
  const member = new GroupMember(client, options);
  void member.run();
  return member;
}
