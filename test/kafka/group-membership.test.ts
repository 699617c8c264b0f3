import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { activeMember, encodeStanding } from '../../src/kafka/exclusive-assignment.ts';
import { type GroupMembership, groupMembership } from '../../src/kafka/group-membership.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { type Cluster, clusters, freshTopic, testConnection } from './_clusters.ts';

test('who was active last stays it, else who has waited longest takes over', () => {
  const member = (memberId: string, activeIn: number, since: number) => ({
    memberId,
    memberMetadata: encodeStanding(['t'], { activeIn, since }),
  });
  expect(activeMember([member('new', -1, 9), member('old', -1, 5)])).toBe('old');
  expect(activeMember([member('oldest', -1, 1), member('active', 3, 7), member('stale', 2, 2)])).toBe('active');
  expect(activeMember([{ memberId: 'odd', memberMetadata: Buffer.from('?') }, member('new', -1, 9)])).toBe('new');
});

describe.each(clusters)('with $name', ({ available, start }) => {
  describe.skipIf(!available)('', () => {
    let cluster: Cluster;
    let stop: AbortController;
    let topic: string;
    const members: GroupMembership[] = [];

    beforeAll(async () => {
      cluster = await start();
    });
    afterAll(() => cluster?.stop());
    beforeEach(async () => {
      stop = new AbortController();
      topic = freshTopic();
      await ensureTopics(testConnection(cluster.address).connection, [topic], { partitions: 2 });
    });
    afterEach(async () => {
      stop.abort();
      for (const member of members.splice(0)) await member.leave();
    });

    const join = async (groupId = `group-${topic}`) => {
      const { connection } = testConnection(cluster.address);
      const member = await groupMembership({ connection, groupId, topics: [topic], signal: stop.signal });
      members.push(member);
      const terms = member[Symbol.asyncIterator]();
      const nextTerm = async () => {
        const { value, done } = await terms.next();
        if (done) throw new Error('no further term');
        return value;
      };
      return { member, terms, nextTerm };
    };

    test('a member that is alone is active, and its offsets are those of the next', async () => {
      const first = await join();
      const term = await first.nextTerm();
      expect(await term.committed()).toEqual(new Map());
      await term.commit([
        { topic, partition: 0, offset: 5, metadata: '' },
        { topic, partition: 1, offset: 2 ** 40, metadata: '{"seen":1}' },
      ]);
      await first.member.leave();
      expect(term.signal.aborted).toBe(true);
      const second = await (await join()).nextTerm();
      expect(await second.committed()).toEqual(
        new Map([
          [`${topic}/0`, { offset: 5, metadata: '' }],
          [`${topic}/1`, { offset: 2 ** 40, metadata: '{"seen":1}' }],
        ]),
      );
    });

    test('who comes later stands by, and takes over when the active one leaves', async () => {
      const first = await join();
      const term = await first.nextTerm();
      const second = await join();
      const takeover = second.nextTerm();
      // A commit waits for the group to settle with its new member in it.
      await term.commit([{ topic, partition: 0, offset: 1, metadata: '' }]);
      expect(term.signal.aborted).toBe(false);
      await first.member.leave();
      const next = await takeover;
      expect((await next.committed()).get(`${topic}/0`)?.offset).toBe(1);
      await expect(term.commit([{ topic, partition: 0, offset: 2, metadata: '' }])).rejects.toMatchObject({
        code: 'TAKEN_OVER',
      });
      expect((await next.committed()).get(`${topic}/0`)?.offset).toBe(1);
    });

    test('an abort ends the wait of a standby, and the active can still commit until it leaves', async () => {
      const term = await (await join()).nextTerm();
      const waiting = (await join()).terms.next();
      stop.abort();
      expect((await waiting).done).toBe(true);
      await term.commit([{ topic, partition: 0, offset: 3, metadata: '' }]);
    });

    test('a group of other consumers is left alone', async () => {
      const groupId = freshTopic('group');
      const consumer = new Kafka({ brokers: [cluster.address], logLevel: logLevel.NOTHING }).consumer({
        groupId,
        maxWaitTimeInMs: 100,
      });
      await consumer.connect();
      await consumer.subscribe({ topics: [topic] });
      const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
      await consumer.run({ eachMessage: async () => {} });
      await joined;
      await expect((await join(groupId)).nextTerm()).rejects.toMatchObject({
        code: 'BROKER_REFUSED',
        hint: expect.stringContaining('--group'),
      });
      await consumer.disconnect();
    });

    test('a restart of the broker leaves the role where it was', async () => {
      const { nextTerm } = await join();
      const term = await nextTerm();
      await term.commit([{ topic, partition: 0, offset: 1, metadata: '' }]);
      await cluster.halt();
      const committed = term.commit([{ topic, partition: 0, offset: 2, metadata: '' }]).catch(() => undefined);
      await cluster.start();
      await committed;
      // Where the restart took longer than the session, the role was lost, and is won back.
      const current = term.signal.aborted ? await nextTerm() : term;
      await current.commit([{ topic, partition: 0, offset: 3, metadata: '' }]);
      expect((await current.committed()).get(`${topic}/0`)?.offset).toBe(3);
    });
  });
});
