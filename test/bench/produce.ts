import { join } from 'node:path';
import { startBrokers } from './brokers.ts';
import type { Bench, Measurement } from './harness.ts';
import { absence, type CommandLine, dashctl, peerScript, python, runToEnd, workFolder } from './processes.ts';
import { createTopic, recordsIn } from './topics.ts';

const rows = 500_000;
const fewRows = 50_000;
const topic = 'sex';

/** One column of a CSV into a topic: dashctl, and the lab's own way with kafka-python, to the same brokers. */
export const produce: Bench = {
  name: 'produce',
  title: `${rows.toLocaleString('en')} rows of a user log into a topic, one column, as fast as it goes`,
  metrics: {
    wall: { unit: 's', better: 'less' },
    'with start': { unit: 'rows/s', better: 'more' },
    steady: { unit: 'rows/s', better: 'more' },
    memory: { unit: 'MB', better: 'less' },
  },
  async prepare() {
    const { folder, remove } = workFolder();
    const file = join(folder, 'user_log.csv');
    const beginning = join(folder, 'beginning.csv');
    await runToEnd([...dashctl, 'generate', '--rows', String(rows), '--seed', '1', '--out', file]);
    await runToEnd([...dashctl, 'generate', '--rows', String(fewRows), '--seed', '1', '--out', beginning]);
    const { brokers, skipped } = await startBrokers();
    const withoutPeer = absence('kafka-python', python);
    for (const { address } of brokers) await createTopic(address, topic);

    // What starting and stopping take is in both runs, so their difference is the rate in between.
    const send = async (address: string, commandLine: (csv: string) => CommandLine): Promise<Measurement> => {
      const before = await recordsIn(address, topic);
      const short = await runToEnd(commandLine(beginning));
      const whole = await runToEnd(commandLine(file));
      const sent = (await recordsIn(address, topic)) - before;
      if (sent !== rows + fewRows) throw new Error(`${sent} of ${rows + fewRows} records arrived`);
      return {
        wall: whole.seconds,
        'with start': rows / whole.seconds,
        steady: (rows - fewRows) / (whole.seconds - short.seconds),
        memory: whole.peakMegabytes,
      };
    };
    const ours =
      (address: string) =>
      (csv: string): CommandLine => [
        ...dashctl,
        'produce',
        csv,
        '--pipeline',
        'gender',
        '--rate',
        'max',
        '--brokers',
        address,
      ];
    const theirs =
      (address: string) =>
      (csv: string): CommandLine => [python, peerScript('produce-with-kafka-python.py'), address, csv, 'gender', topic];
    return {
      sides: brokers.flatMap(({ name, address }) => [
        { name: `dashctl, ${name}`, run: () => send(address, ours(address)) },
        ...(withoutPeer ? [] : [{ name: `kafka-python, ${name}`, run: () => send(address, theirs(address)) }]),
      ]),
      comparisons: brokers.map(({ name }) => ({ ours: `dashctl, ${name}`, peer: `kafka-python, ${name}` })),
      skipped: [...skipped, ...(withoutPeer ? [withoutPeer] : [])],
      async close() {
        for (const broker of brokers) await broker.stop();
        remove();
      },
    };
  },
};
