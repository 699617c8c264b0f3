import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomSource } from '../../src/csv/random-source.ts';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { compileJavaClients, javaClientsAreAvailable } from '../_support/java.ts';
import { kafkaIsAvailable, kafkaLibs, startKafka } from '../_support/kafka.ts';
import { sparkIsAvailable, sparkJars, sparkPython } from '../_support/spark.ts';
import type { Bench, Measurement } from './harness.ts';
import { type CommandLine, dashctl, peerScript, runToEnd, workFolder } from './processes.ts';
import { countedFrom, createTopic, recordsIn } from './topics.ts';
import { benchConnection, watchTopic } from './watch-topic.ts';

// DASHCTL_BENCH_RECORDS for a shorter run.
const records = Number(process.env.DASHCTL_BENCH_RECORDS ?? 3_000_000);
/** Records for a millisecond of event time. */
const density = 20;
// Of a whole second, and so late that no broker takes the records for outdated: after a week Kafka would delete them.
const startTime = Math.floor(Date.now() / 1_000) * 1_000 - 7_200_000;
const pipelines = [
  { pipeline: 'gender', source: 'sex', result: 'result', keys: 3 },
  { pipeline: 'category', source: 'category', result: 'category_results', keys: 1_600 },
];

interface Drain {
  address: string;
  pipeline: string;
  source: string;
  target: string;
  /** The process's own. */
  folder: string;
  /** Names the group; nobody else has used it. */
  name: string;
}

interface Drainer {
  name: string;
  /** Follows the name of the result topic, which nobody else writes to. */
  suffix: string;
  /** What comes out, given that a last record, far behind the others, closes their windows. */
  counted: number;
  commandLine(drain: Drain): CommandLine;
}

const ours: Drainer = {
  name: 'dashctl',
  suffix: '',
  // It closes the window of the last record, too.
  counted: records + 1,
  commandLine: ({ address, pipeline, name }) => [
    ...dashctl,
    ...['aggregate', '--until-end', '--pipeline', pipeline, '--group', name, '--brokers', address],
  ],
};

const spark: Drainer = {
  name: 'Spark local[2]',
  suffix: '_of_spark',
  counted: records,
  commandLine: ({ address, source, target, folder }) => [
    sparkPython,
    ...[peerScript('count-with-spark.py'), address, source, target, folder, sparkJars, 'drain'],
  ],
};

const streams = (classes: string): Drainer => ({
  name: 'Kafka Streams',
  suffix: '_of_streams',
  counted: records,
  // As much memory as Spark takes unless told; Java would take a quarter of the machine.
  commandLine: ({ address, source, target, folder, name }) => [
    'java',
    ...['-Xmx1g', '-cp', `${classes}:${kafkaLibs}/*`, 'CountWithStreams', address, name, folder],
    ...[source, target, String(records)],
  ],
});

/** A backlog counted in windows of a second, results back in Kafka: dashctl, Spark and Kafka Streams on Apache Kafka. */
export const drain: Bench = {
  name: 'drain',
  title: `${records.toLocaleString('en')} records on Apache Kafka drained into windows of 1 s, from process start to exit`,
  metrics: {
    wall: { unit: 's', better: 'less' },
    drained: { unit: 'rows/s', better: 'more' },
    'first result': { unit: 's', better: 'less' },
    memory: { unit: 'MB', better: 'less' },
  },
  async prepare() {
    if (!kafkaIsAvailable())
      return { ...nothing, skipped: ['anything: Apache Kafka is absent (.ci/install brings it)'] };
    const { folder, remove } = workFolder();
    const skipped: string[] = [];
    const drainers = [ours];
    if (sparkIsAvailable()) drainers.push(spark);
    else skipped.push('Spark is absent (.ci/install brings it)');
    if (javaClientsAreAvailable()) {
      await compileJavaClients(folder, peerScript('.'));
      drainers.push(streams(folder));
    } else skipped.push('Kafka Streams: a Java compiler or its jars are absent (.ci/install brings them)');

    const kafka = await startKafka();
    for (const { source, result, keys } of pipelines) {
      for (const name of [source, ...drainers.map(({ suffix }) => result + suffix)]) {
        await createTopic(kafka.address, name);
      }
      await fill(kafka.address, source, keys);
    }

    let runs = 0;
    const run = async (drainer: Drainer, { pipeline, source, result }: (typeof pipelines)[number]) => {
      const name = `drain-${++runs}`;
      const target = result + drainer.suffix;
      const own = join(folder, name);
      mkdirSync(own);
      const before = await recordsIn(kafka.address, target);
      let first = Number.NaN;
      const stopWatching = await watchTopic(kafka.address, target, () => {
        if (Number.isNaN(first)) first = performance.now();
      });
      const start = performance.now();
      const job = { address: kafka.address, pipeline, source, target, folder: own, name };
      const { seconds, peakMegabytes } = await runToEnd(drainer.commandLine(job)).finally(stopWatching);
      const counted = await countedFrom(kafka.address, target, before);
      if (counted !== drainer.counted)
        throw new Error(`${drainer.name} counted ${counted} of ${drainer.counted} records`);
      const measurement: Measurement = {
        wall: seconds,
        drained: records / seconds,
        'first result': (first - start) / 1_000,
        memory: peakMegabytes,
      };
      return measurement;
    };
    const nameOf = ({ name }: Drainer, { pipeline, keys }: (typeof pipelines)[number]) =>
      `${name}, ${pipeline} (${keys.toLocaleString('en')} keys)`;
    return {
      sides: pipelines.flatMap((pipeline) =>
        drainers.map((drainer) => ({ name: nameOf(drainer, pipeline), run: () => run(drainer, pipeline) })),
      ),
      comparisons: pipelines.flatMap((pipeline) =>
        drainers.slice(1).map((peer) => ({ ours: nameOf(ours, pipeline), peer: nameOf(peer, pipeline) })),
      ),
      skipped,
      async close() {
        await kafka.stop();
        remove();
      },
    };
  },
};

const nothing = { sides: [], comparisons: [], close: async () => {} };

/** Writes the backlog. Keys are the values, so that Kafka Streams can count by key without a topic in between. */
async function fill(address: string, topic: string, keys: number): Promise<void> {
  const sink = await topicSink({ connection: benchConnection(address) });
  const next = randomSource(1);
  const each = 10_000;
  for (let at = 0; at < records; at += each) {
    const batch = Array.from({ length: Math.min(each, records - at) }, (_, index) => {
      const value = String(next() % keys);
      return { key: value, value, timestamp: startTime + Math.floor((at + index) / density) };
    });
    await sink.send(topic, batch);
  }
  // Windows close when later records come; those of this one need not.
  await sink.send(topic, [{ key: 'end', value: 'end', timestamp: startTime + records / density + 3_600_000 }]);
  await sink.close();
}
