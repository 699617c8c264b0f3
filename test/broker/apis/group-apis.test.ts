import { describe, expect, onTestFinished, test } from 'vitest';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { deleteGroups } from '../../../src/broker/apis/delete-groups.ts';
import { describeGroups } from '../../../src/broker/apis/describe-groups.ts';
import { heartbeat } from '../../../src/broker/apis/heartbeat.ts';
import { joinGroup } from '../../../src/broker/apis/join-group.ts';
import { leaveGroup } from '../../../src/broker/apis/leave-group.ts';
import { listGroups } from '../../../src/broker/apis/list-groups.ts';
import { offsetCommit } from '../../../src/broker/apis/offset-commit.ts';
import { offsetDelete } from '../../../src/broker/apis/offset-delete.ts';
import { offsetFetch } from '../../../src/broker/apis/offset-fetch.ts';
import { syncGroup } from '../../../src/broker/apis/sync-group.ts';
import { startBroker } from '../../../src/broker/broker.ts';
import { errorCodes } from '../../../src/broker/protocol/error-codes.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { connectRaw, type RawClient } from '../_raw-client.ts';
import { silent } from '../group/_group-of-members.ts';

async function connected(): Promise<RawClient> {
  const broker = await startBroker({ dataDir: temporaryFolder(), port: 0, logger: silent });
  const client = await connectRaw(broker.port);
  onTestFinished(async () => {
    client.close();
    await broker.close();
  });
  return client;
}

const groupId = 'readers';
const versionsOf = ({ versions: [first, last] }: { versions: readonly [number, number] }) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Joins as the only member, coming back with an id where the version asks for it; gives the last answer. */
async function join(client: RawClient, version: number, memberId = '') {
  const request = {
    groupId,
    sessionTimeout: 10_000,
    rebalanceTimeout: 20_000,
    memberId,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('wishes') }],
  };
  const answer = await client.call(joinGroup, version, request);
  if (answer.errorCode !== errorCodes.memberIdRequired) return answer;
  return client.call(joinGroup, version, { ...request, memberId: answer.memberId });
}

const sync = (client: RawClient, version: number, { memberId, generation }: { memberId: string; generation: number }) =>
  client.call(syncGroup, version, {
    groupId,
    generation,
    memberId,
    instanceId: null,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [{ memberId, assignment: Buffer.from('work') }],
  });

const commit = (client: RawClient, version: number, topics: Record<string, number>, metadata: string | null = null) =>
  client.call(offsetCommit, version, {
    groupId,
    generation: -1,
    memberId: '',
    instanceId: null,
    retentionTime: -1,
    topics: Object.entries(topics).map(([name, offset]) => ({
      name,
      partitions: [{ partition: 0, offset, leaderEpoch: 3, metadata }],
    })),
  });

async function withTopics(...names: string[]) {
  const client = await connected();
  const topics = names.map((name) => ({ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }));
  await client.call(createTopics, 5, { topics, timeoutMs: 1_000, validateOnly: false });
  return client;
}

describe('a member of every version', () => {
  test.each(versionsOf(joinGroup))('joins (v%i), syncs, is alive and leaves', async (version) => {
    const client = await connected();
    const joined = await join(client, version);
    expect(joined).toMatchObject({ errorCode: 0, generation: 1, protocolName: 'range', leaderId: joined.memberId });
    expect(joined.members).toMatchObject([{ memberId: joined.memberId, metadata: Buffer.from('wishes') }]);
    expect(joined.protocolType).toBe(version >= 7 ? 'consumer' : null);
    const { memberId, generation } = joined;
    const syncVersion = Math.min(version, 5);
    expect((await sync(client, syncVersion, joined)).assignment.toString()).toBe('work');
    const beat = { groupId, generation, memberId, instanceId: null };
    // In v0 these answers are shorter than any request, and the client cuts frames with the broker's own reader.
    const leaveVersion = Math.max(syncVersion, 1);
    expect((await client.call(heartbeat, Math.min(leaveVersion, 4), beat)).errorCode).toBe(errorCodes.none);
    const leaving = { groupId, memberId, members: [{ memberId, instanceId: null, reason: null }] };
    const left = await client.call(leaveGroup, leaveVersion, leaving);
    expect(left).toMatchObject({ errorCode: 0, members: leaveVersion >= 3 ? [{ memberId, errorCode: 0 }] : [] });
    const again = await client.call(leaveGroup, leaveVersion, leaving);
    expect(leaveVersion >= 3 ? again.members[0]?.errorCode : again.errorCode).toBe(errorCodes.unknownMemberId);
  });

  test('is asked to come back with its id from v4 on', async () => {
    const client = await connected();
    const request = {
      groupId,
      sessionTimeout: 10_000,
      rebalanceTimeout: 20_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    };
    for (const version of versionsOf(joinGroup)) {
      const { errorCode, memberId } = await client.call(joinGroup, version, { ...request, groupId: `v${version}` });
      expect(errorCode).toBe(version >= 4 ? errorCodes.memberIdRequired : errorCodes.none);
      expect(memberId).toMatch(/^raw-client-/);
    }
  });

  test('that is refused hears so in every version', async () => {
    const client = await connected();
    for (const version of versionsOf(joinGroup)) {
      const refused = await join(client, version, 'nobody');
      expect(refused).toMatchObject({ errorCode: errorCodes.unknownMemberId, generation: -1, memberId: 'nobody' });
      expect(refused.protocolName).toBe(version >= 7 ? null : '');
    }
    for (const version of versionsOf(syncGroup)) {
      const refused = await sync(client, version, { memberId: 'nobody', generation: 1 });
      expect(refused.errorCode).toBe(errorCodes.unknownMemberId);
    }
  });
});

