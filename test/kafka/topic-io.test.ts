import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { partitionOfKey } from '../../src/kafka/murmur2.ts';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { topicScan, topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics, startOffsets, topicExists, topicOffsets } from '../../src/kafka/topics.ts';
import { type Cluster, clusters, freshTopic, readUntil, testConnection, valuesOf } from './_clusters.ts';

const at = (timestamp: number, value: string) => ({ value, timestamp });
const numbered = (count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => at(1_000 + i, String(first + i)));

describe.each(clusters)('with $name', ({ available, start }) => {
  describe.skipIf(!available)('', () => {
    let cluster: Cluster;
    let stop: AbortController;
    let use: ReturnType<typeof testConnection>;

    beforeAll(async () => {
      cluster = await start();
    });
    afterAll(() => cluster?.stop());
    beforeEach(() => {
      stop = new AbortController();
      use = testConnection(cluster.address);
    });
    afterEach(() => stop.abort());

    const newTopic = async (partitions = 1) => {
      const topic = freshTopic();
      await ensureTopics(use.connection, [topic], { partitions });
      return topic;
    };
    const read = (topic: string, from: Parameters<typeof topicSource>[0]['from'] = 'earliest', readCommitted = true) =>
      topicSource({ connection: use.connection, topics: [topic], from, signal: stop.signal, readCommitted });
    const send = async (topic: string, records: Parameters<Awaited<ReturnType<typeof topicSink>>['send']>[1]) => {
      const sink = await topicSink({ connection: use.connection });
      await sink.send(topic, records);
      await sink.close();
    };

    test('records are read as they were sent', async () => {
      const topic = await newTopic();
      const sent = [
        { value: '女', key: 'gender', timestamp: 1_700_000_000_000, headers: { pipeline: 'gender', 标签: '女生' } },
        { value: Buffer.from([0, 255]), timestamp: 1_600_000_000_000 },
        { value: null, key: Buffer.from([1]), timestamp: 1_700_000_000_001 },
      ];
      await send(topic, sent);
      const { records } = await readUntil(read(topic), (_, all) => all.length === sent.length);
      expect(records.map((record) => ({ ...record, headers: { ...record.headers } }))).toEqual([
        {
          offset: 0,
          timestamp: 1_700_000_000_000,
          key: Buffer.from('gender'),
          value: Buffer.from('女'),
          headers: sent[0]?.headers,
        },
        { offset: 1, timestamp: 1_600_000_000_000, key: null, value: Buffer.from([0, 255]), headers: {} },
        { offset: 2, timestamp: 1_700_000_000_001, key: Buffer.from([1]), value: null, headers: {} },
      ]);
    });

    test('overlapping sends keep their order', async () => {
      const topic = await newTopic();
      const sink = await topicSink({ connection: use.connection });
      await Promise.all(Array.from({ length: 40 }, (_, i) => sink.send(topic, numbered(250, i * 250))));
      await sink.close();
      const { records, last } = await readUntil(read(topic), (_, all) => all.length === 10_000);
      expect(valuesOf(records)).toEqual(numbered(10_000).map(({ value }) => value));
      expect([last.nextOffset, last.caughtUp]).toEqual([10_000, true]);
    });

    test('a scan passes the same records, however many replies they come in', async () => {
      const topic = await newTopic();
      await send(topic, numbered(10_000));
      const options = { connection: use.connection, topics: [topic], signal: stop.signal, maxBytes: 5_000 };
      const values: string[] = [];
      for await (const { records, caughtUp } of topicScan({ ...options, from: new Map([[`${topic}/0`, 3]]) })) {
        for (const { offset, value } of records) {
          expect(offset).toBe(values.length + 3);
          values.push(String(value));
        }
        if (caughtUp) break;
      }
      expect(values).toEqual(
        numbered(10_000)
          .slice(3)
          .map(({ value }) => value),
      );
    });

    test('keys choose the partition as in Java, records without keys go to each partition in turn', async () => {
      const topic = await newTopic(3);
      const keys = Array.from({ length: 60 }, (_, i) => `key ${i}`);
      const sink = await topicSink({ connection: use.connection });
      await sink.send(
        topic,
        keys.map((key) => ({ value: 'x', key, timestamp: 1 })),
      );
      for (let i = 0; i < 3; i++) await sink.send(topic, [at(1, 'unkeyed')]);
      await sink.close();
      const partitions = new Map<string | undefined, number[]>();
      let count = 0;
      for await (const { partition, records } of read(topic)) {
        for (const { key } of records) {
          const name = key?.toString();
          partitions.set(name, [...(partitions.get(name) ?? []), partition]);
        }
        count += records.length;
        if (count === 63) break;
      }
      for (const key of keys) expect(partitions.get(key)).toEqual([partitionOfKey(Buffer.from(key), 3)]);
      expect(partitions.get(undefined)?.sort()).toEqual([0, 1, 2]);
    });

    test('batches for several topics are sent together', async () => {
      const [one, other] = [await newTopic(), await newTopic()];
      const sink = await topicSink({ connection: use.connection });
      await sink.sendAll([
        { topic: one, records: numbered(3) },
        { topic: other, records: numbered(2) },
      ]);
      await sink.close();
      const ends = (await topicOffsets(use.connection, [one, other])).map(({ topic, high }) => [topic, high]);
      expect(Object.fromEntries(ends)).toEqual({ [one]: 3, [other]: 2 });
    });

    test('records far larger than a batch together arrive in order', async () => {
      const topic = await newTopic();
      const values = Array.from({ length: 30 }, (_, i) => String(i).padEnd(100_000, '.'));
      await send(
        topic,
        values.map((value) => at(1, value)),
      );
      const { records } = await readUntil(read(topic), (_, all) => all.length === 30);
      expect(valuesOf(records)).toEqual(values);
    });

    test('a record larger than the topic takes is refused, what comes after it is not', async () => {
      const topic = await newTopic();
      const sink = await topicSink({ connection: use.connection });
      const refused = sink.send(topic, [at(1, 'x'.repeat(2_000_000))]);
      const sent = sink.send(topic, [at(1, 'small')]);
      await expect(refused).rejects.toMatchObject({
        code: 'BROKER_REFUSED',
        hint: expect.stringContaining('max.message.bytes'),
      });
      await sent;
      await sink.send(topic, [at(1, 'next')]);
      await sink.close();
      const { records } = await readUntil(read(topic), (_, all) => all.length === 2);
      expect(valuesOf(records)).toEqual(['small', 'next']);
    });

    test('an unknown topic is named with the nearest that exist, and not created', async () => {
      const topic = await newTopic();
      const slip = `${topic}x`;
      const unknown = { code: 'TOPIC_UNKNOWN', hint: expect.stringContaining(`"${topic}"`) };
      await expect(send(slip, numbered(1))).rejects.toMatchObject(unknown);
      await expect(read(slip).next()).rejects.toMatchObject(unknown);
      await expect(topicOffsets(use.connection, [slip])).rejects.toMatchObject(unknown);
      expect(await topicExists(use.connection, slip)).toBe(false);
      expect(await topicExists(use.connection, topic)).toBe(true);
    });

    test('creating topics twice leaves them as they are', async () => {
      const topic = await newTopic(2);
      await send(topic, numbered(1));
      await ensureTopics(use.connection, [topic, topic], { partitions: 4 });
      expect(await topicOffsets(use.connection, [topic])).toHaveLength(2);
    });

    test('a partition with nothing to read says so at once, and again with each record', async () => {
      const topic = await newTopic();
      const source = read(topic);
      expect((await source.next()).value).toMatchObject({
        records: [],
        nextOffset: 0,
        highWatermark: 0,
        caughtUp: true,
      });
      await send(topic, numbered(1));
      const { value } = await source.next();
      expect(value).toMatchObject({ topic, partition: 0, nextOffset: 1, highWatermark: 1, caughtUp: true });
    });

    test('only the last piece of a backlog is caught up', async () => {
      const topic = await newTopic();
      await send(topic, numbered(200_000));
      const caughtUp: boolean[] = [];
      await readUntil(read(topic), (batch) => {
        caughtUp.push(batch.caughtUp);
        return batch.nextOffset === 200_000;
      });
      expect(caughtUp.length).toBeGreaterThan(1);
      expect(caughtUp.indexOf(true)).toBe(caughtUp.length - 1);
    });

    test('reading begins at an end, a time or an offset', async () => {
      const topic = await newTopic();
      await send(topic, numbered(10));
      const first = async (from: Parameters<typeof topicSource>[0]['from']) => {
        const { records } = await readUntil(read(topic, from), ({ caughtUp }) => caughtUp);
        return records[0]?.offset;
      };
      expect(await first('earliest')).toBe(0);
      expect(await first('latest')).toBeUndefined();
      expect(await first({ timestamp: 1_004 })).toBe(4);
      expect(await first({ timestamp: 5_000 })).toBeUndefined();
      expect(await first(new Map([[`${topic}/0`, 7]]))).toBe(7);
      expect(await first(new Map())).toBe(0);
      const [start] = await startOffsets(use.connection, [topic], { timestamp: 1_006 });
      expect(start).toEqual({ topic, partition: 0, offset: 6 });
    });

    test('an offset that the log does not have leads to its start, and is told', async () => {
      const topic = await newTopic();
      await send(topic, numbered(3));
      const { records } = await readUntil(read(topic, new Map([[`${topic}/0`, 99]])), (_, all) => all.length === 3);
      expect(valuesOf(records)).toEqual(['0', '1', '2']);
      await use.logged(/has no offset 99/);
    });

    test('only the partitions asked for are read', async () => {
      const topic = await newTopic(2);
      const sink = await topicSink({ connection: use.connection });
      for (let i = 0; i < 2; i++) await sink.send(topic, numbered(1));
      await sink.close();
      const { connection } = use;
      const source = topicSource({
        connection,
        topics: [topic],
        partitions: [1],
        from: 'earliest',
        signal: stop.signal,
      });
      const { last } = await readUntil(source, (_, all) => all.length === 1);
      expect([last.partition, last.caughtUp]).toEqual([1, true]);
      const none = topicSource({ connection, topics: [topic], partitions: [7], from: 'earliest', signal: stop.signal });
      await expect(none.next()).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
    });

    test('an abort ends the reading while it waits', async () => {
      const source = read(await newTopic());
      await source.next();
      const waiting = source.next();
      stop.abort();
      expect((await waiting).done).toBe(true);
    });

    test('a topic that is deleted is told, counts as read, and others go on', async () => {
      const [doomed, other] = [await newTopic(), await newTopic()];
      const source = topicSource({
        connection: use.connection,
        topics: [doomed, other],
        from: 'earliest',
        signal: stop.signal,
      });
      await readUntil(source, ({ topic }) => topic === doomed);
      const admin = new Kafka({ brokers: [cluster.address], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [doomed] });
      await admin.disconnect();
      await readUntil(source, ({ topic, caughtUp }) => topic === doomed && !caughtUp);
      const gone = await readUntil(source, ({ topic }) => topic === doomed);
      expect(gone.last).toMatchObject({ records: [], caughtUp: true });
      await use.logged(new RegExp(`${doomed}/0 was deleted`));
      await send(other, numbered(1));
      await readUntil(source, (_, all) => all.length === 1);
    });
  });
});
