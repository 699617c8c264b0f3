import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createGroupCoordinator, type GroupCoordinator } from '../../../src/broker/group/coordinator.ts';
import { openJournal } from '../../../src/broker/group/journal.ts';
import { createOffsetStore } from '../../../src/broker/group/offset-store.ts';
import { errorCodes } from '../../../src/broker/protocol/error-codes.ts';
import { fakeTimers } from './_fake-timers.ts';
import {
  coordinatorFixture,
  groupId,
  joinRequest,
  protocol,
  silent,
  stableGroup,
  stateOf,
} from './_group-of-members.ts';
import { memoryJournal } from './_memory-journal.ts';

const day = 24 * 3_600_000;
const outsider = { memberId: '', instanceId: null, generation: -1 };
const position = (topic: string, partition: number, offset: number, metadata = '', leaderEpoch = -1) => ({
  topic,
  partition,
  offset,
  metadata,
  leaderEpoch,
});

const commit = (groups: GroupCoordinator, group: string, ...offsets: ReturnType<typeof position>[]) =>
  groups.commit({ ...outsider, groupId: group, offsets });

const offsetsOf = (groups: GroupCoordinator, group: string) =>
  Object.fromEntries(
    [...groups.allCommitted(group)].map(([topic, partitions]) => [
      topic,
      Object.fromEntries([...partitions].map(([partition, { offset }]) => [partition, offset])),
    ]),
  );

describe('committed offsets', () => {
  test('come back with their epoch and metadata, after a restart too; members do not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dashctl-offsets-'));
    const file = join(directory, 'state.journal');
    try {
      const first = await openJournal({ file, fsync: 'os', logger: silent });
      const before = createGroupCoordinator({ journal: first, logger: silent });
      await before.join(joinRequest());
      const text = 'до 位置 \u0000 "quoted"';
      expect(await commit(before, 'lab', position('sex', 0, 2 ** 53 - 1, text, 7), position('age', 3, 0))).toEqual([
        0, 0,
      ]);
      before.close();
      await first.close();
      const second = await openJournal({ file, fsync: 'os', logger: silent });
      const after = createGroupCoordinator({ journal: second, logger: silent });
      expect(after.committed('lab', { topic: 'sex', partition: 0 })).toMatchObject({
        offset: 2 ** 53 - 1,
        leaderEpoch: 7,
        metadata: text,
      });
      expect(offsetsOf(after, 'lab')).toEqual({ sex: { 0: 2 ** 53 - 1 }, age: { 3: 0 } });
      expect(after.committed('lab', { topic: 'sex', partition: 1 })).toBeUndefined();
      expect(after.describe(groupId)).toMatchObject({ state: 'Empty', protocolType: 'consumer', members: [] });
      after.close();
      await second.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('are refused one by one when their metadata is too long', async () => {
    const { groups } = coordinatorFixture();
    const codes = await commit(
      groups,
      'lab',
      position('sex', 0, 1, 'x'.repeat(4_096)),
      position('sex', 1, 1, '女'.repeat(1_366)),
    );
    expect(codes).toEqual([errorCodes.none, errorCodes.offsetMetadataTooLarge]);
    expect(offsetsOf(groups, 'lab')).toEqual({ sex: { 0: 1 } });
  });

  test('are not changed by a commit that the journal could not keep, which may be tried again', async () => {
    const { groups, journal } = coordinatorFixture();
    await commit(groups, 'lab', position('sex', 0, 1));
    journal.full = true;
    expect(await commit(groups, 'lab', position('sex', 0, 2))).toEqual([errorCodes.coordinatorNotAvailable]);
    expect(offsetsOf(groups, 'lab')).toEqual({ sex: { 0: 1 } });
    journal.full = false;
    expect(await commit(groups, 'lab', position('sex', 0, 3))).toEqual([errorCodes.none]);
    expect(offsetsOf(groups, 'lab')).toEqual({ sex: { 0: 3 } });
  });

  test('of a deleted topic are forgotten in all groups, after a restart too', async () => {
    const { groups, journal } = coordinatorFixture();
    await commit(groups, 'lab', position('sex', 0, 1), position('sex', 1, 1), position('age', 0, 1));
    await commit(groups, 'other', position('sex', 0, 5));
    expect(groups.knowsTopic('sex')).toBe(true);
    await groups.dropTopic('sex');
    expect(groups.knowsTopic('sex')).toBe(false);
    const restarted = coordinatorFixture({ journal: memoryJournal(journal.entries) }).groups;
    for (const each of [groups, restarted]) {
      expect(offsetsOf(each, 'lab')).toEqual({ age: { 0: 1 } });
      expect(offsetsOf(each, 'other')).toEqual({});
    }
  });

  test('are the same when they are made from a snapshot', async () => {
    const { groups, journal } = coordinatorFixture();
    await stableGroup({ groups, journal, timers: fakeTimers() }, [{}]);
    await commit(groups, 'lab', position('sex', 0, 1, 'note', 3), position('age', 2, 9));
    await commit(groups, 'lab', position('sex', 0, 4));
    const owners: { snapshot(): Iterable<{ type: number; payload: Buffer }> }[] = [];
    const store = createOffsetStore({
      ...memoryJournal(journal.entries),
      attach: (owner) => {
        owners.push(owner);
        for (const entry of journal.entries) owner.apply(entry);
      },
    });
    const rewritten = createOffsetStore(memoryJournal([...(owners[0]?.snapshot() ?? [])]));
    expect(rewritten.groups).toEqual(store.groups);
    expect(rewritten.groups.size).toBe(2);
  });
});

