import type { BrokerContext } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import {
  array,
  between,
  boolean,
  int16,
  int32,
  int64,
  nullable,
  since,
  string,
  struct,
  until,
} from '../protocol/schema.ts';
import { api } from './api.ts';

const requestedTopics = nullable(array(struct({ name: string, partitions: array(int32) })), 2);

const offsets = array(
  struct({
    name: string,
    partitions: array(
      struct({
        partition: int32,
        offset: int64,
        leaderEpoch: since(5, int32),
        metadata: nullable(string),
        errorCode: int16,
      }),
    ),
  }),
);

// OffsetFetch v1–8. v2 may ask for everything (null topics) and adds an error for the whole, v3 the throttle time, v5
// leader epochs, v6 is flexible, v7 can insist on offsets without an open transaction, v8 asks for several groups.
export const offsetFetch = api({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 8],
  flexibleFrom: 6,
  request: struct({
    groupId: until(7, string),
    topics: until(7, requestedTopics),
    groups: since(8, array(struct({ groupId: string, topics: requestedTopics }))),
    requireStable: since(7, boolean),
  }),
  response: struct({
    throttleTime: since(3, int32, 0),
    topics: until(7, offsets),
    errorCode: between(2, 7, int16, errorCodes.none),
    groups: since(8, array(struct({ groupId: string, topics: offsets, errorCode: int16 }))),
  }),
  handle(context, { groupId, topics, groups, requireStable }, { version }) {
    const answer = (id: string, wanted: RequestedTopics) => ({
      groupId: id,
      topics: committedOffsets(context, id, wanted, requireStable),
      errorCode: errorCodes.none,
    });
    if (version < 8) return { topics: answer(groupId, topics).topics, groups: [] };
    return { topics: [], groups: groups.map((group) => answer(group.groupId, group.topics)) };
  },
});

type RequestedTopics = readonly { name: string; partitions: readonly number[] }[] | null;

/** An open transaction may yet commit another offset: the client asks again until it is decided (KIP-447). */
const unstable = (partition: number) => ({
  partition,
  offset: -1,
  leaderEpoch: -1,
  metadata: '',
  errorCode: errorCodes.unstableOffsetCommit,
});

function committedOffsets(
  { groups, transactions }: BrokerContext,
  groupId: string,
  wanted: RequestedTopics,
  requireStable: boolean,
) {
  const topics =
    wanted ?? [...groups.allCommitted(groupId)].map(([name, each]) => ({ name, partitions: [...each.keys()] }));
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => {
      if (requireStable && transactions.isPending(groupId, { topic: name, partition })) return unstable(partition);
      const committed = groups.committed(groupId, { topic: name, partition });
      const { offset = -1, leaderEpoch = -1, metadata = '' } = committed ?? {};
      return { partition, offset, leaderEpoch, metadata, errorCode: errorCodes.none };
    }),
  }));
}
