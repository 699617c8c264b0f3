import { setTimeout as delay } from 'node:timers/promises';
import { runKafkaTool } from '../_support/kafka.ts';
import { type BenchBroker, startBrokers } from './brokers.ts';
import type { Bench, Measurement } from './harness.ts';
import { megabytesOf, outputOf, peerScript } from './processes.ts';
import { createTopic, deleteTopic } from './topics.ts';

// DASHCTL_BENCH_RECORDS for a shorter run.
const records = Number(process.env.DASHCTL_BENCH_RECORDS ?? 1_000_000);
const shapes = [
  { size: 100, partitions: 1 },
  { size: 100, partitions: 8 },
  { size: 1_000, partitions: 1 },
  { size: 1_000, partitions: 8 },
];
// Java as it comes: these run long enough for all that it does.
const longLived: readonly string[] = [];
// Memory is read when what the load leaves behind has had time to go.
const rest = 3_000;

type Shape = (typeof shapes)[number];
type Rates = { produced: number; consumed: number };

/** Who loads the broker, with what it is called after the broker's name. */
const clients: readonly { name: string; load: (address: string, topic: string, shape: Shape) => Promise<Rates> }[] = [
  {
    name: 'Java',
    load: async (address, topic, { size }) => ({
      produced: await producePerformance(address, topic, size),
      consumed: await consumePerformance(address, topic),
    }),
  },
  {
    name: 'kafkajs',
    load: async (address, topic, { size }) => {
      const script = peerScript('load-with-kafkajs.ts');
      return JSON.parse(await outputOf([process.execPath, script, address, topic, String(records), String(size)]));
    },
  },
];

const nameOf = (broker: string, client: string, { size, partitions }: Shape) =>
  `${broker}, ${client}, ${size} B, ${partitions} partition${partitions === 1 ? '' : 's'}`;

/** Kafka's own performance tools and kafkajs, producer with acks=all and consumer, on the embedded broker and on Apache Kafka. */
export const brokerThroughput: Bench = {
  name: 'broker-throughput',
  title: `${records.toLocaleString('en')} records by Kafka's own performance tools, and by kafkajs, into a broker (acks=all) and out of it`,
  metrics: {
    produced: { unit: 'records/s', better: 'more' },
    consumed: { unit: 'records/s', better: 'more' },
    'after load': { unit: 'MB', better: 'less' },
  },
  async prepare() {
    const { brokers, skipped } = await startBrokers();
    let topicCount = 0;
    const run = async (
      client: (typeof clients)[number],
      { address, pid }: BenchBroker,
      shape: Shape,
    ): Promise<Measurement> => {
      const topic = `throughput-${++topicCount}`;
      // Apache Kafka keeps deleted topics for a minute: without this, the system would write them during the next run.
      await outputOf(['sync']);
      await createTopic(address, topic, shape.partitions);
      const rates = await client.load(address, topic, shape);
      await delay(rest);
      const measurement = { ...rates, 'after load': megabytesOf(pid(), 'VmRSS') ?? Number.NaN };
      await deleteTopic(address, topic);
      return measurement;
    };
    return {
      // The same shape on one broker after the other, so that what the machine does meanwhile meets both.
      sides: clients.flatMap((client) =>
        shapes.flatMap((shape) =>
          brokers.map((broker) => ({
            name: nameOf(broker.name, client.name, shape),
            run: () => run(client, broker, shape),
          })),
        ),
      ),
      comparisons: clients.flatMap(({ name }) =>
        shapes.map((shape) => ({
          ours: nameOf('embedded broker', name, shape),
          peer: nameOf('Apache Kafka', name, shape),
        })),
      ),
      skipped,
      async close() {
        for (const broker of brokers) await broker.stop();
      },
    };
  },
};

/** Records per second of ProducerPerformance, from its last line; it counts from its first record. */
async function producePerformance(address: string, topic: string, size: number): Promise<number> {
  const output = await runKafkaTool(
    'org.apache.kafka.tools.ProducerPerformance',
    [
      ...['--topic', topic, '--num-records', String(records), '--record-size', String(size), '--throughput', '-1'],
      ...['--producer-props', 'acks=all', `bootstrap.servers=${address}`],
    ],
    '',
    longLived,
  );
  const total = new RegExp(`^${records} records sent, ([\\d.]+) records/sec`, 'm').exec(output);
  if (!total) throw new Error(`ProducerPerformance did not send all: ${output}`);
  return Number(total[1]);
}

/** Records per second of ConsumerPerformance while it fetched: joining its group is not in it. */
async function consumePerformance(address: string, topic: string): Promise<number> {
  const output = await runKafkaTool(
    'org.apache.kafka.tools.ConsumerPerformance',
    ['--bootstrap-server', address, '--topic', topic, '--messages', String(records), '--timeout', '60000'],
    '',
    longLived,
  );
  const columns = output.trim().split('\n').at(-1)?.split(', ') ?? [];
  if (Number(columns[4]) < records) throw new Error(`ConsumerPerformance did not read all: ${output}`);
  return Number(columns[9]);
}
