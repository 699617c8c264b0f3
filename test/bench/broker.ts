import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../_support/broker-port.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import type { Bench, Measurement, Side } from './harness.ts';
import {
  brokerArguments,
  type CommandLine,
  dashctl,
  dashctlBinary,
  megabytesOf,
  startServer,
  workFolder,
} from './processes.ts';

// Memory is read when what a start leaves behind has had time to go.
const idle = 3_000;

/** How soon a broker answers after its process is started, and what it holds when nobody asks anything of it. */
export const broker: Bench = {
  name: 'broker',
  title: 'a broker from process start to its first answer, on a data directory that it has used before, then idle',
  metrics: { ready: { unit: 'ms', better: 'less' }, resident: { unit: 'MB', better: 'less' } },
  async prepare() {
    const sides: Side[] = [];
    const skipped: string[] = [];
    const closing: (() => Promise<void> | void)[] = [];

    const embedded = (commandLine: CommandLine) => {
      const { folder, remove } = workFolder();
      closing.push(remove);
      return async (): Promise<Measurement> => {
        const [port = 0] = await freePorts(1);
        const server = await startServer([...commandLine, ...brokerArguments(folder, port)], port);
        try {
          await delay(idle);
          return { ready: server.seconds * 1_000, resident: megabytesOf(server.pid, 'VmRSS') ?? Number.NaN };
        } finally {
          await server.stop();
        }
      };
    };
    sides.push({ name: 'dashctl broker', run: embedded(dashctl) });
    if (existsSync(dashctlBinary)) {
      sides.push({ name: 'dashctl broker, single executable', run: embedded([dashctlBinary]) });
    } else {
      skipped.push(`the single executable: ${join('dist', 'bin')} is empty (npm run build:binary fills it)`);
    }

    if (kafkaIsAvailable()) {
      const kafka = await startKafka();
      // An orderly stop: after another, Kafka waits until the session of its former self has run out.
      await kafka.halt('SIGTERM');
      closing.push(() => kafka.stop());
      sides.push({
        name: 'Apache Kafka',
        async run() {
          const start = performance.now();
          await kafka.start();
          const ready = performance.now() - start;
          await delay(idle);
          const resident = megabytesOf(kafka.pid(), 'VmRSS') ?? Number.NaN;
          await kafka.halt('SIGTERM');
          return { ready, resident };
        },
      });
    } else {
      skipped.push('Apache Kafka: no jars (.ci/install brings them)');
    }
    return {
      sides,
      comparisons: sides
        .map(({ name }) => ({ ours: name, peer: 'Apache Kafka' }))
        .filter(({ ours, peer }) => ours !== peer),
      skipped,
      async close() {
        for (const step of closing) await step();
      },
    };
  },
};
