import { describe, expect, test } from 'vitest';
import type { JoinRequest } from '../../../src/broker/group/member.ts';
import { errorCodes } from '../../../src/broker/protocol/error-codes.ts';
import {
  answerOf,
  coordinatorFixture,
  groupId,
  joinRequest,
  outcomeOf,
  parked,
  protocol,
  rebalanceTimeout,
  sessionTimeout,
  stableGroup,
  stateOf,
} from './_group-of-members.ts';

const till: Partial<JoinRequest> = { instanceId: 'till-1' };
const till2: Partial<JoinRequest> = { instanceId: 'till-2' };

const coordinatorWithStatics = () => {
  const fixture = coordinatorFixture();
  return { fixture, ...fixture };
};

async function staticPair() {
  const fixture = coordinatorFixture();
  const joined = await stableGroup(fixture, [till, till2]);
  const [leader, follower] = joined.map(({ memberId, generation }) => ({ memberId, generation }));
  if (!leader || !follower) throw new Error('two members expected');
  return { fixture, leader, follower, ...fixture };
}

describe('a static member', () => {
  test('joins without being asked to come back with an id, which names its instance', async () => {
    const { groups } = coordinatorFixture();
    const joined = await answerOf(groups.join(joinRequest({ ...till, requireMemberId: true })));
    expect(joined).toMatchObject({ errorCode: errorCodes.none, generation: 1 });
    expect(joined.memberId).toMatch(/^till-1-/);
    expect(joined.members).toMatchObject([{ instanceId: 'till-1' }]);
  });

  test('takes its place again after a restart, without a rebalance, and finds its assignment', async () => {
    const { fixture, groups, leader, follower } = await staticPair();
    const back = await answerOf(groups.join(joinRequest(till2)));
    expect(back).toMatchObject({
      errorCode: 0,
      generation: follower.generation,
      leaderId: leader.memberId,
      members: [],
    });
    expect(back.memberId).not.toBe(follower.memberId);
    expect(stateOf(fixture)).toBe('Stable');
    const request = { groupId, ...back, ...till2, instanceId: 'till-2', assignments: [] };
    expect((await answerOf(groups.sync(request))).assignment.toString()).toBe('1');
  });

  test('fences its former self everywhere', async () => {
    const { groups, follower } = await staticPair();
    await answerOf(groups.join(joinRequest(till2)));
    const former = { groupId, ...follower, instanceId: 'till-2' };
    expect(groups.heartbeat(former)).toBe(errorCodes.fencedInstanceId);
    const fenced = { errorCode: errorCodes.fencedInstanceId };
    expect(await answerOf(groups.join(joinRequest({ ...till2, memberId: follower.memberId })))).toMatchObject(fenced);
    expect(
      await answerOf(groups.sync({ ...former, protocolType: null, protocolName: null, assignments: [] })),
    ).toMatchObject(fenced);
    expect(groups.leave(groupId, [former]).members).toEqual([errorCodes.fencedInstanceId]);
    const offsets = [{ topic: 'sex', partition: 0, offset: 1, leaderEpoch: -1, metadata: '' }];
    expect(await groups.commit({ ...former, offsets })).toEqual([errorCodes.fencedInstanceId]);
  });

  test('that led is not asked to assign again: newer versions hear so, older ones see their former self lead', async () => {
    const older = await staticPair();
    expect(await answerOf(older.groups.join(joinRequest(till)))).toMatchObject({
      leaderId: older.leader.memberId,
      skipAssignment: false,
      members: [],
    });
    const newer = await staticPair();
    const back = await answerOf(newer.groups.join(joinRequest({ ...till, canSkipAssignment: true })));
    expect(back).toMatchObject({ leaderId: back.memberId, skipAssignment: true });
    expect(back.members).toHaveLength(2);
  });

  test('that wants other topics than before begins a rebalance; what it owned then does not matter', async () => {
    const { fixture, groups } = await staticPair();
    const withOwned = Buffer.concat([protocol('range', 'sex').metadata, Buffer.from('owned partitions')]);
    const same = groups.join(joinRequest({ ...till2, protocols: [{ name: 'range', metadata: withOwned }] }));
    expect((await answerOf(same)).errorCode).toBe(errorCodes.none);
    expect(stateOf(fixture)).toBe('Stable');
    const changed = groups.join(joinRequest({ ...till2, protocols: [protocol('range', 'sex', 'age')] }));
    expect(await outcomeOf(changed)).toBe(parked);
    expect(stateOf(fixture)).toBe('PreparingRebalance');
  });

  test('that comes back while it is parked is answered where it is, and fenced where it was', async () => {
    const { groups, leader } = await staticPair();
    groups.join(joinRequest());
    const before = groups.join(joinRequest({ ...till2, protocols: [protocol('range', 'sex', 'age')] }));
    expect(await outcomeOf(before)).toBe(parked);
    const after = groups.join(joinRequest(till2));
    expect((await answerOf(before)).errorCode).toBe(errorCodes.fencedInstanceId);
    groups.join(joinRequest({ ...till, memberId: leader.memberId }));
    expect((await answerOf(after)).errorCode).toBe(errorCodes.none);
  });

  const longSession = { sessionTimeout: 1_800_000 };

  test('stays a member through a rebalance that it misses, and is removed when it misses the sync phase too', async () => {
    const { groups, timers, fixture } = coordinatorWithStatics();
    const [leader, absent] = await stableGroup(fixture, [
      { ...till, ...longSession },
      { ...till2, ...longSession },
    ]);
    const changed = {
      ...till,
      ...longSession,
      memberId: leader?.memberId ?? '',
      protocols: [protocol('range', 'age')],
    };
    const rejoined = groups.join(joinRequest(changed));
    timers.advance(rebalanceTimeout);
    const next = await answerOf(rejoined);
    expect(next.members.map(({ memberId }) => memberId)).toContain(absent?.memberId);
    expect(stateOf(fixture)).toBe('CompletingRebalance');
    await answerOf(groups.sync({ groupId, ...next, instanceId: 'till-1', assignments: [] }));
    timers.advance(rebalanceTimeout);
    expect(groups.describe(groupId).members.map(({ instanceId }) => instanceId)).toEqual(['till-1']);
  });

  test('that restarts before it has synced must still do so in time', async () => {
    const { groups, timers, fixture } = coordinatorWithStatics();
    const first = await answerOf(groups.join(joinRequest({ ...till, ...longSession })));
    const joining = groups.join(joinRequest({ ...till2, ...longSession }));
    const leader = await answerOf(groups.join(joinRequest({ ...till, ...longSession, memberId: first.memberId })));
    await answerOf(joining);
    await answerOf(groups.sync({ groupId, ...leader, instanceId: 'till-1', assignments: [] }));
    await answerOf(groups.join(joinRequest({ ...till2, ...longSession })));
    expect(stateOf(fixture)).toBe('Stable');
    timers.advance(rebalanceTimeout);
    expect(groups.describe(groupId).members.map(({ instanceId }) => instanceId)).toEqual(['till-1']);
  });

  test('is waited for by a rebalance that nobody else is left to join', async () => {
    const { groups, timers, fixture } = coordinatorWithStatics();
    const [member] = await stableGroup(fixture, [{ ...till, ...longSession, rebalanceTimeout: 0 }]);
    const passer = groups.join(joinRequest({ ...longSession, rebalanceTimeout: 0, protocols: [protocol('range')] }));
    groups.leave(groupId, [{ memberId: groups.describe(groupId).members[1]?.memberId ?? '', instanceId: null }]);
    expect((await answerOf(passer)).errorCode).toBe(errorCodes.unknownMemberId);
    timers.advance(600_000);
    expect(stateOf(fixture)).toBe('PreparingRebalance');
    const back = groups.join(joinRequest({ ...till, ...longSession, memberId: member?.memberId ?? '' }));
    expect(await answerOf(back)).toMatchObject({ errorCode: errorCodes.none, leaderId: member?.memberId });
  });

  test('can be taken out by its instance id alone', async () => {
    const { groups, follower } = await staticPair();
    const left = groups.leave(groupId, [
      { memberId: '', instanceId: 'till-2' },
      { memberId: '', instanceId: 'till-9' },
    ]);
    expect(left.members).toEqual([errorCodes.none, errorCodes.unknownMemberId]);
    expect(groups.heartbeat({ groupId, ...follower, instanceId: 'till-2' })).toBe(errorCodes.unknownMemberId);
  });

  test('that never comes back is removed when its session ends, and the group with it', async () => {
    const { groups, timers, fixture } = await staticPair();
    timers.advance(sessionTimeout);
    expect(groups.describe(groupId).members).toEqual([]);
    expect(stateOf(fixture)).toBe('Empty');
  });
});
