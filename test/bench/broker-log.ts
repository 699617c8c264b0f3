import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../_support/broker-port.ts';
import { runKafkaTool } from '../_support/kafka.ts';
import type { Bench, Measurement } from './harness.ts';
import { brokerArguments, dashctl, megabytesOf, startServer, workFolder } from './processes.ts';
import { createTopic } from './topics.ts';

const gigabytes = Number(process.env.DASHCTL_BENCH_GIGABYTES ?? 10);
const recordSize = 1_000;
// What a read leaves behind has had time to go.
const rest = 3_000;

/** What a large log costs at the start and in memory: it must be no more than what an empty one costs. */
export const brokerLog: Bench = {
  name: 'broker-log',
  title: `a broker whose log holds ${gigabytes} GB, from process start to its first answer after a stop in order`,
  metrics: {
    ready: { unit: 'ms', better: 'less' },
    resident: { unit: 'MB', better: 'less' },
    'after a read of all': { unit: 'MB', better: 'less' },
  },
  async prepare() {
    const [large, empty] = [workFolder(), workFolder()];
    const records = (gigabytes * 1e9) / recordSize;
    const filling = await serve(large.folder);
    await createTopic(filling.address, 'log');
    await runKafkaTool('org.apache.kafka.tools.ProducerPerformance', [
      ...['--topic', 'log', '--num-records', String(records), '--record-size', String(recordSize)],
      ...['--throughput', '-1', '--producer-props', 'acks=all', 'batch.size=900000', 'linger.ms=20'],
      `bootstrap.servers=${filling.address}`,
    ]);
    await filling.stop();
    const run = async (folder: string, isFull: boolean): Promise<Measurement> => {
      const server = await serve(folder);
      try {
        const resident = megabytesOf(server.pid, 'VmRSS') ?? Number.NaN;
        if (isFull) {
          await runKafkaTool('org.apache.kafka.tools.ConsumerPerformance', [
            ...['--bootstrap-server', server.address, '--topic', 'log'],
            ...['--messages', String(records), '--timeout', '60000'],
          ]);
        }
        await delay(rest);
        const afterRead = megabytesOf(server.pid, 'VmRSS') ?? Number.NaN;
        return { ready: server.seconds * 1_000, resident, 'after a read of all': afterRead };
      } finally {
        await server.stop();
      }
    };
    return {
      sides: [
        { name: `log of ${gigabytes} GB`, run: () => run(large.folder, true) },
        { name: 'empty log', run: () => run(empty.folder, false) },
      ],
      comparisons: [{ ours: `log of ${gigabytes} GB`, peer: 'empty log' }],
      skipped: [],
      async close() {
        large.remove();
        empty.remove();
      },
    };
  },
};

async function serve(folder: string) {
  const [port = 0] = await freePorts(1);
  return startServer([...dashctl, ...brokerArguments(folder, port)], port);
}
