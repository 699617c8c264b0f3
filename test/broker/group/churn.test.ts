import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JoinResult, SyncResult } from '../../../src/broker/group/results.ts';
import { errorCodes } from '../../../src/broker/protocol/error-codes.ts';
import { coordinatorFixture, type Fixture, groupId, joinRequest, protocol } from './_group-of-members.ts';

// Clients that behave as real ones do: they join, sync what the answer says, send heartbeats, and follow error codes.
// What happens to them, and when, is random: they come, leave, crash with requests parked, go silent, change topics.

interface Client {
  readonly name: string;
  readonly instanceId: string | null;
  readonly requireMemberId: boolean;
  memberId: string;
  generation: number;
  topics: string[];
  /** Its connection is gone: it sends nothing, and answers to it are lost. */
  crashed: boolean;
  step: 'out' | 'joining' | 'syncing' | 'working';
  /** Its latest request; answers to earlier ones mean nothing to it. */
  request: number;
  assignment: string;
}

const sessionTimeout = 10_000;
const rebalanceTimeout = 30_000;

function world(initialRebalanceDelay: number) {
  const fixture: Fixture = coordinatorFixture({ initialRebalanceDelay });
  const { groups } = fixture;
  const clients: Client[] = [];
  let unanswered = 0;

  /** Sends a request whose answer may come later, or be lost. */
  function send<T>(client: Client, answer: T | Promise<T>, take: (result: T) => void): void {
    unanswered += 1;
    client.request += 1;
    const { request } = client;
    void Promise.resolve(answer).then((result) => {
      unanswered -= 1;
      if (!client.crashed && client.request === request) take(result);
    });
  }

  function join(client: Client): void {
    client.step = 'joining';
    const { name, memberId, instanceId, requireMemberId, topics } = client;
    const request = joinRequest({
      clientId: name,
      memberId,
      instanceId,
      requireMemberId,
      sessionTimeout,
      rebalanceTimeout,
      protocols: [protocol('range', ...topics)],
    });
    send(client, groups.join(request), (result: JoinResult) => onJoined(client, result));
  }

  function onJoined(client: Client, result: JoinResult): void {
    if (result.errorCode === errorCodes.memberIdRequired) client.memberId = result.memberId;
    if (result.errorCode !== errorCodes.none) {
      follow(client, result.errorCode);
      return;
    }
    client.step = 'syncing';
    client.memberId = result.memberId;
    client.generation = result.generation;
    const assignments = result.members.map(({ memberId }, index) => ({
      memberId,
      assignment: Buffer.from(`${result.generation}/${index}`),
    }));
    const { memberId, instanceId, generation } = client;
    const { protocolType, protocolName } = result;
    const request = { groupId, memberId, instanceId, generation, protocolType, protocolName, assignments };
    send(client, groups.sync(request), (synced: SyncResult) => onSynced(client, synced));
  }

  function onSynced(client: Client, { errorCode, assignment }: SyncResult): void {
    if (errorCode !== errorCodes.none) {
      follow(client, errorCode);
      return;
    }
    client.step = 'working';
    client.assignment = assignment.toString();
  }

  function beat(client: Client): void {
    if (client.step !== 'working') return;
    const { memberId, instanceId, generation } = client;
    const code = groups.heartbeat({ groupId, memberId, instanceId, generation });
    if (code !== errorCodes.none) follow(client, code);
  }

  /** Does what an error asks for: gives way to another instance, forgets its id, and else joins again. */
  function follow(client: Client, errorCode: number): void {
    if (errorCode === errorCodes.fencedInstanceId) {
      leaveWorld(client);
      return;
    }
    if (errorCode === errorCodes.unknownMemberId) client.memberId = '';
    join(client);
  }

  function leaveWorld(client: Client): void {
    client.crashed = true;
    client.step = 'out';
    clients.splice(clients.indexOf(client), 1);
  }

  return {
    fixture,
    clients,
    get unanswered() {
      return unanswered;
    },
    start(name: string, instanceId: string | null, requireMemberId: boolean) {
      const client: Client = {
        name,
        instanceId,
        requireMemberId,
        memberId: '',
        generation: -1,
        topics: ['sex'],
        crashed: false,
        step: 'out',
        request: 0,
        assignment: '',
      };
      clients.push(client);
      join(client);
    },
    leave(client: Client) {
      groups.leave(groupId, [client]);
      leaveWorld(client);
    },
    crash: leaveWorld,
    /** Asks again on a new connection, as after a request timeout: the parked request's answer comes to nobody. */
    reconnect(client: Client) {
      const again = { ...client };
      leaveWorld(client);
      clients.push(again);
      join(again);
    },
    change(client: Client) {
      client.topics = client.topics.length > 1 ? ['sex'] : ['sex', 'age'];
      join(client);
    },
    async live(duration: number) {
      await settle();
      for (let lived = 0; lived < duration; lived += 3_000) {
        for (const client of [...clients]) beat(client);
        fixture.timers.advance(3_000);
        await settle();
      }
    },
  };
}

