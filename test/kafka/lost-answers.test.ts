import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { groupMembership } from '../../src/kafka/group-membership.ts';
import type { GroupTerm } from '../../src/kafka/group-term.ts';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { type TransactionalSink, transactionalSink } from '../../src/kafka/transactional-sink.ts';
import { startTestBroker } from '../_support/broker.ts';
import { freePorts } from '../_support/broker-port.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import { freshTopic, readUntil, testConnection, valuesOf } from './_clusters.ts';
import { type LosingProxy, losingProxy } from './_losing-proxy.ts';

const brokers = [
  {
    name: 'the embedded broker',
    available: true,
    start: async (advertised: number) => {
      const [port = 0] = await freePorts(1);
      const broker = await startTestBroker({ port, advertise: { host: '127.0.0.1', port: advertised } });
      return { port, stop: () => broker.stop() };
    },
  },
  {
    name: 'Apache Kafka',
    available: kafkaIsAvailable(),
    start: async (port: number) => {
      const kafka = await startKafka([`advertised.listeners=PLAINTEXT://127.0.0.1:${port}`]);
      return { port: Number(kafka.address.split(':')[1]), stop: () => kafka.stop() };
    },
  },
];

const requests = [
  { name: 'AddPartitionsToTxn', apiKey: 24 },
  { name: 'AddOffsetsToTxn', apiKey: 25 },
  { name: 'Produce', apiKey: 0 },
  { name: 'TxnOffsetCommit', apiKey: 28 },
  { name: 'EndTxn', apiKey: 26 },
];

describe.each(brokers)('when an answer of $name is lost', ({ available, start }) => {
  describe.skipIf(!available)('', () => {
    let proxy: LosingProxy;
    let broker: { stop(): Promise<void> } | undefined;
    let use: ReturnType<typeof testConnection>;
    let stop: AbortController;
    let results: string;
    let source: string;
    let term: GroupTerm;
    const closing: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      proxy = await losingProxy();
      const started = await start(proxy.port);
      broker = started;
      proxy.leadTo(started.port);
    });
    afterAll(async () => {
      proxy?.close();
      await broker?.stop();
    });
    beforeEach(async () => {
      use = testConnection(`127.0.0.1:${proxy.port}`);
      stop = new AbortController();
      [results, source] = [freshTopic('results'), freshTopic('source')];
      await ensureTopics(use.connection, [results, source]);
      const groupId = `group-${results}`;
      const { connection } = use;
      const membership = await groupMembership({ connection, groupId, topics: [source], signal: stop.signal });
      closing.push(() => membership.leave());
      const { value } = await membership[Symbol.asyncIterator]().next();
      if (!value) throw new Error('no term');
      term = value;
    });
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
      stop.abort();
    });

    const open = async (): Promise<TransactionalSink> => {
      const sink = await transactionalSink({ connection: use.connection, transactionalId: results, timeout: 60_000 });
      closing.push(() => sink.close());
      return sink;
    };
    const commit = (sink: TransactionalSink, count: number) =>
      sink.commit({
        batches: [{ topic: results, records: [{ value: `${count}`, timestamp: 1 }] }],
        progress: { term, offsets: [{ topic: source, partition: 0, offset: count, metadata: '' }] },
      });
    const read = async (readCommitted: boolean) => {
      const options = { connection: use.connection, topics: [results], from: 'earliest', readCommitted } as const;
      const all = topicSource({ ...options, signal: stop.signal });
      const { records } = await readUntil(all, ({ nextOffset, highWatermark }) => nextOffset >= highWatermark);
      return valuesOf(records);
    };
    const committed = async () => (await term.committed()).get(`${source}/0`)?.offset;

    test.each(requests)('to $name, it is asked again and the transaction committed once', async ({ apiKey }) => {
      const sink = await open();
      await commit(sink, 1);
      const lost = proxy.loseAnswer(apiKey);
      await commit(sink, 2);
      await lost;
      await commit(sink, 3);
      expect(await read(true)).toEqual(['1', '2', '3']);
      expect(await read(false)).toEqual(['1', '2', '3']);
      expect(await committed()).toBe(3);
    });

    test('to EndTxn, and another takes over, the commit is of unknown end, and the other finds it made', async () => {
      const first = await open();
      const second = Promise.withResolvers<TransactionalSink>();
      const lost = proxy.loseAnswer(26, async () => second.resolve(await open()));
      await expect(commit(first, 1)).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN', hint: expect.any(String) });
      await lost;
      await expect(commit(first, 2)).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' });
      const sink = await second.promise;
      expect(await committed()).toBe(1);
      await commit(sink, 2);
      expect(await read(true)).toEqual(['1', '2']);
    });

    test('to InitProducerId, the transactional id is taken all the same', async () => {
      const lost = proxy.loseAnswer(22);
      const sink = await open();
      await lost;
      await commit(sink, 1);
      expect(await read(true)).toEqual(['1']);
    });
  });
});
