import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestBroker } from '../_support/broker.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';

const brokers = [
  { name: 'the embedded broker', start: startTestBroker, isHere: true },
  { name: 'Apache Kafka', start: startKafka, isHere: kafkaIsAvailable() },
];

// This client asks only the newest versions of each API, and fetches by topic id.
for (const { name, start, isHere } of brokers) {
  describe.skipIf(!isHere)(`@platformatic/kafka on ${name}`, () => {
    let broker: { address: string; stop(): Promise<void> };
    let admin: Admin;
    let producer: Producer<string, string, string, string>;
    beforeAll(async () => {
      broker = await start();
      const asWhom = { clientId: 'platformatic', bootstrapBrokers: [broker.address] };
      admin = new Admin(asWhom);
      producer = new Producer({ ...asWhom, serializers: stringSerializers, idempotent: true, autocreateTopics: true });
    });
    afterAll(async () => {
      await producer?.close();
      await admin?.close();
      await broker?.stop();
    });

    /** Reads so many records as a member of a group, from the beginning where nothing is committed, and commits them. */
    const read = async (topic: string, count: number, groupId: string): Promise<string[]> => {
      const consumer = new Consumer({
        clientId: 'platformatic',
        bootstrapBrokers: [broker.address],
        groupId,
        deserializers: stringDeserializers,
        maxWaitTime: 500,
      });
      const stream = await consumer.consume({
        topics: [topic],
        mode: MessagesStreamModes.COMMITTED,
        fallbackMode: 'earliest',
        autocommit: false,
      });
      const values: string[] = [];
      for await (const message of stream) {
        values.push(`${message.key} ${message.value} ${message.headers.get('of')}`);
        if (values.length < count) continue;
        await message.commit();
        break;
      }
      await consumer.close(true);
      return values;
    };

    const send = (topic: string, values: readonly string[]) =>
      producer.send({ messages: values.map((value) => ({ topic, key: 'k', value, headers: { of: topic } })) });

    test('a topic comes to be with the first record, and a group goes on where it has committed', async () => {
      await send('made', ['1', '2']);
      expect(await read('made', 2, 'makers')).toEqual(['k 1 made', 'k 2 made']);
      await send('made', ['3']);
      expect(await read('made', 1, 'makers')).toEqual(['k 3 made']);
    });

    test('the successor of a deleted topic is read from its own beginning', async () => {
      for (const value of ['old', 'new']) {
        await admin.createTopics({ topics: ['again'], partitions: 1, replicas: 1 });
        await send('again', [value]);
        expect(await read('again', 1, `readers-of-${value}`)).toEqual([`k ${value} again`]);
        await admin.deleteTopics({ topics: ['again'] });
      }
    });

    test('groups, partitions and configurations are described and altered', async () => {
      await admin.createTopics({ topics: ['work'], partitions: 1, replicas: 1 });
      await send('work', ['1']);
      await read('work', 1, 'workers');
      await admin.createPartitions({
        topics: [{ name: 'work', count: 3, assignments: [{ brokerIds: [1] }, { brokerIds: [1] }] }],
      });
      const { topics } = await admin.metadata({ topics: ['work'], forceUpdate: true });
      expect(topics.get('work')?.partitions).toHaveLength(3);
      expect((await admin.listGroups()).has('workers')).toBe(true);
      expect((await admin.describeGroups({ groups: ['workers'] })).get('workers')).toMatchObject({ state: 'EMPTY' });
      const [offsets] = await admin.listConsumerGroupOffsets({ groups: ['workers'] });
      expect(offsets?.topics).toMatchObject([{ name: 'work', partitions: [{ partitionIndex: 0 }] }]);
      await admin.deleteGroups({ groups: ['workers'] });
      expect((await admin.listGroups()).has('workers')).toBe(false);
      expect(await admin.listTopics()).toContain('work');
    });
  });
}
