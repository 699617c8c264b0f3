import type { Admin, Kafka, Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

let topicCount = 0;

/** What any Kafka broker must do for transactions: the part of the contract that needs nothing of the rest. */
export function transactionContract(connect: () => Kafka): void {
  let kafka: Kafka;
  let admin: Admin;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    kafka = connect();
    admin = kafka.admin();
    await admin.connect();
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(() => admin?.disconnect());

  const newTopic = async (numPartitions = 1): Promise<string> => {
    const topic = `transactional-${++topicCount}`;
    await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
    return topic;
  };

  const newProducer = async (transactionalId: string, transactionTimeout = 60_000): Promise<Producer> => {
    const producer = kafka.producer({ transactionalId, transactionTimeout, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    closing.push(() => producer.disconnect());
    return producer;
  };

  /** A reader of a topic from its start, and what it has read; `until` waits for a number of records. */
  const read = async (topic: string, readUncommitted = false) => {
    const groupId = `reader-${++topicCount}`;
    const consumer = kafka.consumer({ groupId, readUncommitted, maxWaitTimeInMs: 500, sessionTimeout: 30_000 });
    closing.push(() => consumer.disconnect());
    const values: string[] = [];
    let check = () => {};
    // Resolves when it has been answered without a record.
    const asked = new Promise((resolve) => consumer.on('consumer.fetch', resolve));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(String(message.value));
        check();
      },
    });
    const until = (count: number) =>
      new Promise<string[]>((resolve) => {
        check = () => values.length >= count && resolve([...values].sort());
        check();
      });
    return { until, values, asked };
  };

  const write = async (producer: Producer, topic: string, ...values: string[]) => {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: values.map((value, partition) => ({ value, partition })) });
    return transaction;
  };

  const errorOf = (work: Promise<unknown>): Promise<{ type?: string }> =>
    work.then(
      () => expect.unreachable(),
      (error) => error,
    );

  test('what a transaction committed is read, what it aborted is not, in all its partitions', async () => {
    const topic = await newTopic(2);
    const producer = await newProducer(topic);
    await (await write(producer, topic, 'aborted 0', 'aborted 1')).abort();
    await (await write(producer, topic, 'committed 0', 'committed 1')).commit();
    const committed = await read(topic);
    expect(await committed.until(2)).toEqual(['committed 0', 'committed 1']);
    const everything = await read(topic, true);
    expect(await everything.until(4)).toEqual(['aborted 0', 'aborted 1', 'committed 0', 'committed 1']);
  });

  test('a waiting reader gets nothing behind an open transaction, and everything once it is ended', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic);
    const open = await write(producer, topic, 'open');
    const plain = kafka.producer();
    await plain.connect();
    closing.push(() => plain.disconnect());
    await plain.send({ topic, messages: [{ value: 'behind' }] });
    const [all, committed] = [await read(topic, true), await read(topic)];
    expect(await all.until(2)).toEqual(['behind', 'open']);
    await committed.asked;
    expect(committed.values).toEqual([]);
    await open.commit();
    expect(await committed.until(2)).toEqual(['behind', 'open']);
  });

  test('transactions follow one another', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic);
    for (let count = 0; count < 10; count++) {
      const transaction = await write(producer, topic, String(count));
      await (count % 2 === 0 ? transaction.commit() : transaction.abort());
    }
    const reader = await read(topic);
    expect(await reader.until(5)).toEqual(['0', '2', '4', '6', '8']);
  });

  test('a second producer of the same id shuts the first out and aborts what it left open', async () => {
    const topic = await newTopic();
    const first = await newProducer(topic);
    const left = await write(first, topic, 'left open');
    const second = await newProducer(topic);
    await (await write(second, topic, 'second')).commit();
    const error = await errorOf(left.commit());
    expect(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']).toContain(error.type);
    const reader = await read(topic);
    expect(await reader.until(1)).toEqual(['second']);
  });

  test('offsets are committed with the records, and not before', async () => {
    const topic = await newTopic();
    const groupId = `group-of-${topic}`;
    const producer = await newProducer(topic);
    const committed = async () => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return found?.partitions[0]?.offset;
    };
    const send = async (value: string, offset: string) => {
      const transaction = await write(producer, topic, value);
      await transaction.sendOffsets({
        consumerGroupId: groupId,
        topics: [{ topic, partitions: [{ partition: 0, offset }] }],
      });
      return transaction;
    };
    const kept = await send('kept', '5');
    expect(await committed()).toBe('-1');
    await kept.commit();
    // Apache Kafka answers before the offsets are there; the next transaction begins after that.
    const dropped = await send('dropped', '7');
    expect(await committed()).toBe('5');
    await dropped.abort();
    await (await write(producer, topic, 'last')).commit();
    expect(await committed()).toBe('5');
    const reader = await read(topic);
    expect(await reader.until(2)).toEqual(['kept', 'last']);
  });

  test('a transaction that nobody ends is aborted in time, and its producer shut out', async () => {
    const topic = await newTopic();
    const abandoned = await write(await newProducer(`${topic}-abandoned`, 1_000), topic, 'abandoned');
    const other = await newProducer(topic);
    await (await write(other, topic, 'behind')).commit();
    // It is held back until the first one is aborted.
    const reader = await read(topic);
    expect(await reader.until(1)).toEqual(['behind']);
    const error = await errorOf(abandoned.commit());
    expect(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']).toContain(error.type);
  });
}
