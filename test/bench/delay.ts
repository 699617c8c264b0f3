import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sparkIsAvailable, sparkJars, sparkPython } from '../_support/spark.ts';
import { type BenchBroker, startBrokers } from './brokers.ts';
import type { Bench, Measurement } from './harness.ts';
import { type CommandLine, dashctl, peerScript, startGroup, workFolder } from './processes.ts';
import { sendSteadily } from './send-steadily.ts';
import { createTopic } from './topics.ts';
import { watchTopic } from './watch-topic.ts';
import { windowArrivals } from './window-arrivals.ts';

// DASHCTL_BENCH_WINDOWS for a shorter run.
const windows = Number(process.env.DASHCTL_BENCH_WINDOWS ?? 30);
/** Windows that end within this of the first result are not measured: what had piled up is worked off, code compiled. */
const warmUp = 10_000;
const rates = [10, 20_000];
const [source, result] = ['sex', 'result'];

interface Counter {
  name: string;
  broker: BenchBroker;
  /** Nobody else writes to it. */
  target: string;
  commandLine(address: string, folder: string, name: string): CommandLine;
}

const ours = (broker: BenchBroker): Counter => ({
  name: `dashctl, ${broker.name}`,
  broker,
  target: result,
  commandLine: (address, _, name) => [
    ...dashctl,
    ...['aggregate', '--pipeline', 'gender', '--out-of-orderness', '0ms', '--from', 'latest', '--group', name],
    ...['--brokers', address],
  ],
});

const spark = (broker: BenchBroker): Counter => ({
  name: `Spark, ${broker.name}`,
  broker,
  target: `${result}_of_spark`,
  commandLine: (address, folder) => [
    sparkPython,
    ...[peerScript('count-with-spark.py'), address, source, `${result}_of_spark`, folder, sparkJars, 'live'],
  ],
});

/** From a window's end until a reader of committed records has its result: the first since, and the one that is whole. */
export const delay: Bench = {
  name: 'delay',
  title: `From the end of a window of 1 s to its result, ${windows} windows each`,
  metrics: {
    'first p50': { unit: 'ms', better: 'less' },
    'first p99': { unit: 'ms', better: 'less' },
    'whole p50': { unit: 'ms', better: 'less' },
    'whole p99': { unit: 'ms', better: 'less' },
  },
  async prepare() {
    const { brokers, skipped } = await startBrokers();
    const { folder, remove } = workFolder();
    for (const { address } of brokers) {
      for (const topic of [source, result, `${result}_of_spark`]) await createTopic(address, topic);
    }
    // Spark is on Apache Kafka where there is one.
    const home = brokers.at(-1);
    const counters = brokers.map(ours);
    if (home && sparkIsAvailable()) counters.push(spark(home));
    else skipped.push('Spark is absent (.ci/install brings it)');

    let runs = 0;
    const run = async ({ broker, target, commandLine }: Counter, rate: number): Promise<Measurement> => {
      const name = `delay-${++runs}`;
      const own = join(folder, name);
      mkdirSync(own);
      const arrivals = windowArrivals();
      const stopWatching = await watchTopic(broker.address, target, (records) => arrivals.add(records, Date.now()));
      const counter = startGroup(commandLine(broker.address, own, name));
      const sender = await sendSteadily(broker.address, source, rate);
      try {
        const first = await Promise.race([arrivals.first, counter.ended]);
        const start = Math.ceil((first + warmUp) / 1_000) * 1_000;
        return await Promise.race([arrivals.delays(start, start + windows * 1_000, sender.sentIn), counter.ended]);
      } finally {
        await sender.stop();
        await counter.stop();
        await stopWatching();
      }
    };
    const nameOf = (counter: Counter, rate: number) => `${counter.name}, ${rate.toLocaleString('en')} records/s`;
    const peer = counters.slice(brokers.length);
    return {
      sides: rates.flatMap((rate) =>
        counters.map((counter) => ({ name: nameOf(counter, rate), run: () => run(counter, rate) })),
      ),
      comparisons: rates.flatMap((rate) =>
        peer.flatMap((theirs) =>
          counters
            .slice(0, brokers.length)
            .map((counter) => ({ ours: nameOf(counter, rate), peer: nameOf(theirs, rate) })),
        ),
      ),
      skipped,
      async close() {
        for (const broker of brokers) await broker.stop();
        remove();
      },
    };
  },
};