describe('groups as tools see them', () => {
  test('described: stable with its members, unknown as dead', async () => {
    const client = await connected();
    const joined = await join(client, 5);
    await sync(client, 5, joined);
    for (const version of versionsOf(describeGroups)) {
      const request = { groupIds: [groupId, 'unknown'], includeAuthorizedOperations: true };
      const { groups } = await client.call(describeGroups, version, request);
      expect(groups).toMatchObject([
        {
          errorCode: 0,
          state: 'Stable',
          protocolType: 'consumer',
          protocolName: 'range',
          members: [
            {
              memberId: joined.memberId,
              clientId: 'raw-client',
              metadata: Buffer.from('wishes'),
              assignment: Buffer.from('work'),
            },
          ],
        },
        { errorCode: 0, state: 'Dead', protocolType: '', members: [] },
      ]);
    }
  });

  test('listed, by state and type where the version can ask for them', async () => {
    const client = await withTopics('sex');
    await commit(client, 8, { sex: 1 });
    for (const version of versionsOf(listGroups)) {
      const all = await client.call(listGroups, version, { states: [], types: [] });
      expect(all.groups.map((group) => group.groupId)).toEqual([groupId]);
      expect(all.groups[0]?.state).toBe(version >= 4 ? 'Empty' : '');
    }
    const count = async (states: string[], types: string[]) =>
      (await client.call(listGroups, 5, { states, types })).groups.length;
    expect(await count(['empty', 'Stable'], ['Classic'])).toBe(1);
    expect(await count(['Stable'], [])).toBe(0);
    expect(await count([], ['consumer'])).toBe(0);
  });

  test('deleted when they are empty', async () => {
    const client = await withTopics('sex');
    for (const version of versionsOf(deleteGroups)) {
      await commit(client, 8, { sex: 1 });
      const { results } = await client.call(deleteGroups, version, { groupIds: [groupId, 'unknown'] });
      expect(results.map(({ errorCode }) => errorCode)).toEqual([errorCodes.none, errorCodes.groupIdNotFound]);
    }
  });
});

describe('offsets of every version', () => {
  test('are committed and fetched; unknown topics are refused, unknown offsets are -1', async () => {
    const client = await withTopics('sex', 'age');
    for (const version of versionsOf(offsetCommit)) {
      const committed = await commit(client, version, { nowhere: 1, sex: version, age: version }, 'a note');
      expect(committed.topics.map(({ name, partitions }) => [name, partitions[0]?.errorCode])).toEqual([
        ['nowhere', errorCodes.unknownTopicOrPartition],
        ['sex', errorCodes.none],
        ['age', errorCodes.none],
      ]);
      const wanted = [{ name: 'sex', partitions: [0, 1] }];
      for (const fetchVersion of versionsOf(offsetFetch)) {
        const request = { groupId, topics: wanted, groups: [{ groupId, topics: wanted }], requireStable: true };
        const fetched = await client.call(offsetFetch, fetchVersion, request);
        const [topic] = fetchVersion >= 8 ? (fetched.groups[0]?.topics ?? []) : fetched.topics;
        const epoch = (known: number) => (fetchVersion >= 5 ? known : 0);
        expect(topic?.partitions).toEqual([
          {
            partition: 0,
            offset: version,
            leaderEpoch: epoch(version >= 6 ? 3 : -1),
            metadata: 'a note',
            errorCode: 0,
          },
          { partition: 1, offset: -1, leaderEpoch: epoch(-1), metadata: '', errorCode: 0 },
        ]);
      }
    }
  });

  test('are fetched all at once for null topics, of several groups from v8 on', async () => {
    const client = await withTopics('sex', 'age');
    await commit(client, 8, { sex: 1, age: 2 });
    for (const version of versionsOf(offsetFetch).filter((each) => each >= 2 && each < 8)) {
      const fetched = await client.call(offsetFetch, version, {
        groupId,
        topics: null,
        groups: [],
        requireStable: false,
      });
      expect(fetched.topics.map(({ name }) => name)).toEqual(['sex', 'age']);
    }
    const groups = [
      { groupId, topics: null },
      { groupId: 'unknown', topics: null },
    ];
    const fetched = await client.call(offsetFetch, 8, { groupId: '', topics: null, groups, requireStable: false });
    expect(fetched.groups.map(({ topics }) => topics.length)).toEqual([2, 0]);
  });

  test('are deleted one by one', async () => {
    const client = await withTopics('sex', 'age');
    await commit(client, 8, { sex: 1, age: 2 });
    const topics = [{ name: 'age', partitions: [{ partition: 0 }] }];
    expect(await client.call(offsetDelete, 0, { groupId, topics })).toMatchObject({
      errorCode: 0,
      topics: [{ name: 'age', partitions: [{ partition: 0, errorCode: 0 }] }],
    });
    expect(await client.call(offsetDelete, 0, { groupId: 'unknown', topics })).toMatchObject({
      errorCode: errorCodes.groupIdNotFound,
      topics: [],
    });
    const left = await client.call(offsetFetch, 7, { groupId, topics: null, groups: [], requireStable: false });
    expect(left.topics.map(({ name }) => name)).toEqual(['sex']);
  });
});