describe('offsets expire', () => {
  test('seven days after the last member left, not while there are members', async () => {
    const fixture = coordinatorFixture();
    const { groups, timers } = fixture;
    const patient = { sessionTimeout: 1_800_000, clientId: 'patient' };
    const [member] = await stableGroup(fixture, [patient]);
    const identity = { groupId, memberId: member?.memberId ?? '', instanceId: null, generation: 1 };
    await groups.commit({ ...identity, offsets: [position('sex', 0, 1)] });
    for (let waited = 0; waited < 8 * day; waited += 1_000_000) {
      timers.advance(1_000_000);
      expect(groups.heartbeat(identity)).toBe(errorCodes.none);
    }
    expect(offsetsOf(groups, groupId)).toEqual({ sex: { 0: 1 } });
    groups.leave(groupId, [identity]);
    timers.advance(7 * day - 1);
    expect(offsetsOf(groups, groupId)).toEqual({ sex: { 0: 1 } });
    timers.advance(600_001);
    await Promise.resolve();
    expect(offsetsOf(groups, groupId)).toEqual({});
    timers.advance(600_000);
    expect(groups.list()).toEqual([]);
  });

  test('seven days after their own commit in a group without members', async () => {
    const { groups, timers } = coordinatorFixture();
    await commit(groups, 'lab', position('sex', 0, 1));
    timers.advance(4 * day);
    await commit(groups, 'lab', position('age', 0, 1));
    timers.advance(3 * day + 600_000);
    expect(offsetsOf(groups, 'lab')).toEqual({ age: { 0: 1 } });
    timers.advance(4 * day);
    await Promise.resolve();
    expect(groups.list()).toEqual([]);
  });

  test('counting from the restart, when the broker stopped while there were members', async () => {
    const first = coordinatorFixture();
    await stableGroup(first, [{}]);
    const identity = { memberId: first.groups.describe(groupId).members[0]?.memberId ?? '', instanceId: null };
    await first.groups.commit({ groupId, ...identity, generation: 1, offsets: [position('sex', 0, 1)] });
    first.groups.close();
    const timers = fakeTimers(first.timers.now() + 30 * day);
    const { groups } = coordinatorFixture({ journal: memoryJournal(first.journal.entries), timers });
    timers.advance(7 * day - 600_000);
    expect(offsetsOf(groups, groupId)).toEqual({ sex: { 0: 1 } });
    timers.advance(1_200_000);
    expect(offsetsOf(groups, groupId)).toEqual({});
  });
});

describe('deleting', () => {
  test('a group takes an empty one with its offsets, and no other', async () => {
    const fixture = coordinatorFixture();
    const { groups, journal } = fixture;
    await commit(groups, 'lab', position('sex', 0, 1));
    await stableGroup(fixture, [{}]);
    expect(await groups.deleteGroup('unknown')).toBe(errorCodes.groupIdNotFound);
    expect(await groups.deleteGroup(groupId)).toBe(errorCodes.nonEmptyGroup);
    expect(await groups.deleteGroup('lab')).toBe(errorCodes.none);
    expect(groups.describe('lab').state).toBe('Dead');
    const restarted = coordinatorFixture({ journal: memoryJournal(journal.entries) });
    expect(restarted.groups.list().map((group) => group.groupId)).toEqual([groupId]);
    expect(stateOf(restarted)).toBe('Empty');
  });

  test('offsets spares the topics that members read', async () => {
    const fixture = coordinatorFixture();
    const { groups } = fixture;
    await commit(groups, groupId, position('sex', 0, 1), position('age', 0, 1));
    const partitions = [
      { topic: 'sex', partition: 0 },
      { topic: 'age', partition: 0 },
    ];
    await stableGroup(fixture, [{ protocols: [protocol('range', 'sex')] }]);
    expect(await groups.deleteOffsets(groupId, partitions)).toEqual({
      errorCode: errorCodes.none,
      partitions: [errorCodes.groupSubscribedToTopic, errorCodes.none],
    });
    expect(offsetsOf(groups, groupId)).toEqual({ sex: { 0: 1 } });
    expect((await groups.deleteOffsets('unknown', partitions)).errorCode).toBe(errorCodes.groupIdNotFound);
  });

  test('offsets spares all of them where members speak of no topics', async () => {
    const fixture = coordinatorFixture();
    await stableGroup(fixture, [{ protocols: [{ name: 'range', metadata: Buffer.from('?') }] }]);
    const partitions = [{ topic: 'sex', partition: 0 }];
    expect((await fixture.groups.deleteOffsets(groupId, partitions)).partitions).toEqual([
      errorCodes.groupSubscribedToTopic,
    ]);
    const connect = coordinatorFixture();
    await stableGroup(connect, [{ protocolType: 'connect' }]);
    expect((await connect.groups.deleteOffsets(groupId, partitions)).errorCode).toBe(errorCodes.nonEmptyGroup);
  });
});

test('listing names groups with members and those that only committed', async () => {
  const fixture = coordinatorFixture();
  await commit(fixture.groups, 'lab', position('sex', 0, 1));
  await stableGroup(fixture, [{}]);
  expect(fixture.groups.list()).toEqual([
    { groupId, protocolType: 'consumer', state: 'Stable' },
    { groupId: 'lab', protocolType: '', state: 'Empty' },
  ]);
});
