import { describe, expect, test } from 'vitest';
import { errorCodes } from '../../../src/broker/protocol/error-codes.ts';
import {
  answerOf,
  commit,
  coordinatorFixture,
  groupId,
  heartbeat,
  joinRequest,
  outcomeOf,
  parked,
  protocol,
  rebalanceTimeout,
  sessionTimeout,
  stableGroup,
  stateOf,
  sync,
} from './_group-of-members.ts';

const nobody = { memberId: 'nobody', generation: 1 };
const noMember = { memberId: '', generation: -1 };

/** Two stable members; the first leads. */
async function stablePair() {
  const fixture = coordinatorFixture();
  const [leader = nobody, follower = nobody] = await stableGroup(fixture, [{ clientId: 'a' }, { clientId: 'b' }]);
  return { fixture, leader, follower, timers: fixture.timers, groups: fixture.groups };
}

/** Two members of generation 2, and a third whose join has begun the next rebalance. */
async function preparingGroup() {
  const pair = await stablePair();
  const newcomer = pair.groups.join(joinRequest({ clientId: 'c' }));
  expect(stateOf(pair.fixture)).toBe('PreparingRebalance');
  return { ...pair, newcomer };
}

/** Two members of a new generation that nobody has synced in. */
async function completingGroup() {
  const pair = await stablePair();
  const [leader, follower] = await Promise.all([
    pair.groups.join(joinRequest({ memberId: pair.leader.memberId })),
    pair.groups.join(joinRequest({ memberId: pair.follower.memberId, protocols: [protocol('range', 'sex', 'age')] })),
  ]);
  expect(stateOf(pair.fixture)).toBe('CompletingRebalance');
  return { ...pair, leader, follower };
}

describe('an unknown group', () => {
  test('comes to be by a nameless join, and refuses every member', async () => {
    const fixture = coordinatorFixture();
    const { groups } = fixture;
    expect(stateOf(fixture)).toBe('Dead');
    expect(await answerOf(groups.join(joinRequest({ memberId: 'nobody' })))).toMatchObject({
      errorCode: errorCodes.unknownMemberId,
      memberId: 'nobody',
    });
    expect((await answerOf(sync(fixture, nobody))).errorCode).toBe(errorCodes.unknownMemberId);
    expect(heartbeat(fixture, nobody)).toBe(errorCodes.unknownMemberId);
    expect(groups.leave(groupId, [{ memberId: 'nobody', instanceId: null }]).members).toEqual([
      errorCodes.unknownMemberId,
    ]);
    expect(await commit(fixture, nobody)).toBe(errorCodes.illegalGeneration);
    expect(stateOf(fixture)).toBe('Dead');
    expect((await answerOf(groups.join(joinRequest()))).errorCode).toBe(errorCodes.none);
    expect(stateOf(fixture)).toBe('CompletingRebalance');
  });

  test('takes commits of clients that are no members', async () => {
    const fixture = coordinatorFixture();
    expect(await commit(fixture, noMember)).toBe(errorCodes.none);
    expect(stateOf(fixture)).toBe('Empty');
  });
});

describe('an empty group', () => {
  async function emptyGroup() {
    const fixture = coordinatorFixture();
    const joined = await stableGroup(fixture, [{}]);
    fixture.groups.leave(groupId, [{ memberId: joined[0]?.memberId ?? '', instanceId: null }]);
    expect(stateOf(fixture)).toBe('Empty');
    return { fixture, former: { memberId: joined[0]?.memberId ?? '', generation: 1 } };
  }

  test('refuses former members, and takes commits from outside', async () => {
    const { fixture, former } = await emptyGroup();
    expect((await answerOf(sync(fixture, former))).errorCode).toBe(errorCodes.unknownMemberId);
    expect(heartbeat(fixture, former)).toBe(errorCodes.unknownMemberId);
    expect(await commit(fixture, former)).toBe(errorCodes.unknownMemberId);
    expect(await commit(fixture, noMember)).toBe(errorCodes.none);
  });

  test('counts its emptiness as a generation, so that a former member cannot pass for a new one', async () => {
    const { fixture } = await emptyGroup();
    expect(await answerOf(fixture.groups.join(joinRequest()))).toMatchObject({ errorCode: 0, generation: 3 });
  });
});

