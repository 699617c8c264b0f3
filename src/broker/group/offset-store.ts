import type { Journal, JournalOwner } from './journal.ts';
import type { JournalEntry } from './journal-frames.ts';

/** How far a group has read one partition. */
export interface CommittedOffset {
  /** Of the next record to read. */
  readonly offset: number;
  /** -1 when the client did not say. */
  readonly leaderEpoch: number;
  /** Whatever the client wants to find again. */
  readonly metadata: string;
  /** Epoch ms. */
  readonly commitTimestamp: number;
}

export interface PartitionOf {
  readonly topic: string;
  readonly partition: number;
}

type TopicOffsets = ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>;

/** What is kept of a group between runs; its members are not. */
export interface KeptGroup {
  /** Empty for a group that only ever committed, without members. */
  readonly protocolType: string;
  /** Whether it has members, or had when the last run ended. */
  readonly occupied: boolean;
  /** When the last member left, epoch ms; null while there are members, or when there never were any. */
  readonly emptySince: number | null;
  readonly offsets: TopicOffsets;
}

interface StoredGroup extends KeptGroup {
  protocolType: string;
  occupied: boolean;
  emptySince: number | null;
  readonly offsets: Map<string, Map<number, CommittedOffset>>;
}

// Entry types 1 to 15 are the groups'. Payloads are JSON: commits are few, and an entry can be read with any tool.
const entryTypes = { commit: 1, removeOffsets: 2, removeGroup: 3, occupancy: 4, dropTopic: 5 } as const;

type OffsetRow = [topic: string, partition: number, offset: number, epoch: number, metadata: string, at: number];
interface CommitPayload {
  group: string;
  offsets: OffsetRow[];
}
interface RemoveOffsetsPayload {
  group: string;
  partitions: [topic: string, partition: number][];
}
interface RemoveGroupPayload {
  group: string;
}
interface OccupancyPayload {
  group: string;
  protocolType: string;
  emptySince: number | null;
}
interface DropTopicPayload {
  topic: string;
}
type Payload = CommitPayload | RemoveOffsetsPayload | RemoveGroupPayload | OccupancyPayload | DropTopicPayload;

const entry = (type: number, payload: Payload): JournalEntry => ({
  type,
  payload: Buffer.from(JSON.stringify(payload)),
});
// The CRC has vouched for the bytes, and only this file writes such entries.
const payloadOf = <P extends Payload>({ payload }: JournalEntry): P => JSON.parse(payload.toString()) as P;

/** What keeps offsets of a group once it is in the journal. */
function commitEntry(group: string, committed: readonly (PartitionOf & CommittedOffset)[]): JournalEntry {
  const offsets = committed.map(
    ({ topic, partition, offset, leaderEpoch, metadata, commitTimestamp }): OffsetRow => [
      topic,
      partition,
      offset,
      leaderEpoch,
      metadata,
      commitTimestamp,
    ],
  );
  return entry(entryTypes.commit, { group, offsets });
}

/**
 * The committed offsets of all groups, kept in the journal. What the methods return resolves when the change is kept
 * and seen by readers; it rejects, with nothing changed, when the journal cannot take it.
 */
