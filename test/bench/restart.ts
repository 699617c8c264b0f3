import { topicSink } from '../../src/kafka/topic-sink.ts';
import { mostReplayed } from '../../src/window/changelog-rule.ts';
import { aggregatorScript, type Counter } from '../_support/aggregator-script.ts';
import { type BenchBroker, startBrokers } from './brokers.ts';
import type { Bench, Measurement } from './harness.ts';
import { type CommandLine, startGroup } from './processes.ts';
import { createTopic } from './topics.ts';
import { benchConnection, watchTopic } from './watch-topic.ts';

// DASHCTL_BENCH_RECORDS for a shorter run.
const records = Number(process.env.DASHCTL_BENCH_RECORDS ?? 20_000_000);
const keys = 1_600;
/** All records are of this long before the start, so that they are in one period. */
const span = 60_000;
const source = 'sex';
// So long a period that a restart needs every record, and results of it at once, so that it can be seen to count again.
const shape = { kind: 'cumulative', size: 1_000 * 86_400_000, step: 100 } as const;

interface Restart {
  name: string;
  broker: BenchBroker;
  counter: Counter;
}

const restartsOf = (broker: BenchBroker): Restart[] =>
  [
    { name: 'with a changelog', most: mostReplayed },
    { name: 'without', most: Number.MAX_SAFE_INTEGER },
  ].map(({ name, most }) => {
    const groupId = `restart-${name.replaceAll(' ', '-')}`;
    const changelog = { most, interval: 5_000 };
    const counter = { groupId, resultTopic: `${groupId}-results`, shape, changelog, allowedLateness: 60_000 };
    return { name: `${name}, ${broker.name}`, broker, counter: { ...counter, brokers: [broker.address] } };
  });

/** From the start of a process that goes on with long windows to its first result, of a record sent at that moment. */
export const restart: Bench = {
  name: 'restart',
  title: `Start in the midst of a window of ${records.toLocaleString('en')} records and ${keys} values, to the first result`,
  metrics: { 'first result': { unit: 's', better: 'less' } },
  async prepare() {
    const { brokers, skipped } = await startBrokers();
    const restarts = brokers.flatMap(restartsOf);
    for (const { address } of brokers) await fill(address);
    for (const { broker, counter } of restarts) {
      await createTopic(broker.address, counter.resultTopic);
      // The first start counts all of it, and the stop leaves what the others find.
      await startAndStop(broker, counter);
    }
    return {
      sides: restarts.map(({ name, broker, counter }) => ({ name, run: () => startAndStop(broker, counter) })),
      comparisons: brokers.map(({ name }) => ({ ours: `with a changelog, ${name}`, peer: `without, ${name}` })),
      skipped,
      async close() {
        for (const broker of brokers) await broker.stop();
      },
    };
  },
};

async function startAndStop({ address }: BenchBroker, counter: Counter): Promise<Measurement> {
  const sink = await topicSink({ connection: benchConnection(address) });
  const sentAt = Date.now();
  const arrived = Promise.withResolvers<number>();
  const stopWatching = await watchTopic(address, counter.resultTopic, (results) => {
    // Others are corrections, or of what was there before.
    if (results.some(({ timestamp }) => timestamp > sentAt)) arrived.resolve(performance.now());
  });
  await sink.send(source, [{ value: '0', timestamp: sentAt }]);
  const start = performance.now();
  const commandLine: CommandLine = [process.execPath, aggregatorScript, JSON.stringify(counter)];
  const running = startGroup(commandLine);
  try {
    return { 'first result': ((await Promise.race([arrived.promise, running.ended])) - start) / 1_000 };
  } finally {
    await running.stop();
    await stopWatching();
    await sink.close();
  }
}

async function fill(address: string): Promise<void> {
  await createTopic(address, source);
  const sink = await topicSink({ connection: benchConnection(address) });
  const start = Date.now() - span;
  const parcel = 20_000;
  for (let sent = 0; sent < records; sent += parcel) {
    const timestamp = start + Math.floor((sent / records) * span);
    const values = Array.from({ length: parcel }, (_, index) => ({ value: String((sent + index) % keys), timestamp }));
    await sink.send(source, values);
  }
  await sink.close();
}