describe('a group that prepares a rebalance', () => {
  test('parks joins until the last member has joined, and gives all of them the next generation', async () => {
    const { groups, fixture, leader, follower, newcomer } = await preparingGroup();
    const first = groups.join(joinRequest({ memberId: leader.memberId }));
    expect(await outcomeOf(first)).toBe(parked);
    expect(await outcomeOf(newcomer)).toBe(parked);
    const second = groups.join(joinRequest({ memberId: follower.memberId }));
    const answers = await Promise.all([first, second, newcomer].map(answerOf));
    expect(answers.map(({ generation }) => generation)).toEqual([3, 3, 3]);
    expect(answers.map(({ leaderId }) => leaderId)).toEqual(Array(3).fill(leader.memberId));
    expect(answers.map(({ members }) => members.length)).toEqual([3, 0, 0]);
    expect(stateOf(fixture)).toBe('CompletingRebalance');
  });

  test('tells who syncs or sends a heartbeat to join again, and lets it commit what it has done', async () => {
    const { fixture, leader } = await preparingGroup();
    expect((await answerOf(sync(fixture, leader))).errorCode).toBe(errorCodes.rebalanceInProgress);
    expect(heartbeat(fixture, leader)).toBe(errorCodes.rebalanceInProgress);
    expect(await commit(fixture, leader)).toBe(errorCodes.none);
    expect(await commit(fixture, { ...leader, generation: 1 })).toBe(errorCodes.illegalGeneration);
  });

  test('takes heartbeats as signs of life', async () => {
    const { fixture, timers, leader, follower, groups } = await preparingGroup();
    for (let waited = 0; waited < 2 * sessionTimeout; waited += sessionTimeout / 2) {
      timers.advance(sessionTimeout / 2);
      heartbeat(fixture, leader);
    }
    const members = groups.describe(groupId).members.map(({ memberId }) => memberId);
    expect(members).toContain(leader.memberId);
    expect(members).not.toContain(follower.memberId);
  });

  test('does not count the time against members that are parked', async () => {
    const { groups, timers, follower, newcomer, fixture, leader } = await preparingGroup();
    const waiting = groups.join(joinRequest({ memberId: leader.memberId }));
    heartbeat(fixture, leader);
    for (let waited = 0; waited < 3 * sessionTimeout; waited += sessionTimeout / 2) {
      timers.advance(sessionTimeout / 2);
      heartbeat(fixture, follower);
    }
    expect(await outcomeOf(waiting)).toBe(parked);
    groups.join(joinRequest({ memberId: follower.memberId }));
    expect((await answerOf(waiting)).members).toHaveLength(3);
    expect((await answerOf(newcomer)).errorCode).toBe(errorCodes.none);
    timers.advance(sessionTimeout);
    expect(heartbeat(fixture, leader)).toBe(errorCodes.unknownMemberId);
  });

  test('goes on without those who do not join within the longest rebalance timeout', async () => {
    const fixture = coordinatorFixture();
    const longSession = { sessionTimeout: 1_000_000 };
    await stableGroup(fixture, [longSession, { ...longSession, rebalanceTimeout: 2 * rebalanceTimeout }]);
    const newcomer = fixture.groups.join(joinRequest());
    fixture.timers.advance(2 * rebalanceTimeout - 1);
    expect(await outcomeOf(newcomer)).toBe(parked);
    fixture.timers.advance(1);
    const answer = await answerOf(newcomer);
    expect(answer).toMatchObject({ errorCode: errorCodes.none, generation: 3, leaderId: answer.memberId });
    expect(answer.members).toHaveLength(1);
  });

  test('answers a join that is asked again on the later request', async () => {
    const { groups, leader, follower, newcomer } = await preparingGroup();
    const lost = groups.join(joinRequest({ memberId: leader.memberId }));
    const again = groups.join(joinRequest({ memberId: leader.memberId }));
    expect((await answerOf(lost)).errorCode).toBe(errorCodes.rebalanceInProgress);
    groups.join(joinRequest({ memberId: follower.memberId }));
    expect((await answerOf(again)).errorCode).toBe(errorCodes.none);
    expect((await answerOf(newcomer)).errorCode).toBe(errorCodes.none);
  });

  test('gives up on a new member after five minutes, since it may be gone without knowing its id', async () => {
    const { groups, timers, newcomer, fixture } = await (async () => {
      const fixture = coordinatorFixture();
      const slow = { rebalanceTimeout: 1_000_000, sessionTimeout: 1_000_000 };
      await stableGroup(fixture, [slow]);
      return { ...fixture, fixture, newcomer: fixture.groups.join(joinRequest()) };
    })();
    timers.advance(299_999);
    expect(await outcomeOf(newcomer)).toBe(parked);
    timers.advance(1);
    expect((await answerOf(newcomer)).errorCode).toBe(errorCodes.unknownMemberId);
    expect(groups.describe(groupId).members).toHaveLength(1);
    expect(stateOf(fixture)).toBe('PreparingRebalance');
  });
});

