import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { type Cluster, clusters, freshTopic, readUntil, testConnection, valuesOf } from './_clusters.ts';

describe.each(clusters)('transactions on $name', ({ available, start }) => {
  let kafka: Cluster;
  beforeAll(async () => {
    if (available) kafka = await start();
  });
  afterAll(() => kafka?.stop());

  test.skipIf(!available)(
    'what was aborted is not read, and an open transaction ends what can be read until it is committed',
    async () => {
      const { connection } = testConnection(kafka.address);
      const topic = freshTopic();
      await ensureTopics(connection, [topic]);
      const client = new Kafka({ brokers: [kafka.address], logLevel: logLevel.NOTHING });
      const producer = client.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
      await producer.connect();
      const write = async (value: string) => {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value }] });
        return transaction;
      };
      await (await write('committed')).commit();
      await (await write('aborted')).abort();

      const stop = new AbortController();
      const source = topicSource({ connection, topics: [topic], from: 'earliest', signal: stop.signal });
      // Each value takes an offset, and each marker.
      const before = await readUntil(source, ({ nextOffset }) => nextOffset === 4);
      expect(valuesOf(before.records)).toEqual(['committed']);
      expect(before.last).toMatchObject({ highWatermark: 4, readableEnd: 4, caughtUp: true });
      const open = await write('open');
      const held = await readUntil(source, ({ highWatermark }) => highWatermark === 5);
      expect(held.last).toMatchObject({ records: [], nextOffset: 4, readableEnd: 4, caughtUp: true });
      await open.commit();
      const after = await readUntil(source, ({ nextOffset }) => nextOffset === 6);
      expect(valuesOf(after.records)).toEqual(['open']);
      expect(after.last).toMatchObject({ highWatermark: 6, readableEnd: 6, caughtUp: true });

      const { signal } = stop;
      const everything = topicSource({ connection, topics: [topic], from: 'earliest', signal, readCommitted: false });
      const all = await readUntil(everything, ({ caughtUp }) => caughtUp);
      expect(valuesOf(all.records)).toEqual(['committed', 'aborted', 'open']);
      stop.abort();
      await producer.disconnect();
    },
  );

  test.skipIf(!available)('records that were deleted before they were read are counted', async () => {
    const { connection, logged } = testConnection(kafka.address);
    const topic = freshTopic();
    await ensureTopics(connection, [topic]);
    const client = new Kafka({ brokers: [kafka.address], logLevel: logLevel.NOTHING });
    const producer = client.producer({ createPartitioner: () => () => 0 });
    await producer.connect();
    await producer.send({ topic, messages: ['0', '1', '2', '3', '4'].map((value) => ({ value })) });
    await producer.disconnect();
    const admin = client.admin();
    await admin.connect();
    // Without its metadata, kafkajs cannot delete from a topic.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    await admin.disconnect();
    const stop = new AbortController();
    const from = new Map([[`${topic}/0`, 1]]);
    const source = topicSource({ connection, topics: [topic], from, signal: stop.signal });
    const { records } = await readUntil(source, (_, all) => all.length === 2);
    expect(valuesOf(records)).toEqual(['3', '4']);
    await logged(/^2 records of .* were deleted before they could be read$/);
    stop.abort();
  });
});
