// Without this, kafkajs polls and warns of negative timeouts on new Node.
import '../../src/kafka/kafkajs-timers.ts';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { offsetCommit } from '../../src/broker/apis/offset-commit.ts';
import { offsetFetch } from '../../src/broker/apis/offset-fetch.ts';
import { freePorts } from '../_support/broker-port.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { startBrokerProcess } from './_broker-process.ts';
import { connectRaw, type RawClient } from './_raw-client.ts';
import { readAll } from './_reading.ts';
import { randomFrom } from './server/_random-frames.ts';
import { checkTransactions, Outcomes, runTransactions } from './transaction/_killed-transactions.ts';
import { transactionalClient } from './transaction/_transactional-client.ts';

// DASHCTL_KILLS=100 is the long form; DASHCTL_KILLS_SEED repeats the moments of a run that failed.
const kills = Number(process.env.DASHCTL_KILLS ?? 20);
const seed = Number(process.env.DASHCTL_KILLS_SEED ?? 1);
const levels = ['os', 'interval', 'always'];
const topic = 'kept';
const partitions = [0, 1, 2];
const group = 'committers';

test(`after each of ${kills} kills every acknowledged record is there once, none else, and transactions with their offsets are whole`, {
  timeout: 60_000 + kills * 5_000,
}, async () => {
  const dataDir = temporaryFolder();
  const [port = 0] = await freePorts(1);
  const random = randomFrom(seed);
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    // The broker is away for as long as a start takes.
    retry: { initialRetryTime: 20, multiplier: 1, factor: 0, retries: 2_000 },
    connectionTimeout: 1_000,
  });
  let broker = await startBrokerProcess(dataDir, ['--port', String(port), '--fsync', 'os']);
  onTestFinished(() => broker.kill());
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions.length }], waitForLeaders: true });
  await admin.disconnect();

  let isDone = false;
  let acknowledgements = 0;
  let nextKill = { at: Number.POSITIVE_INFINITY, reached: () => {} };
  const acknowledge = () => {
    if (++acknowledgements >= nextKill.at) nextKill.reached();
  };

  const acknowledged = partitions.map(() => 0);
  /** Sends records of ascending number to one partition, a few at a time, each again until it is acknowledged. */
  const keepSending = async (partition: number): Promise<number> => {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    let sent = 0;
    while (!isDone) {
      const count = 1 + (sent % 7);
      const messages = Array.from({ length: count }, (_, index) => ({
        partition,
        value: `${partition}:${sent + index}`,
      }));
      await producer.send({ topic, acks: -1, messages });
      sent += count;
      acknowledged[partition] = sent;
      acknowledge();
    }
    await producer.disconnect();
    return sent;
  };

  const committed = { tried: 0, acknowledged: 0 };
  /** Commits ever higher offsets until the broker is gone. */
  const keepCommitting = async (client: RawClient): Promise<void> => {
    while (!isDone) {
      const offset = ++committed.tried;
      const { topics } = await client.call(offsetCommit, 7, {
        groupId: group,
        generation: -1,
        retentionTime: -1,
        memberId: '',
        instanceId: null,
        topics: [
          {
            name: topic,
            partitions: [{ partition: 0, offset, metadata: 'm' }],
          },
        ],
      });
      expect(topics[0]?.partitions[0]?.errorCode).toBe(0);
      committed.acknowledged = offset;
      acknowledge();
    }
  };
  const committedOffset = async (client: RawClient) => {
    const { topics } = await client.call(offsetFetch, 5, {
      groupId: group,
      topics: [{ name: topic, partitions: [0] }],
      groups: [],
      requireStable: false,
    });
    return topics[0]?.partitions[0]?.offset ?? -1;
  };

  /** Looks whether all that was acknowledged is there once, and nothing else, while the producers go on. */
  const checkRecords = async (client: RawClient): Promise<void> => {
    for (const partition of partitions) {
      const least = acknowledged[partition] ?? 0;
      const { records } = await readAll(client, { topic, partition });
      expect(records.length, `seed ${seed}`).toBeGreaterThanOrEqual(least);
      expect(records.map(({ value }) => value)).toEqual(records.map((_, index) => `${partition}:${index}`));
    }
  };
  const outcomes = new Outcomes();

  const sending = partitions.map(keepSending);
  // A producer that gives up must end the test at once, not at its time limit.
  const gaveUp = Promise.all(sending);
  gaveUp.catch(() => {});
  for (let round = 1; round <= kills; round++) {
    const client = await connectRaw(port);
    await checkRecords(client);
    await checkTransactions(port, outcomes);
    if (committed.acknowledged > 0) {
      const found = await committedOffset(client);
      expect(found, `seed ${seed}`).toBeGreaterThanOrEqual(committed.acknowledged);
      expect(found, `seed ${seed}`).toBeLessThanOrEqual(committed.tried);
    }
    const moment = new Promise<void>((reached) => {
      nextKill = { at: acknowledgements + 1 + random(200), reached };
    });
    const transactional = await transactionalClient(port);
    const working = [keepCommitting(client), runTransactions(transactional, outcomes, acknowledge)].map((work) =>
      work.catch((error: Error) => {
        if (!error.message.includes('closed the connection')) throw error;
      }),
    );
    await Promise.race([moment, gaveUp, ...working]);
    await broker.kill();
    await Promise.all(working);
    client.close();
    transactional.client.close();
    expect(broker.failures).toEqual([]);
    const level = levels[round % levels.length] ?? 'os';
    broker = await startBrokerProcess(dataDir, ['--port', String(port), '--fsync', level]);
  }
  await checkTransactions(port, outcomes);
  expect(outcomes.committed.size).toBeGreaterThan(kills);
  isDone = true;
  const counts = await Promise.all(sending);

  const expected = counts.map((count, partition) =>
    Array.from({ length: count }, (_, index) => `${partition}:${index}`),
  );
  const found = partitions.map((): string[] => []);
  const consumer = kafka.consumer({ groupId: 'readers' });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const complete = Promise.withResolvers<void>();
  const total = counts.reduce((sum, count) => sum + count, 0);
  let read = 0;
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      found[partition]?.push(String(message.value));
      // A record more than were sent must not go unseen, so the end is what the broker says it is.
      if (++read >= total) complete.resolve();
    },
  });
  await complete.promise;
  await consumer.disconnect();
  expect(found, `seed ${seed}`).toEqual(expected);
  const last = kafka.admin();
  await last.connect();
  const ends = (await last.fetchTopicOffsets(topic)).toSorted((a, b) => a.partition - b.partition);
  await last.disconnect();
  expect(ends.map(({ high }) => Number(high))).toEqual(counts);
});