describe('a group that completes a rebalance', () => {
  test('repeats the generation to a member whose answer was lost, and starts over for one that changed', async () => {
    const { groups, fixture, leader } = await completingGroup();
    const repeated = await answerOf(groups.join(joinRequest({ memberId: leader.memberId })));
    expect(repeated).toEqual(leader);
    expect(repeated.members).toHaveLength(2);
    const changed = groups.join(joinRequest({ memberId: leader.memberId, protocols: [protocol('range', 'age')] }));
    expect(await outcomeOf(changed)).toBe(parked);
    expect(stateOf(fixture)).toBe('PreparingRebalance');
  });

  test('parks syncs until the leader has assigned; who was forgotten gets nothing', async () => {
    const { fixture, leader, follower } = await completingGroup();
    const waiting = sync(fixture, follower);
    expect(await outcomeOf(waiting)).toBe(parked);
    const led = await answerOf(sync(fixture, leader, { [leader.memberId]: 'all of it' }));
    expect(led).toMatchObject({ errorCode: 0, protocolType: 'consumer', protocolName: 'range' });
    expect(led.assignment.toString()).toBe('all of it');
    expect((await answerOf(waiting)).assignment).toHaveLength(0);
    expect(stateOf(fixture)).toBe('Stable');
  });

  test('accepts heartbeats, and refuses commits of members that do not know their partitions yet', async () => {
    const { fixture, leader } = await completingGroup();
    expect(heartbeat(fixture, leader)).toBe(errorCodes.none);
    expect(await commit(fixture, leader)).toBe(errorCodes.rebalanceInProgress);
    expect(await commit(fixture, noMember)).toBe(errorCodes.unknownMemberId);
  });

  test('does not count the time against members that wait for the leader', async () => {
    const { fixture, timers, leader, follower } = await completingGroup();
    const waiting = sync(fixture, follower);
    heartbeat(fixture, follower);
    for (let waited = 0; waited < 3 * sessionTimeout; waited += sessionTimeout / 2) {
      timers.advance(sessionTimeout / 2);
      heartbeat(fixture, leader);
    }
    expect(await outcomeOf(waiting)).toBe(parked);
    await answerOf(sync(fixture, leader, { [follower.memberId]: 'something' }));
    expect((await answerOf(waiting)).assignment.toString()).toBe('something');
    timers.advance(sessionTimeout);
    expect(heartbeat(fixture, follower)).toBe(errorCodes.unknownMemberId);
  });

  test('answers parked syncs when another rebalance begins', async () => {
    const { groups, fixture, follower } = await completingGroup();
    const waiting = sync(fixture, follower);
    groups.join(joinRequest());
    expect((await answerOf(waiting)).errorCode).toBe(errorCodes.rebalanceInProgress);
  });

  test('drops who does not sync within the rebalance timeout, and starts over', async () => {
    const fixture = coordinatorFixture();
    const { groups, timers } = fixture;
    const longSession = { sessionTimeout: 1_000_000 };
    const first = await answerOf(groups.join(joinRequest(longSession)));
    const joining = groups.join(joinRequest(longSession));
    const leader = await answerOf(groups.join(joinRequest({ ...longSession, memberId: first.memberId })));
    const follower = await answerOf(joining);
    const waiting = sync(fixture, follower);
    timers.advance(rebalanceTimeout);
    expect((await answerOf(waiting)).errorCode).toBe(errorCodes.rebalanceInProgress);
    expect(heartbeat(fixture, leader)).toBe(errorCodes.unknownMemberId);
    expect(stateOf(fixture)).toBe('PreparingRebalance');
  });

  test('drops a member that syncs neither before nor after the leader', async () => {
    const { fixture, timers, leader, follower } = await completingGroup();
    await answerOf(sync(fixture, leader));
    for (let waited = 0; waited < rebalanceTimeout; waited += sessionTimeout / 2) {
      timers.advance(sessionTimeout / 2);
      heartbeat(fixture, leader);
      heartbeat(fixture, follower);
    }
    expect(heartbeat(fixture, follower)).toBe(errorCodes.unknownMemberId);
    expect(heartbeat(fixture, leader)).toBe(errorCodes.rebalanceInProgress);
  });
});

