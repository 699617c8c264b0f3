import { afterEach, beforeEach, expect, test } from 'vitest';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics, topicOffsets } from '../../src/kafka/topics.ts';
import { transactionalSink } from '../../src/kafka/transactional-sink.ts';
import { type Cluster, freshTopic, readUntil, startEmbedded, testConnection, valuesOf } from './_clusters.ts';

let cluster: Cluster;
let stop: AbortController;
let use: ReturnType<typeof testConnection>;
let topic: string;

beforeEach(async () => {
  cluster = await startEmbedded();
  stop = new AbortController();
  use = testConnection(cluster.address);
  topic = freshTopic();
  await ensureTopics(use.connection, [topic]);
});
afterEach(async () => {
  stop.abort();
  await cluster.stop();
});

const records = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ value: String(first + i), timestamp: 1 }));
const read = () => topicSource({ connection: use.connection, topics: [topic], from: 'earliest', signal: stop.signal });

test('a reader learns at once that it is behind, and reads on when the broker is back', async () => {
  const sink = await topicSink({ connection: use.connection });
  await sink.send(topic, records(0, 3));
  const source = read();
  const before = await readUntil(source, ({ caughtUp }) => caughtUp);
  await cluster.halt();
  const lost = await readUntil(source, () => true);
  expect(lost.last).toMatchObject({ topic, partition: 0, records: [], nextOffset: 3, caughtUp: false });
  await use.logged(/lost the connection/);
  await cluster.start();
  const sent = sink.send(topic, records(3, 2));
  const after = await readUntil(source, (_, all) => all.length === 2);
  expect([...valuesOf(before.records), ...valuesOf(after.records)]).toEqual(['0', '1', '2', '3', '4']);
  await use.logged(/reading from Kafka again/);
  await sent;
  await sink.close();
  expect(use.lines.filter((line) => /lost the connection|reading from Kafka again/.test(line))).toHaveLength(2);
});

test('a reader of an empty partition is told that nothing was missed', async () => {
  const source = read();
  await source.next();
  await cluster.halt();
  expect((await source.next()).value).toMatchObject({ caughtUp: false });
  await cluster.start();
  expect((await source.next()).value).toMatchObject({ caughtUp: true, nextOffset: 0 });
});

test('what is sent while the broker is away arrives once and in order', async () => {
  const sink = await topicSink({ connection: use.connection });
  const first = Array.from({ length: 20 }, (_, i) => sink.send(topic, records(i * 100, 100)));
  await first[0];
  await cluster.halt();
  const second = Array.from({ length: 20 }, (_, i) => sink.send(topic, records(2_000 + i * 100, 100)));
  await use.logged(/does not take records/);
  await cluster.start();
  await Promise.all([...first, ...second]);
  await sink.close();
  const got = await readUntil(read(), ({ caughtUp }) => caughtUp);
  expect(valuesOf(got.records)).toEqual(records(0, 4_000).map(({ value }) => value));
});

test('closing a sink gives up what waits for a broker that is away', async () => {
  const sink = await topicSink({ connection: use.connection });
  await sink.send(topic, records(0, 1));
  await cluster.halt();
  const waiting = sink.send(topic, records(1, 1));
  const rejected = expect(waiting).rejects.toMatchObject({ code: expect.stringMatching(/^BROKER_/) });
  await sink.close();
  await rejected;
  await expect(sink.send(topic, records(2, 1))).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await cluster.start();
});

test('after an abort a failed send is not repeated', async () => {
  const sink = await topicSink({ connection: use.connection, signal: stop.signal });
  await sink.send(topic, records(0, 1));
  await cluster.halt();
  const waiting = expect(sink.send(topic, records(1, 1))).rejects.toThrow();
  stop.abort();
  await waiting;
  await sink.close();
  await cluster.start();
  expect(await topicOffsets(use.connection, [topic])).toMatchObject([{ high: 1 }]);
});

test('a transaction that is committed while the broker is away is made when it is back, and that is said once', async () => {
  const sink = await transactionalSink({ connection: use.connection, transactionalId: topic, timeout: 60_000 });
  await sink.commit({ batches: [{ topic, records: records(0, 2) }] });
  await cluster.halt();
  const waiting = sink.commit({ batches: [{ topic, records: records(2, 2) }] });
  await use.logged(/does not take a transaction/);
  await cluster.start();
  await waiting;
  await sink.close();
  const { records: got } = await readUntil(read(), (_, all) => all.length === 4);
  expect(valuesOf(got)).toEqual(['0', '1', '2', '3']);
  expect(use.lines.filter((line) => /transaction/.test(line))).toEqual([
    expect.stringMatching(/does not take a transaction/),
    'Kafka takes transactions again',
  ]);
});

test('after an abort a transaction is given up, and nothing of it is visible', async () => {
  const { signal } = stop;
  const sink = await transactionalSink({ connection: use.connection, transactionalId: topic, timeout: 60_000, signal });
  await sink.commit({ batches: [{ topic, records: records(0, 1) }] });
  await cluster.halt();
  const waiting = expect(sink.commit({ batches: [{ topic, records: records(1, 1) }] })).rejects.toMatchObject({
    code: 'COMMIT_ABORTED',
  });
  await use.logged(/does not take a transaction/);
  stop.abort();
  await waiting;
  await sink.close();
  await cluster.start();
  // The record and the marker of its transaction.
  expect(await topicOffsets(use.connection, [topic])).toMatchObject([{ high: 2 }]);
});
