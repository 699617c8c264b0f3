import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDelete } from '../../src/commands/topics.ts';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { topicExists } from '../../src/kafka/topics.ts';
import { runDashctl } from '../_support/dashctl.ts';
import { type Cluster, clusters, freshTopic, testConnection } from '../kafka/_clusters.ts';

const lastTime = 1_700_000_004_000;
const lastRecord = '2023-11-14T22:13:24.000Z';

describe.each(clusters)('dashctl topics, with $name', ({ name, available, start }) => {
  describe.skipIf(!available)('', () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await start();
    });
    afterAll(() => cluster?.stop());

    const topics = (...args: string[]) =>
      runDashctl(['topics', ...args], { env: { DASHCTL_BROKERS: cluster.address } });
    const documents = async (...args: string[]) => {
      const { code, stdout, stderr } = await topics(...args, '--json');
      expect([code, stderr]).toEqual([0, '']);
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    };
    const connection = () => testConnection(cluster.address).connection;
    /** Five records into a topic of three partitions, none of which has more than one key's. */
    const fill = async (topic: string) => {
      expect((await topics('create', topic, '--partitions', '3')).code).toBe(0);
      const sink = await topicSink({ connection: connection() });
      await sink.send(
        topic,
        [0, 1, 2, 3, 4].map((i) => ({ value: `value ${i}`, key: 'same', timestamp: lastTime - i * 1_000 })),
      );
      await sink.close();
    };

    test('a topic is created with partitions and settings, described, and deleted', async () => {
      const topic = freshTopic();
      const flags = ['--partitions', '3', '--set', 'retention.ms=3600000', '--set', 'cleanup.policy=compact'];
      const made = await topics('create', topic, ...flags);
      expect(made).toMatchObject({ code: 0, stdout: '' });
      expect(made.stderr).toContain(`created ${topic} with 3 partitions`);

      const [described] = await documents('describe', topic);
      expect(described).toMatchObject({ topic, records: 0, lastRecord: null, groups: [] });
      expect(described.partitions.map(({ partition }: { partition: number }) => partition)).toEqual([0, 1, 2]);
      expect(described.partitions[0]).toMatchObject({ leader: 1, earliest: 0, end: 0, records: 0, sizeBytes: 0 });
      expect(described.configs).toEqual(
        expect.arrayContaining([
          { name: 'cleanup.policy', value: 'compact', setBy: 'topic' },
          { name: 'retention.ms', value: '3600000', setBy: 'topic' },
        ]),
      );

      expect(await topics('create', topic)).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
      const refused = await topics('delete', topic);
      expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--yes') });
      expect(await topicExists(connection(), topic)).toBe(true);
      expect(await topics('delete', topic, '--yes')).toMatchObject({ code: 0, stdout: '' });
      expect((await topics()).stdout).not.toContain(topic);
    });

    test('what the broker refuses is said in its own words', async () => {
      const wrongName = await topics('create', 'a/b');
      expect(wrongName.code).toBe(1);
      expect(wrongName.stderr).toMatch(/^error: cannot create the topic a\/b: .+\n {2}hint: .+\n$/);
      const wrongSetting = await topics('create', freshTopic(), '--set', 'no.such.setting=1');
      expect([wrongSetting.code, wrongSetting.stderr]).toEqual([1, expect.stringContaining('no.such.setting')]);
    });

    test('the list counts records and bytes, and says when the last record was', async () => {
      const topic = freshTopic();
      await fill(topic);
      const { code, stdout } = await topics();
      expect(code).toBe(0);
      expect(stdout.split('\n')[0]).toMatch(/^TOPIC +PARTITIONS +RECORDS +SIZE +LAST RECORD$/);
      expect(stdout).toMatch(new RegExp(`^${topic} +3 +5 +\\d+ B +2023-11-1\\d \\d\\d:13:24$`, 'm'));
      const listed = (await documents('list')).find((each) => each.topic === topic);
      expect(listed).toEqual({ topic, partitions: 3, records: 5, sizeBytes: expect.any(Number), lastRecord });
      expect(listed.sizeBytes).toBeGreaterThan(5 * 'value 0'.length);
    });

    test("a reader's group is shown with what it has committed and how far it is behind", async () => {
      const topic = freshTopic();
      await fill(topic);
      const groupId = `group-${topic}`;
      const kafka = new Kafka({ clientId: 'test', brokers: [cluster.address], logLevel: logLevel.NOTHING });
      const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
      await consumer.run({ autoCommit: false, eachBatch: async () => undefined });
      await joined;
      const partitions = (await documents('describe', topic))[0].partitions as { partition: number; end: number }[];
      const { partition } = partitions.find(({ end }) => end === 5) ?? { partition: -1 };
      await consumer.commitOffsets([{ topic, partition, offset: '2' }]);

      const [whileReading] = await documents('describe', topic);
      const progress = [{ partition, committed: 2, end: 5, lag: 3 }];
      expect(whileReading.groups).toEqual([
        { group: groupId, state: 'Stable', members: 1, lag: 3, partitions: progress },
      ]);
      await consumer.disconnect();
      const { stdout } = await topics('describe', topic);
      expect(stdout).toMatch(/^GROUP +STATE +MEMBERS +PARTITION +COMMITTED +END +LAG$/m);
      expect(stdout).toMatch(new RegExp(`^${groupId} +Empty +0 +${partition} +2 +5 +3$`, 'm'));
    });

    test('a name that is not there is answered with the nearest one', async () => {
      const topic = freshTopic('orchard');
      await topics('create', topic);
      for (const args of [['describe'], ['delete', '--yes']]) {
        const { code, stdout, stderr } = await topics(...args, `${topic}x`);
        expect([code, stdout]).toEqual([1, '']);
        expect(stderr).toBe(`error: no topic "${topic}x"\n  hint: did you mean "${topic}"?\n`);
      }
      expect(await topicExists(connection(), topic)).toBe(true);
    });

    test('topics that begin with __ are shown only when asked for', async () => {
      if (name === 'the embedded broker') await topics('create', '__state');
      else await makeOffsetsTopic(cluster.address);
      const internal = name === 'the embedded broker' ? '__state' : '__consumer_offsets';
      expect((await topics('list')).stdout).not.toContain(internal);
      expect((await topics('--internal')).stdout).toContain(internal);
    });

    test('deleting asks on a terminal, and only a yes is a yes', async () => {
      const topic = freshTopic();
      await fill(topic);
      const answer = async (text: string) => {
        const input = Object.assign(new PassThrough(), { isTTY: true });
        const questions = new PassThrough().setEncoding('utf8');
        const options = {
          connection: connection(),
          logger: pino({ level: 'silent' }),
          topics: [topic],
          input,
          questions,
        };
        const deleting = runDelete(options, new AbortController().signal);
        const [question] = await Promise.race([once(questions, 'data'), deleting.then(() => ['no question'])]);
        expect(question).toBe(`Delete ${topic} (5 records)? [y/N] `);
        input.end(text);
        return await deleting;
      };
      await expect(answer('\n')).rejects.toMatchObject({ code: 'INTERRUPTED' });
      await expect(answer('')).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(await topicExists(connection(), topic)).toBe(true);
      await answer('y\n');
      expect((await topics()).stdout).not.toContain(topic);
    });
  });
});

/** Kafka makes its own topic of offsets when the first group asks for its coordinator. */
async function makeOffsetsTopic(address: string): Promise<void> {
  const kafka = new Kafka({ clientId: 'test', brokers: [address], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.fetchOffsets({ groupId: 'first' });
  await admin.disconnect();
}