describe('a stable group', () => {
  test('is rebalanced by its leader and by changed metadata, not by a repeated join', async () => {
    const { groups, fixture, leader, follower } = await stablePair();
    const repeated = await answerOf(groups.join(joinRequest({ memberId: follower.memberId })));
    expect(repeated).toMatchObject({ errorCode: 0, generation: 2, leaderId: leader.memberId, members: [] });
    expect(stateOf(fixture)).toBe('Stable');
    expect(await outcomeOf(groups.join(joinRequest({ memberId: leader.memberId })))).toBe(parked);
    expect(stateOf(fixture)).toBe('PreparingRebalance');
    const other = await stablePair();
    const changed = joinRequest({ memberId: other.follower.memberId, protocols: [protocol('range', 'age')] });
    expect(await outcomeOf(other.groups.join(changed))).toBe(parked);
    expect(stateOf(other.fixture)).toBe('PreparingRebalance');
  });

  test('repeats assignments, takes heartbeats and commits', async () => {
    const { fixture, leader, follower } = await stablePair();
    expect((await answerOf(sync(fixture, follower))).assignment.toString()).toBe('1');
    expect((await answerOf(sync(fixture, leader, { [leader.memberId]: 'ignored' }))).assignment.toString()).toBe('0');
    expect(heartbeat(fixture, leader)).toBe(errorCodes.none);
    expect(await commit(fixture, leader)).toBe(errorCodes.none);
    expect(await commit(fixture, noMember)).toBe(errorCodes.unknownMemberId);
  });

  test('refuses other generations and unknown members', async () => {
    const { fixture, leader } = await stablePair();
    const old = { ...leader, generation: 1 };
    expect((await answerOf(sync(fixture, old))).errorCode).toBe(errorCodes.illegalGeneration);
    expect(heartbeat(fixture, old)).toBe(errorCodes.illegalGeneration);
    expect(await commit(fixture, old)).toBe(errorCodes.illegalGeneration);
    expect((await answerOf(sync(fixture, nobody))).errorCode).toBe(errorCodes.unknownMemberId);
    expect(heartbeat(fixture, nobody)).toBe(errorCodes.unknownMemberId);
    expect(await commit(fixture, nobody)).toBe(errorCodes.unknownMemberId);
  });

  test('removes a member that is silent for its session timeout, and rebalances', async () => {
    const { fixture, timers, leader, follower } = await stablePair();
    timers.advance(sessionTimeout - 1);
    expect(heartbeat(fixture, leader)).toBe(errorCodes.none);
    timers.advance(1);
    expect(heartbeat(fixture, follower)).toBe(errorCodes.unknownMemberId);
    expect(heartbeat(fixture, leader)).toBe(errorCodes.rebalanceInProgress);
  });

  test('takes a commit as a sign of life', async () => {
    const { fixture, timers, leader } = await stablePair();
    timers.advance(sessionTimeout - 1);
    await commit(fixture, leader);
    timers.advance(sessionTimeout - 1);
    expect(heartbeat(fixture, leader)).toBe(errorCodes.rebalanceInProgress);
  });

  test('lets the next member lead when the leader leaves, not who comes in that moment', async () => {
    const { groups, leader, follower } = await stablePair();
    groups.leave(groupId, [{ memberId: leader.memberId, instanceId: null }]);
    const newcomer = groups.join(joinRequest());
    expect(await answerOf(groups.join(joinRequest({ memberId: follower.memberId })))).toMatchObject({
      generation: 3,
      leaderId: follower.memberId,
    });
    expect((await answerOf(newcomer)).leaderId).toBe(follower.memberId);
  });

  test('is rebalanced once when many leave together, each with an answer of its own', async () => {
    const { groups, fixture, leader, follower } = await stablePair();
    const { errorCode, members } = groups.leave(groupId, [
      { memberId: leader.memberId, instanceId: null },
      { memberId: 'nobody', instanceId: null },
      { memberId: follower.memberId, instanceId: null },
      { memberId: follower.memberId, instanceId: null },
    ]);
    expect(errorCode).toBe(errorCodes.none);
    expect(members).toEqual([0, errorCodes.unknownMemberId, 0, errorCodes.unknownMemberId]);
    expect(stateOf(fixture)).toBe('Empty');
    expect(await answerOf(groups.join(joinRequest()))).toMatchObject({ generation: 4 });
  });
});

