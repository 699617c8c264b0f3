import { join } from 'node:path';
import { startBrokers } from './brokers.ts';
import type { Bench, Measurement } from './harness.ts';
import { type CommandLine, dashctl, peerScript, runToEnd, workFolder } from './processes.ts';
import { countedFrom, createTopic, recordsIn } from './topics.ts';

const records = 1_000_000;
const [topic, resultTopic] = ['sex', 'result'];

/** A backlog of records counted in windows of a second, results back in Kafka, from start to exit. */
export const aggregate: Bench = {
  name: 'aggregate',
  title: `${records.toLocaleString('en')} records drained into windows of 1 s, from process start to exit`,
  metrics: {
    wall: { unit: 's', better: 'less' },
    drained: { unit: 'records/s', better: 'more' },
    memory: { unit: 'MB', better: 'less' },
  },
  async prepare() {
    const { folder, remove } = workFolder();
    const file = join(folder, 'user_log.csv');
    await runToEnd([...dashctl, 'generate', '--rows', String(records), '--seed', '1', '--out', file]);
    const { brokers, skipped } = await startBrokers();
    for (const { address } of brokers) {
      for (const name of [topic, resultTopic]) await createTopic(address, name);
      const flags = ['--pipeline', 'gender', '--rate', 'max', '--brokers', address];
      await runToEnd([...dashctl, 'produce', file, ...flags]);
      const sent = await recordsIn(address, topic);
      if (sent !== records) throw new Error(`${sent} of ${records} records arrived`);
    }

    const timed = async (commandLine: CommandLine): Promise<Measurement> => {
      const { seconds, peakMegabytes } = await runToEnd(commandLine);
      return { wall: seconds, drained: records / seconds, memory: peakMegabytes };
    };
    let groups = 0;
    const ours = async (address: string): Promise<Measurement> => {
      groups += 1;
      const before = await recordsIn(address, resultTopic);
      const flags = ['--pipeline', 'gender', '--from', 'earliest', '--until-end', '--brokers', address];
      const measurement = await timed([...dashctl, 'aggregate', ...flags, '--group', `bench-${groups}`]);
      const counted = await countedFrom(address, resultTopic, before);
      if (counted !== records) throw new Error(`${counted} of ${records} records were counted`);
      return measurement;
    };
    const theirs = (address: string) =>
      timed([process.execPath, peerScript('count-with-kafkajs.ts'), address, topic, String(records)]);
    return {
      sides: brokers.flatMap(({ name, address }) => [
        { name: `dashctl, ${name}`, run: () => ours(address) },
        { name: `kafkajs only reading, ${name}`, run: () => theirs(address) },
      ]),
      comparisons: brokers.map(({ name }) => ({ ours: `dashctl, ${name}`, peer: `kafkajs only reading, ${name}` })),
      skipped,
      async close() {
        for (const broker of brokers) await broker.stop();
        remove();
      },
    };
  },
};