export function createOffsetStore(journal: Journal) {
  const groups = new Map<string, StoredGroup>();

  function groupOf(groupId: string): StoredGroup {
    const known = groups.get(groupId);
    if (known) return known;
    const created: StoredGroup = { protocolType: '', emptySince: null, occupied: false, offsets: new Map() };
    groups.set(groupId, created);
    return created;
  }

  function applyCommit({ group, offsets: rows }: CommitPayload): void {
    const { offsets } = groupOf(group);
    for (const [topic, partition, offset, leaderEpoch, metadata, commitTimestamp] of rows) {
      const partitions = offsets.get(topic) ?? new Map<number, CommittedOffset>();
      partitions.set(partition, { offset, leaderEpoch, metadata, commitTimestamp });
      offsets.set(topic, partitions);
    }
  }

  function applyRemoveOffsets({ group, partitions }: RemoveOffsetsPayload): void {
    const kept = groups.get(group);
    for (const [topic, partition] of partitions) {
      const offsets = kept?.offsets.get(topic);
      offsets?.delete(partition);
      if (offsets?.size === 0) kept?.offsets.delete(topic);
    }
  }

  function applyOccupancy({ group, protocolType, emptySince }: OccupancyPayload): void {
    Object.assign(groupOf(group), { protocolType, emptySince, occupied: emptySince === null });
  }

  function applyDropTopic({ topic }: DropTopicPayload): void {
    for (const { offsets } of groups.values()) offsets.delete(topic);
  }

  function* snapshotOf(groupId: string, kept: StoredGroup): Generator<JournalEntry> {
    const { protocolType, emptySince, occupied } = kept;
    if (occupied || emptySince !== null)
      yield entry(entryTypes.occupancy, { group: groupId, protocolType, emptySince });
    const offsets: OffsetRow[] = [];
    for (const [topic, partitions] of kept.offsets) {
      for (const [partition, { offset, leaderEpoch, metadata, commitTimestamp }] of partitions) {
        offsets.push([topic, partition, offset, leaderEpoch, metadata, commitTimestamp]);
      }
    }
    if (offsets.length > 0) yield entry(entryTypes.commit, { group: groupId, offsets });
  }

  const owner: JournalOwner = {
    types: Object.values(entryTypes),
    apply(found) {
      switch (found.type) {
        case entryTypes.commit:
          return applyCommit(payloadOf(found));
        case entryTypes.removeOffsets:
          return applyRemoveOffsets(payloadOf(found));
        case entryTypes.removeGroup:
          groups.delete(payloadOf<RemoveGroupPayload>(found).group);
          return;
        case entryTypes.occupancy:
          return applyOccupancy(payloadOf(found));
        case entryTypes.dropTopic:
          return applyDropTopic(payloadOf(found));
      }
    },
    *snapshot() {
      for (const [groupId, kept] of groups) yield* snapshotOf(groupId, kept);
    },
  };
  journal.attach(owner);

  return {
    /** The groups that something is kept of. */
    get groups(): ReadonlyMap<string, KeptGroup> {
      return groups;
    },

    get(groupId: string, { topic, partition }: PartitionOf): CommittedOffset | undefined {
      return groups.get(groupId)?.offsets.get(topic)?.get(partition);
    },

    commitEntry,

    /** Keeps the offsets of one request, all or none. */
    commit: (groupId: string, offsets: readonly (PartitionOf & CommittedOffset)[]): Promise<void> =>
      journal.append([commitEntry(groupId, offsets)]),

    /** Forgets offsets of several groups. */
    remove(removals: ReadonlyMap<string, readonly PartitionOf[]>): Promise<void> {
      const entries = [...removals]
        .filter(([, removed]) => removed.length > 0)
        .map(([group, removed]) => {
          const partitions = removed.map(({ topic, partition }): [string, number] => [topic, partition]);
          return entry(entryTypes.removeOffsets, { group, partitions });
        });
      return entries.length === 0 ? Promise.resolve() : journal.append(entries);
    },

    /**
     * Forgets the offsets of a deleted topic in all groups, also those whose commit is on its way: another topic of its
     * name starts anew.
     */
    dropTopic(topic: string): Promise<void> {
      return journal.append([entry(entryTypes.dropTopic, { topic })]);
    },

    /** Forgets all about groups. */
    removeGroups(groupIds: readonly string[]): Promise<void> {
      const entries = groupIds.map((group) => entry(entryTypes.removeGroup, { group }));
      return entries.length === 0 ? Promise.resolve() : journal.append(entries);
    },

    /** Keeps that a group has members, or since when it has none. */
    setOccupancy(groupId: string, protocolType: string, emptySince: number | null): Promise<void> {
      return journal.append([entry(entryTypes.occupancy, { group: groupId, protocolType, emptySince })]);
    },
  };
}

export type OffsetStore = ReturnType<typeof createOffsetStore>;