describe('joining', () => {
  test.each([
    ['an empty group id', { groupId: '' }, errorCodes.invalidGroupId],
    ['a session timeout below 6 s', { sessionTimeout: 5_999 }, errorCodes.invalidSessionTimeout],
    ['a session timeout above 30 min', { sessionTimeout: 1_800_001 }, errorCodes.invalidSessionTimeout],
    ['no protocols', { protocols: [] }, errorCodes.inconsistentGroupProtocol],
    ['no protocol type', { protocolType: '' }, errorCodes.inconsistentGroupProtocol],
  ])('is refused for %s, and leaves no group behind', async (_, overrides, errorCode) => {
    const { groups } = coordinatorFixture();
    expect(await answerOf(groups.join(joinRequest(overrides)))).toMatchObject({ errorCode, protocolName: null });
    expect(groups.list()).toEqual([]);
  });

  test('is refused for another protocol type or when no protocol is common to all', async () => {
    const { groups } = await stablePair();
    for (const overrides of [{ protocolType: 'connect' }, { protocols: [protocol('sticky', 'sex')] }]) {
      const refused = await answerOf(groups.join(joinRequest(overrides)));
      expect(refused.errorCode).toBe(errorCodes.inconsistentGroupProtocol);
    }
  });

  test('chooses among the common protocols the one that most members put first', async () => {
    const fixture = coordinatorFixture();
    const [range, sticky, own] = [protocol('range', 'sex'), protocol('sticky', 'sex'), protocol('own', 'sex')];
    const joined = await stableGroup(fixture, [
      { protocols: [own, range, sticky] },
      { protocols: [sticky, range] },
      { protocols: [sticky, range] },
    ]);
    expect(joined.map(({ protocolName }) => protocolName)).toEqual(Array(3).fill('sticky'));
  });

  test('gives a nameless client its id first, when its version can come back with it', async () => {
    const { groups, timers } = coordinatorFixture();
    const request = joinRequest({ requireMemberId: true, clientId: 'kcat' });
    const first = await answerOf(groups.join(request));
    expect(first.errorCode).toBe(errorCodes.memberIdRequired);
    expect(first.memberId).toMatch(/^kcat-[0-9a-f-]{36}$/);
    expect(groups.describe(groupId)).toMatchObject({ state: 'Empty', members: [] });
    expect(await answerOf(groups.join({ ...request, memberId: first.memberId }))).toMatchObject({
      errorCode: errorCodes.none,
      memberId: first.memberId,
    });
    const other = await answerOf(groups.join(request));
    timers.advance(sessionTimeout);
    expect((await answerOf(groups.join({ ...request, memberId: other.memberId }))).errorCode).toBe(
      errorCodes.unknownMemberId,
    );
  });

  test('waits for clients that were given an id, so that those who start together share a generation', async () => {
    const { groups } = coordinatorFixture();
    const request = joinRequest({ requireMemberId: true });
    const ids = await Promise.all([groups.join(request), groups.join(request)]);
    const first = groups.join({ ...request, memberId: ids[0].memberId });
    expect(await outcomeOf(first)).toBe(parked);
    const second = await answerOf(groups.join({ ...request, memberId: ids[1].memberId }));
    expect((await answerOf(first)).generation).toBe(1);
    expect(second.generation).toBe(1);
  });

  test('does not wait for an expected client that leaves or stays away for its session timeout', async () => {
    for (const dismiss of ['leave', 'expire'] as const) {
      const { groups, timers } = coordinatorFixture();
      const request = joinRequest({ requireMemberId: true });
      const [expected, joining] = await Promise.all([groups.join(request), groups.join(request)]);
      const joined = groups.join({ ...request, memberId: joining.memberId });
      expect(await outcomeOf(joined)).toBe(parked);
      if (dismiss === 'leave') groups.leave(groupId, [{ memberId: expected.memberId, instanceId: null }]);
      else timers.advance(sessionTimeout);
      expect((await answerOf(joined)).members).toHaveLength(1);
    }
  });

  test('an expected client that goes away does not disturb a stable group', async () => {
    const { groups, fixture } = await stablePair();
    const expected = await answerOf(groups.join(joinRequest({ requireMemberId: true })));
    groups.leave(groupId, [{ memberId: expected.memberId, instanceId: null }]);
    expect(stateOf(fixture)).toBe('Stable');
  });

  test('waits the initial delay for companions of the first member, again while more come', async () => {
    const { groups, timers } = coordinatorFixture({ initialRebalanceDelay: 3_000 });
    const first = groups.join(joinRequest());
    timers.advance(2_000);
    const second = groups.join(joinRequest());
    timers.advance(1_000);
    expect(await outcomeOf(first)).toBe(parked);
    timers.advance(3_000);
    expect((await answerOf(first)).members).toHaveLength(2);
    expect((await answerOf(second)).generation).toBe(1);
  });

  test('keeps no part of the request frame that metadata and assignments are slices of', async () => {
    const fixture = coordinatorFixture();
    const frame = Buffer.from('metadata');
    const joined = await answerOf(
      fixture.groups.join(joinRequest({ protocols: [{ name: 'range', metadata: frame.subarray(0, 4) }] })),
    );
    await answerOf(sync(fixture, joined, { [joined.memberId]: 'mine' }));
    frame.fill(0);
    expect(fixture.groups.describe(groupId).members[0]).toMatchObject({
      metadata: Buffer.from('meta'),
      assignment: Buffer.from('mine'),
    });
  });
});

