import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import type { Group, MemberIdentity } from './group.ts';
import type { CommittedOffset, KeptGroup, OffsetStore, PartitionOf } from './offset-store.ts';
import type { GroupState } from './rebalance.ts';
import { closing } from './results.ts';
import { consumerProtocolType } from './subscription.ts';
import type { Timers } from './timers.ts';

export interface CommitRequest extends MemberIdentity {
  readonly groupId: string;
  /** -1 from a client that is no member. */
  readonly generation: number;
  readonly offsets: readonly (PartitionOf & Omit<CommittedOffset, 'commitTimestamp'>)[];
}

interface GroupOffsetsOptions {
  readonly offsets: OffsetStore;
  readonly groups: ReadonlyMap<string, Group>;
  readonly stateOf: (groupId: string) => GroupState;
  readonly isClosed: () => boolean;
  readonly timers: Timers;
  readonly logger: Logger;
}

export const largestMetadataBytes = 4_096;

/** The committed offsets of all groups, and who may commit or forget which. */
export function createGroupOffsets({ offsets, groups, stateOf, isClosed, timers, logger }: GroupOffsetsOptions) {
  function admitCommit(request: CommitRequest): number {
    if (isClosed()) return closing;
    const group = groups.get(request.groupId);
    if (group) return group.admitCommit(request, request.generation);
    return request.generation < 0 ? errorCodes.none : errorCodes.illegalGeneration;
  }

  /** What is wrong with a commit that a transaction holds back: 0 when nothing. Whoever is no member says so by no id. */
  function admitTransactionalCommit({ groupId, generation, ...identity }: Omit<CommitRequest, 'offsets'>): number {
    if (isClosed()) return closing;
    if (groupId === '') return errorCodes.invalidGroupId;
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

  /** Forgets offsets that no member reads on from: an error for the whole request, and one for each partition. */
  async function deleteOffsets(groupId: string, partitions: readonly PartitionOf[]) {
    const refuse = (errorCode: number) => ({ errorCode, partitions: [] as number[] });
    if (isClosed()) return refuse(closing);
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

  return {
    commit,
    admitTransactionalCommit,
    deleteOffsets,
    /**
     * Forgets the offsets of a deleted topic in all groups; resolves when it is so.
     * @throws Error when the journal cannot take it; they are still there then.
     */
    dropTopic: offsets.dropTopic,
    /** Whether any group has committed an offset of a topic of this name. */
    knowsTopic: (topic: string): boolean => [...offsets.groups.values()].some((kept) => kept.offsets.has(topic)),
    /** What commits offsets of a group once it is in the journal, without asking. */
    commitEntry: offsets.commitEntry,
    /** The offset that a group has committed for a partition. */
    committed: (groupId: string, partition: PartitionOf): CommittedOffset | undefined =>
      offsets.get(groupId, partition),
    /** All that a group has committed, by topic and partition. */
    allCommitted: (groupId: string): KeptGroup['offsets'] => offsets.groups.get(groupId)?.offsets ?? new Map(),
    /** Forgets all about a group. */
    removeGroup: (groupId: string): Promise<number> => attempt(offsets.removeGroups([groupId]), groupId),
  };
}
