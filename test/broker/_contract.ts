import { type Admin, type Consumer, Kafka, type KafkaJSError, logLevel, Partitioners, type Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { transactionContract } from './_transaction-contract.ts';

interface Started {
  /** `host:port` of one broker. */
  address: string;
  stop(): Promise<void>;
}

/** What any Kafka broker must do for the stages of this project: run on the embedded one and on Apache Kafka. */
export function brokerContract(name: string, start: () => Promise<Started>): void {
  describe(`the broker contract on ${name}`, () => {
    let broker: Started;
    let kafka: Kafka;
    let admin: Admin;
    let producer: Producer;
    const closing: (() => Promise<void>)[] = [];
    let topicCount = 0;

    beforeAll(async () => {
      broker = await start();
      kafka = new Kafka({
        brokers: [broker.address],
        clientId: 'contract',
        logLevel: logLevel.NOTHING,
        retry: { initialRetryTime: 50, retries: 8 },
      });
      admin = kafka.admin();
      producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await Promise.all([admin.connect(), producer.connect()]);
    });
    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
    });
    afterAll(async () => {
      await Promise.all([admin?.disconnect(), producer?.disconnect()]);
      await broker?.stop();
    });

    transactionContract(() => kafka);

    const newTopic = async (numPartitions = 1, config: Record<string, string> = {}): Promise<string> => {
      const topic = `contract-${++topicCount}`;
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
      await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true });
      return topic;
    };

    interface Got {
      partition: number;
      offset: number;
      value: string;
      key: string | undefined;
      timestamp: number;
      headers: Record<string, string>;
    }

    /** Runs a consumer until it has read `count` records. */
    const consume = async (
      topic: string,
      count: number,
      { groupId = `group-of-${topic}-${++topicCount}`, fromBeginning = true, onJoin = () => {} } = {},
    ): Promise<Got[]> => {
      const consumer: Consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 30_000, sessionTimeout: 30_000 });
      closing.push(() => consumer.disconnect());
      const got: Got[] = [];
      const complete = Promise.withResolvers<void>();
      consumer.on('consumer.group_join', onJoin);
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning });
      await consumer.run({
        eachMessage: async ({ partition, message }) => {
          got.push({
            partition,
            offset: Number(message.offset),
            value: String(message.value),
            key: message.key?.toString(),
            timestamp: Number(message.timestamp),
            headers: Object.fromEntries(
              Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)]),
            ),
          });
          if (got.length === count) complete.resolve();
        },
      });
      await complete.promise;
      // Leaving commits what was read.
      await consumer.disconnect();
      return got;
    };

    test('a topic that was created is listed with its partitions, and only once', async () => {
      const topic = await newTopic(3);
      expect(await admin.listTopics()).toContain(topic);
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]?.partitions).toHaveLength(3);
      expect(await admin.createTopics({ topics: [{ topic }] })).toBe(false);
    });

    test('a topic name that is none is refused', async () => {
      const error: KafkaJSError = await admin.createTopics({ topics: [{ topic: 'no/topic' }] }).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(JSON.stringify(error)).toContain('INVALID_TOPIC_EXCEPTION');
    });

    test('records come back with key, value, headers, time and the offsets that were answered', async () => {
      const topic = await newTopic();
      const messages = [
        { key: 'k', value: '[{"0":3}]', headers: { pipeline: 'gender', revision: '0' }, timestamp: '1700000000000' },
        { value: '女 and 男', timestamp: '1700000000001' },
        { value: '', timestamp: '1700000000002' },
      ];
      const [first] = await producer.send({ topic, messages });
      const [second] = await producer.send({ topic, messages: [{ value: 'last', timestamp: '1700000000003' }] });
      expect([first?.errorCode, first?.baseOffset, second?.baseOffset]).toEqual([0, '0', '3']);
      expect(await consume(topic, 4)).toEqual([
        {
          partition: 0,
          offset: 0,
          key: 'k',
          value: '[{"0":3}]',
          timestamp: 1_700_000_000_000,
          headers: { pipeline: 'gender', revision: '0' },
        },
        { partition: 0, offset: 1, key: undefined, value: '女 and 男', timestamp: 1_700_000_000_001, headers: {} },
        { partition: 0, offset: 2, key: undefined, value: '', timestamp: 1_700_000_000_002, headers: {} },
        { partition: 0, offset: 3, key: undefined, value: 'last', timestamp: 1_700_000_000_003, headers: {} },
      ]);
    });

    test('a waiting consumer gets a record long before its wait is over', async () => {
      const topic = await newTopic();
      const joined = Promise.withResolvers<void>();
      const consuming = consume(topic, 1, { onJoin: joined.resolve });
      await joined.promise;
      await producer.send({ topic, messages: [{ value: 'wake up' }] });
      // The consumer's wait of 30 s is longer than a test may take.
      const race = new Promise((_, reject) => setTimeout(() => reject(new Error('not woken')), 20_000).unref());
      expect(await Promise.race([consuming, race])).toMatchObject([{ value: 'wake up' }]);
    });

    test('offsets are listed by time: the first record that is not earlier', async () => {
      const topic = await newTopic();
      for (const second of [1, 2, 3, 4]) {
        const timestamp = String(1_700_000_000_000 + second * 1_000);
        await producer.send({
          topic,
          messages: [
            { value: 'a', timestamp },
            { value: 'b', timestamp },
          ],
        });
      }
      const offsetAt = async (time: number) =>
        (await admin.fetchTopicOffsetsByTimestamp(topic, time)).map(({ offset }) => Number(offset));
      expect(await offsetAt(1_700_000_000_000)).toEqual([0]);
      expect(await offsetAt(1_700_000_002_000)).toEqual([2]);
      expect(await offsetAt(1_700_000_002_001)).toEqual([4]);
      expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ partition: 0, low: '0', high: '8' }]);
    });

    test('a group goes on where it stopped', async () => {
      const topic = await newTopic();
      const groupId = `resuming-${topic}`;
      await producer.send({ topic, messages: [{ value: '1' }, { value: '2' }] });
      expect((await consume(topic, 2, { groupId })).map(({ value }) => value)).toEqual(['1', '2']);
      await producer.send({ topic, messages: [{ value: '3' }] });
      expect((await consume(topic, 1, { groupId })).map(({ value }) => value)).toEqual(['3']);
      const [kept] = await admin.fetchOffsets({ groupId, topics: [topic] });
      expect(kept?.partitions).toMatchObject([{ partition: 0, offset: '3' }]);
      const { groups } = await admin.describeGroups([groupId]);
      expect(groups).toMatchObject([{ errorCode: 0, groupId, state: 'Empty', members: [] }]);
    });

    test('members of a group share the partitions, and one that leaves hands its own over', async () => {
      const topic = await newTopic(2);
      const groupId = `sharing-${topic}`;
      const seen: { member: number; partition: number; value: string }[] = [];
      const assigned: number[] = [0, 0];
      let check = () => {};
      const until = (holds: () => boolean) =>
        new Promise<void>((resolve) => {
          check = () => holds() && resolve();
          check();
        });
      const members = [0, 1].map((member) => {
        const consumer = kafka.consumer({
          groupId,
          maxWaitTimeInMs: 100,
          heartbeatInterval: 200,
          sessionTimeout: 10_000,
        });
        closing.push(() => consumer.disconnect());
        consumer.on('consumer.group_join', ({ payload }) => {
          assigned[member] = payload.memberAssignment[topic]?.length ?? 0;
          check();
        });
        return { member, consumer };
      });
      for (const { member, consumer } of members) {
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        await consumer.run({
          eachMessage: async ({ partition, message }) => {
            seen.push({ member, partition, value: String(message.value) });
            check();
          },
        });
      }
      await until(() => assigned[0] === 1 && assigned[1] === 1);
      await producer.send({ topic, messages: [0, 1].map((partition) => ({ partition, value: 'both' })) });
      await until(() => seen.filter(({ value }) => value === 'both').length === 2);
      expect(new Set(seen.map(({ member }) => member)).size).toBe(2);
      await members[0]?.consumer.disconnect();
      await until(() => assigned[1] === 2);
      await producer.send({ topic, messages: [0, 1].map((partition) => ({ partition, value: 'one' })) });
      await until(() => seen.filter(({ value }) => value === 'one').length === 2);
      expect(seen.filter(({ value }) => value === 'one').map(({ member }) => member)).toEqual([1, 1]);
    });

    test('the first record to a new topic creates it', async () => {
      const topic = `contract-new-${++topicCount}`;
      const [sent] = await producer.send({ topic, messages: [{ value: 'hello' }] });
      expect(sent).toMatchObject({ topicName: topic, partition: 0, errorCode: 0, baseOffset: '0' });
    });

    test('a deleted topic is gone, and its successor starts anew', async () => {
      const topic = await newTopic();
      await producer.send({ topic, messages: [{ value: 'old' }] });
      await admin.deleteTopics({ topics: [topic] });
      // The controller answers; the broker that is asked next hears of it a moment later.
      const heard = { timeout: 10_000 };
      await expect.poll(() => admin.listTopics(), heard).not.toContain(topic);
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
      await expect.poll(() => admin.fetchTopicOffsets(topic), heard).toMatchObject([{ low: '0', high: '0' }]);
    });

    test('a record above the limit is refused by name and the next one is accepted', async () => {
      const topic = await newTopic(1, { 'max.message.bytes': '2000' });
      const error = await producer.send({ topic, messages: [{ value: 'x'.repeat(3_000) }] }).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error).toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
      expect(await producer.send({ topic, messages: [{ value: 'x' }] })).toMatchObject([{ baseOffset: '0' }]);
    });

    test('a record without a key is refused by a compacted topic, and one with a key or a tombstone accepted', async () => {
      const topic = await newTopic(1, { 'cleanup.policy': 'compact' });
      const error = await producer.send({ topic, messages: [{ key: 'k', value: 'x' }, { value: 'x' }] }).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error).toMatchObject({ type: 'INVALID_RECORD' });
      expect(await producer.send({ topic, messages: [{ key: 'k', value: 'x' }] })).toMatchObject([{ baseOffset: '0' }]);
      expect(await producer.send({ topic, messages: [{ key: 'k', value: null }] })).toMatchObject([
        { baseOffset: '1' },
      ]);
    });

    test('a batch larger than what a consumer asks for is read all the same', async () => {
      const topic = await newTopic();
      await producer.send({ topic, messages: [{ value: 'x'.repeat(300_000) }, { value: 'end' }] });
      const consumer = kafka.consumer({ groupId: `small-${topic}`, maxBytesPerPartition: 1_000, maxBytes: 2_000 });
      closing.push(() => consumer.disconnect());
      const ended = Promise.withResolvers<void>();
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message }) => void (String(message.value) === 'end' && ended.resolve()),
      });
      await ended.promise;
    });

    test('an idempotent producer is served', async () => {
      const topic = await newTopic();
      const exact = kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await exact.connect();
      closing.push(() => exact.disconnect());
      for (let count = 0; count < 10; count++)
        await exact.send({ topic, acks: -1, messages: [{ value: String(count) }] });
      expect((await consume(topic, 10)).map(({ value }) => Number(value))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('gzip is kept as it came', async () => {
      const topic = await newTopic();
      await producer.send({
        topic,
        compression: 1,
        messages: Array.from({ length: 100 }, (_, index) => ({ value: `same ${index}` })),
      });
      const got = await consume(topic, 100);
      expect(got.at(-1)).toMatchObject({ offset: 99, value: 'same 99' });
    });

    test('a topic can be given more partitions, and its configuration be read and altered', async () => {
      const topic = await newTopic(1, { 'retention.ms': '60000' });
      await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]?.partitions).toHaveLength(3);
      const retention = async () => {
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }],
        });
        return resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]);
      };
      expect(await retention()).toEqual([['retention.ms', '60000']]);
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: topic, configEntries: [{ name: 'retention.ms', value: '90000' }] }],
      });
      expect(await retention()).toEqual([['retention.ms', '90000']]);
    });

    test('records can be deleted up to an offset', async () => {
      const topic = await newTopic();
      for (const value of ['1', '2', '3']) await producer.send({ topic, messages: [{ value }] });
      // kafkajs finds a topic's leader only when its admin has asked for the topic before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
      expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: '2', high: '3' }]);
      expect(await consume(topic, 1)).toMatchObject([{ offset: 2, value: '3' }]);
    });
  });
}