test('a sync that names another protocol than the chosen one is refused', async () => {
  const { groups, leader } = await completingGroup();
  const request = { groupId, instanceId: null, assignments: [], ...leader };
  for (const wrong of [{ protocolType: 'connect' }, { protocolName: 'sticky' }]) {
    const refused = await answerOf(groups.sync({ ...request, ...wrong }));
    expect(refused.errorCode).toBe(errorCodes.inconsistentGroupProtocol);
  }
  expect(await answerOf(groups.sync({ ...request, protocolType: 'consumer', protocolName: 'range' }))).toMatchObject({
    errorCode: errorCodes.none,
  });
});

test('a rebalance timeout of 2^31 - 1 does not end the phase at once', async () => {
  const { groups, timers } = coordinatorFixture();
  const patient = { rebalanceTimeout: 2 ** 31 - 1, sessionTimeout: 1_800_000 };
  const joined = await answerOf(groups.join(joinRequest(patient)));
  const newcomer = groups.join(joinRequest(patient));
  timers.advance(60_000);
  expect(await outcomeOf(newcomer)).toBe(parked);
  groups.join(joinRequest({ ...patient, memberId: joined.memberId }));
  expect((await answerOf(newcomer)).errorCode).toBe(errorCodes.none);
});

test('closing answers who is parked with an error to try again on, leaves no timer and refuses what comes later', async () => {
  const { groups, timers, fixture, newcomer, leader } = await preparingGroup();
  const completing = await completingGroup();
  const waiting = sync(completing.fixture, completing.follower);
  await answerOf(groups.join(joinRequest({ requireMemberId: true })));
  groups.close();
  completing.groups.close();
  expect((await answerOf(newcomer)).errorCode).toBe(errorCodes.coordinatorNotAvailable);
  expect((await answerOf(waiting)).errorCode).toBe(errorCodes.coordinatorNotAvailable);
  expect(timers.pending + completing.timers.pending).toBe(0);
  expect((await answerOf(groups.join(joinRequest()))).errorCode).toBe(errorCodes.coordinatorNotAvailable);
  expect(heartbeat(fixture, leader)).toBe(errorCodes.coordinatorNotAvailable);
  expect(await commit(fixture, leader)).toBe(errorCodes.coordinatorNotAvailable);
  expect(timers.pending).toBe(0);
});
