import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, untilAnswers } from './broker-port.ts';

/** The folder of Apache Kafka's jars. */
export const kafkaLibs =
  process.env.DASHCTL_TEST_KAFKA_LIBS ?? join(import.meta.dirname, '..', '..', '.ci', 'cache', 'kafka', 'libs');

/** An Apache Kafka of a test's own. */
export interface RealKafka {
  /** `127.0.0.1:<port>` */
  address: string;
  /** The server's process, undefined before it was started. */
  pid(): number | undefined;
  /** Runs one of Kafka's own tools by its class name; resolves with what it printed. */
  tool(mainClass: string, args: readonly string[], input?: string): Promise<string>;
  /** Ends the process, by SIGKILL unless said otherwise; the data stay, so that `start` brings the same broker back. */
  halt(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

/** Whether Apache Kafka's jars are here. Under CI they must be: tests that need them fail instead of being skipped. */
export function kafkaIsAvailable(): boolean {
  return process.env.CI !== undefined || existsSync(kafkaLibs);
}

/**
 * Starts a single Apache Kafka broker (KRaft) on free ports, with further lines of its server.properties, and with
 * features at levels (`name=level`) that are not its newest.
 */
export async function startKafka(
  properties: readonly string[] = [],
  features: readonly string[] = [],
): Promise<RealKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'dashctl-kafka-'));
  const [port, controllerPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const config = join(directory, 'server.properties');
  await writeFile(config, serverProperties(directory, port, controllerPort, properties).join('\n'));
  const levels = features.flatMap((feature) => ['--feature', feature]);
  await runKafkaTool('kafka.tools.StorageTool', ['format', '-t', 'ZGFzaGN0bC10ZXN0LWlkMQ', '-c', config, ...levels]);

  let server: ChildProcess | undefined;
  const start = async () => {
    server = spawn('java', ['-Xmx768m', '-cp', `${kafkaLibs}/*`, 'kafka.Kafka', config], { stdio: 'ignore' });
    await untilAnswers(port, server);
  };
  const halt = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  await start();
  return {
    address,
    pid: () => server?.pid,
    tool: runKafkaTool,
    halt,
    start,
    async stop() {
      await halt();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const serverProperties = (
  directory: string,
  port: number | undefined,
  controllerPort: number | undefined,
  more: readonly string[],
) => [
  'process.roles=broker,controller',
  'node.id=1',
  `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
  `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'controller.listener.names=CONTROLLER',
  'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
  `log.dirs=${join(directory, 'data')}`,
  'offsets.topic.replication.factor=1',
  'offsets.topic.num.partitions=4',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'transaction.state.log.num.partitions=4',
  'group.initial.rebalance.delay.ms=0',
  // Looks for abandoned transactions as often as the embedded broker does, not every 10 s.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=500',
  ...more,
];

// What lives for a second gains nothing from the second compiler.
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Runs one of Kafka's own tools by its class name, against any broker; resolves with what it printed. */
export async function runKafkaTool(
  mainClass: string,
  args: readonly string[],
  input = '',
  jvmOptions: readonly string[] = shortLived,
): Promise<string> {
  const child = spawn('java', [...jvmOptions, '-cp', `${kafkaLibs}/*`, mainClass, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  child.stdin.end(input);
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${mainClass} ended with ${status}: ${errors}${output}`);
  return output;
}