type World = ReturnType<typeof world>;

// Every answer that is due comes, and what clients do on it.
const settle = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** What must hold at every moment. */
function checkInvariants({ fixture, clients }: World): void {
  const { state, members } = fixture.groups.describe(groupId);
  const ids = members.map(({ memberId }) => memberId);
  expect(new Set(ids).size).toBe(ids.length);
  const instances = members.flatMap(({ instanceId }) => instanceId ?? []);
  expect(new Set(instances).size).toBe(instances.length);
  if (state === 'Empty' || state === 'Dead') expect(members).toEqual([]);
  else expect(members.length).toBeGreaterThan(0);
  if (state !== 'Stable') return;
  // One generation at a time, and in it no piece of work for two.
  const assigned = members.map(({ assignment }) => assignment.toString());
  const generations = new Set(assigned.filter(Boolean).map((text) => text.split('/')[0]));
  expect(generations.size).toBeLessThanOrEqual(1);
  expect(new Set(assigned).size).toBe(assigned.length);
  for (const assignment of assigned) expect(assignment).not.toBe('');
  for (const client of clients) {
    if (client.step !== 'working' || !generations.has(String(client.generation))) continue;
    const member = members.find(({ memberId }) => memberId === client.memberId);
    if (member) expect(client.assignment).toBe(member.assignment.toString());
  }
}

type Event =
  | { kind: 'start'; isStatic: boolean; requireMemberId: boolean }
  | { kind: 'leave' | 'crash' | 'reconnect' | 'change' | 'restart'; who: number }
  | { kind: 'live'; duration: number };

const events = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('start'), isStatic: fc.boolean(), requireMemberId: fc.boolean() }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('leave', 'crash', 'reconnect', 'change', 'restart'),
        who: fc.nat(7),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('live'), duration: fc.integer({ min: 0, max: 45_000 }) }) },
  ) as fc.Arbitrary<Event>,
  { maxLength: 30 },
);

async function happen(scene: World, event: Event, index: number): Promise<void> {
  if (event.kind === 'live') return scene.live(event.duration);
  if (event.kind === 'start') {
    return scene.start(`client${index}`, event.isStatic ? `instance${index}` : null, event.requireMemberId);
  }
  const client = scene.clients[event.who % Math.max(scene.clients.length, 1)];
  if (!client) return;
  if (event.kind === 'restart') {
    scene.crash(client);
    scene.start(client.name, client.instanceId, client.requireMemberId);
  } else {
    scene[event.kind](client);
  }
}

test('whatever members do, the group holds together, settles, and leaves nobody parked', async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.constantFrom(0, 3_000), async (story, initialRebalanceDelay) => {
      const scene = world(initialRebalanceDelay);
      for (const [index, event] of story.entries()) {
        await happen(scene, event, index);
        // Some events follow each other before any answer is out.
        if (index % 3 !== 0) await settle();
        checkInvariants(scene);
      }
      // Left alone for as long as the slowest timer takes, those who are alive work in one stable generation.
      await scene.live(400_000);
      checkInvariants(scene);
      const { state, members } = scene.fixture.groups.describe(groupId);
      expect(members.map(({ memberId }) => memberId).sort()).toEqual(scene.clients.map((each) => each.memberId).sort());
      if (scene.clients.length > 0) expect(state).toBe('Stable');
      expect(scene.clients.every(({ step }) => step === 'working')).toBe(true);
      expect(scene.unanswered).toBe(0);
      scene.fixture.groups.close();
      expect(scene.fixture.timers.pending).toBe(0);
    }),
    { numRuns: 200 },
  );
});

test('closing in the middle answers everybody and leaves no timer', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (story) => {
      const scene = world(0);
      for (const [index, event] of story.entries()) await happen(scene, event, index);
      // Closed clients try again and again: the first answers are what counts.
      for (const client of [...scene.clients]) scene.crash(client);
      scene.fixture.groups.close();
      await settle();
      expect(scene.unanswered).toBe(0);
      expect(scene.fixture.timers.pending).toBe(0);
    }),
    { numRuns: 100 },
  );
});
