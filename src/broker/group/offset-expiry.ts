import type { KeptGroup, OffsetStore, PartitionOf } from './offset-store.ts';

/** How long offsets outlive the last member of their group, or their commit when there never were members. */
const offsetRetention = 7 * 24 * 3_600_000;

/** What time has made of kept groups: offsets to forget, and groups that have none left. */
export interface Expired {
  readonly offsets: ReadonlyMap<string, readonly PartitionOf[]>;
  readonly groups: readonly string[];
}

/**
 * Finds what is to be forgotten at a time (epoch ms). Groups with members keep everything; so do those that `isInUse`
 * knows to be getting some.
 */
export function findExpired(
  store: Pick<OffsetStore, 'groups'>,
  now: number,
  isInUse: (groupId: string) => boolean,
): Expired {
  const offsets = new Map<string, PartitionOf[]>();
  const groups: string[] = [];
  for (const [groupId, kept] of store.groups) {
    if (kept.occupied || isInUse(groupId)) continue;
    const { total, expired } = expiredIn(kept, now);
    if (expired.length === total) groups.push(groupId);
    else if (expired.length > 0) offsets.set(groupId, expired);
  }
  return { offsets, groups };
}

function expiredIn({ offsets, emptySince }: KeptGroup, now: number) {
  const expired: PartitionOf[] = [];
  let total = 0;
  for (const [topic, partitions] of offsets) {
    total += partitions.size;
    for (const [partition, { commitTimestamp }] of partitions) {
      // An offset that was set after the group became empty, as by a reset, counts from then.
      if (now - Math.max(commitTimestamp, emptySince ?? 0) >= offsetRetention) expired.push({ topic, partition });
    }
  }
  return { total, expired };
}
