import { pino } from 'pino';
import { createGroupCoordinator, type GroupCoordinator } from '../../../src/broker/group/coordinator.ts';
import type { JoinRequest, MemberProtocol } from '../../../src/broker/group/member.ts';
import type { JoinResult, SyncResult } from '../../../src/broker/group/results.ts';
import { type FakeTimers, fakeTimers } from './_fake-timers.ts';
import { type MemoryJournal, memoryJournal } from './_memory-journal.ts';

export const silent = pino({ level: 'silent' });
export const groupId = 'shoppers';
export const sessionTimeout = 10_000;
export const rebalanceTimeout = 60_000;

export interface Fixture {
  groups: GroupCoordinator;
  timers: FakeTimers;
  journal: MemoryJournal;
}

export function coordinatorFixture(
  options: { journal?: MemoryJournal; timers?: FakeTimers; initialRebalanceDelay?: number } = {},
): Fixture {
  const { journal = memoryJournal(), timers = fakeTimers(), initialRebalanceDelay = 0 } = options;
  return {
    journal,
    timers,
    groups: createGroupCoordinator({ journal, timers, logger: silent, initialRebalanceDelay }),
  };
}

/** Metadata as consumers send it: version 0, topics, no user data. */
function subscription(...topics: string[]): Buffer {
  const names = topics.map((topic) => Buffer.concat([Buffer.from([0, topic.length]), Buffer.from(topic)]));
  return Buffer.concat([Buffer.from([0, 0, 0, 0, 0, topics.length]), ...names, Buffer.from([0xff, 0xff, 0xff, 0xff])]);
}

export const protocol = (name: string, ...topics: string[]): MemberProtocol => ({
  name,
  metadata: subscription(...topics),
});

export const joinRequest = (overrides: Partial<JoinRequest> = {}): JoinRequest => ({
  groupId,
  memberId: '',
  instanceId: null,
  clientId: 'client',
  clientHost: '127.0.0.1',
  sessionTimeout,
  rebalanceTimeout,
  protocolType: 'consumer',
  protocols: [protocol('range', 'sex')],
  requireMemberId: false,
  canSkipAssignment: false,
  ...overrides,
});

export const parked = 'parked';

/** What a promise gave, or that it still waits after everything that could run has run. */
export function outcomeOf<T>(promise: T | Promise<T>): Promise<T | typeof parked> {
  return Promise.race([promise, new Promise<typeof parked>((resolve) => setImmediate(resolve, parked))]);
}

/** The outcome of a request that must have been answered. */
export async function answerOf<T>(promise: T | Promise<T>): Promise<T> {
  const outcome = await outcomeOf(promise);
  if (outcome === parked) throw new Error('the request is still parked');
  return outcome as T;
}

export const sync = (
  { groups }: Fixture,
  joined: Pick<JoinResult, 'memberId' | 'generation'>,
  assignments: Record<string, string> = {},
): SyncResult | Promise<SyncResult> =>
  groups.sync({
    groupId,
    memberId: joined.memberId,
    instanceId: null,
    generation: joined.generation,
    protocolType: null,
    protocolName: null,
    assignments: Object.entries(assignments).map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
  });

/** Brings members of these join requests to a stable group; the first leads and gives each its number. */
export async function stableGroup(fixture: Fixture, requests: readonly Partial<JoinRequest>[]): Promise<JoinResult[]> {
  const { groups } = fixture;
  let joined: JoinResult[] = [];
  for (const request of requests) {
    const joining = groups.join(joinRequest(request));
    const rejoining = joined.map(({ memberId }, index) =>
      groups.join(joinRequest({ ...requests[index], memberId, requireMemberId: false })),
    );
    joined = await Promise.all([...rejoining, joining].map(answerOf));
  }
  const assignments = Object.fromEntries(joined.map(({ memberId }, index) => [memberId, String(index)]));
  await Promise.all(
    joined.map((member) =>
      groups.sync({
        groupId,
        memberId: member.memberId,
        instanceId: requests[joined.indexOf(member)]?.instanceId ?? null,
        generation: member.generation,
        protocolType: null,
        protocolName: null,
        assignments: Object.entries(assignments).map(([memberId, text]) => ({
          memberId,
          assignment: Buffer.from(text),
        })),
      }),
    ),
  );
  return joined;
}

export const stateOf = ({ groups }: Fixture) => groups.describe(groupId).state;

export const heartbeat = ({ groups }: Fixture, { memberId, generation }: Pick<JoinResult, 'memberId' | 'generation'>) =>
  groups.heartbeat({ groupId, memberId, instanceId: null, generation });

/** Commits offset 1 of one partition; gives its error code. */
export async function commit(
  { groups }: Fixture,
  { memberId, generation }: Pick<JoinResult, 'memberId' | 'generation'>,
): Promise<number | undefined> {
  const offsets = [{ topic: 'sex', partition: 0, offset: 1, leaderEpoch: -1, metadata: '' }];
  return (await groups.commit({ groupId, memberId, instanceId: null, generation, offsets }))[0];
}
