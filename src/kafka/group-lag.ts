import { describeGroupsApi, errorCodes, listGroupsApi } from './apis.ts';
import type { KafkaClient } from './client.ts';
import { refusal } from './errors.ts';
import { type CommittedOffset, fetchOffsets } from './group-offsets.ts';

/** A consumer group, seen from one topic. */
export interface TopicGroup {
  groupId: string;
  /** In Kafka's words: Stable, Empty, PreparingRebalance … */
  state: string;
  members: number;
  /** What it has committed, by partition. */
  committed: ReadonlyMap<number, number>;
}

/** The groups that have committed offsets in a topic, by name; groups that this user may not see are not among them. */
export async function groupsOfTopic(
  client: KafkaClient,
  nodes: readonly number[],
  topic: string,
): Promise<TopicGroup[]> {
  const groups: TopicGroup[] = [];
  // Each broker knows the groups that it coordinates.
  for (const node of nodes) {
    const { errorCode, groups: listed } = await client.call(node, listGroupsApi, {});
    if (errorCode !== errorCodes.none) throw refusal('no list of the consumer groups', errorCode);
    const held: { groupId: string; committed: Map<number, number> }[] = [];
    for (const { groupId } of listed) {
      const offsets = await fetchOffsets(client, node, groupId, [topic]);
      if (typeof offsets === 'number' || offsets.size === 0) continue;
      held.push({ groupId, committed: byPartition(offsets) });
    }
    if (held.length === 0) continue;
    const described = await client.call(node, describeGroupsApi, { groupIds: held.map(({ groupId }) => groupId) });
    for (const { groupId, committed } of held) {
      const found = described.groups.find((group) => group.groupId === groupId);
      groups.push({ groupId, committed, state: found?.state ?? '', members: found?.members.length ?? 0 });
    }
  }
  return groups.sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
}

const byPartition = (offsets: ReadonlyMap<string, CommittedOffset>) =>
  new Map([...offsets].map(([key, { offset }]) => [Number(key.slice(key.lastIndexOf('/') + 1)), offset]));
