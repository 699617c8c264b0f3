import { describe, expect, onTestFinished, test } from 'vitest';
import type { KafkaConnection } from '../../src/kafka/connection.ts';
import { groupMembership } from '../../src/kafka/group-membership.ts';
import type { GroupTerm } from '../../src/kafka/group-term.ts';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { transactionalSink } from '../../src/kafka/transactional-sink.ts';
import { DashctlError } from '../../src/runtime/errors.ts';
import { freePorts } from '../_support/broker-port.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { startBrokerProcess } from '../broker/_broker-process.ts';
import { randomFrom } from '../broker/server/_random-frames.ts';
import { readUntil, testConnection, valuesOf } from './_clusters.ts';

/** A broker in a process of its own, on the same port and data after each kill. */
interface KillableBroker {
  address: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

async function embedded(): Promise<KillableBroker> {
  const dataDir = temporaryFolder();
  const [port = 0] = await freePorts(1);
  const begin = () => startBrokerProcess(dataDir, ['--port', String(port), '--fsync', 'os']);
  let broker = await begin();
  onTestFinished(() => broker.kill());
  return {
    address: `127.0.0.1:${port}`,
    kill: () => broker.kill(),
    async start() {
      broker = await begin();
    },
  };
}

async function apacheKafka(): Promise<KillableBroker> {
  const broker = await startKafka();
  onTestFinished(() => broker.stop());
  return { address: broker.address, kill: () => broker.halt(), start: () => broker.start() };
}

const results = 'results';
const source = 'source';
const groupId = 'counters';
// A run that failed is repeated by its seed, as far as moments can be.
const seed = Number(process.env.DASHCTL_KILLS_SEED ?? 1);

/** What ends the work of a sink, but not the work. */
const interruptions = ['TAKEN_OVER', 'COMMIT_UNKNOWN', 'BROKER_UNREACHABLE', 'INTERRUPTED'];

/**
 * Writes 0, 1, 2 … each in a transaction with the offset after it, until it is told to end: as an aggregator must, it
 * tries again what was aborted, and otherwise goes on from what is committed. Gives what it has written.
 */
async function keepCounting(
  connection: KafkaConnection,
  isDone: () => boolean,
  onOutcome: (outcome: unknown) => void,
): Promise<number> {
  const leaving = new AbortController();
  const membership = await groupMembership({ connection, groupId, topics: [source], signal: leaving.signal });
  const workOn = async (term: GroupTerm): Promise<number | undefined> => {
    const sink = await transactionalSink({
      connection,
      transactionalId: groupId,
      timeout: 60_000,
      signal: term.signal,
    });
    try {
      let next = (await term.committed()).get(`${source}/0`)?.offset ?? 0;
      while (!isDone()) {
        const batches = [{ topic: results, records: [{ value: String(next), key: String(next), timestamp: 1 }] }];
        const offsets = [{ topic: source, partition: 0, offset: next + 1, metadata: '' }];
        const outcome = await codeOf(sink.commit({ batches, progress: { term, offsets } }));
        onOutcome(outcome);
        if (outcome === 'committed') next++;
        else if (outcome !== 'COMMIT_ABORTED') throw outcome;
      }
      return next;
    } finally {
      await sink.close();
    }
  };
  try {
    for await (const term of membership) {
      while (!term.signal.aborted) {
        const outcome = await workOn(term).catch(codeOfError);
        if (typeof outcome === 'number') return outcome;
        if (!interruptions.includes(String(outcome))) throw outcome;
      }
    }
  } finally {
    await membership.leave();
  }
  throw new Error('the membership ended');
}

const codeOfError = (error: unknown) => (error instanceof DashctlError ? error.code : error);
const codeOf = (work: Promise<unknown>) => work.then(() => 'committed', codeOfError);

async function readAll(connection: KafkaConnection): Promise<string[]> {
  const stop = new AbortController();
  const ended = new Set<number>();
  const read = topicSource({ connection, topics: [results], from: 'earliest', signal: stop.signal });
  const { records } = await readUntil(read, (batch) => {
    if (batch.nextOffset >= batch.highWatermark) ended.add(batch.partition);
    else ended.delete(batch.partition);
    return ended.size === 2;
  });
  stop.abort();
  return valuesOf(records);
}

describe.each([
  { name: 'the embedded broker', available: true, start: embedded, kills: 12 },
  { name: 'Apache Kafka', available: kafkaIsAvailable(), start: apacheKafka, kills: 3 },
])('with $name', ({ available, start, kills }) => {
  test.skipIf(!available)(
    `after ${kills} kills of the broker amid transactions each result is there once, and so are the offsets`,
    { timeout: 60_000 + kills * 40_000 },
    async ({ annotate }) => {
      const broker = await start();
      const { connection } = testConnection(broker.address);
      await ensureTopics(connection, [results], { partitions: 2 });
      await ensureTopics(connection, [source]);
      const random = randomFrom(seed);
      let isDone = false;
      let commits = 0;
      const outcomes = new Map<unknown, number>();
      let nextKill = { at: Number.POSITIVE_INFINITY, reached: () => {} };
      const counting = keepCounting(
        connection,
        () => isDone,
        (outcome) => {
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          if (++commits >= nextKill.at) nextKill.reached();
        },
      );
      for (let kill = 0; kill < kills; kill++) {
        const moment = new Promise<void>((reached) => {
          nextKill = { at: commits + 1 + random(20), reached };
        });
        await Promise.race([moment, counting]);
        // Somewhere in the next transaction, whose requests take a few ms.
        for (let turn = random(60); turn > 0; turn--) await new Promise((next) => setImmediate(next));
        await broker.kill();
        await broker.start();
      }
      const after = new Promise<void>((reached) => {
        nextKill = { at: commits + 5, reached };
      });
      await Promise.race([after, counting]);
      isDone = true;
      const written = await counting;
      await annotate([...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', '));
      const found = (await readAll(connection)).map(Number).sort((a, b) => a - b);
      expect(found, `seed ${seed}`).toEqual(Array.from({ length: written }, (_, value) => value));
    },
  );
});
