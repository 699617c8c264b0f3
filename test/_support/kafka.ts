import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const libs =
  process.env.DASHCTL_TEST_KAFKA_LIBS ?? join(import.meta.dirname, '..', '..', '.ci', 'cache', 'kafka', 'libs');

/** An Apache Kafka of a test's own. */
export interface RealKafka {
  /** `127.0.0.1:<port>` */
  address: string;
  /** Runs one of Kafka's own tools by its class name; resolves with what it printed. */
  tool(mainClass: string, args: readonly string[], input?: string): Promise<string>;
  /** Ends the process; the data stay, so that `start` brings the same broker back. */
  halt(): Promise<void>;
  start(): Promise<void>;
  /** Ends the process and removes its data. */
  stop(): Promise<void>;
}

/** Whether Apache Kafka's jars are here. Under CI they must be: tests that need them fail instead of being skipped. */
export function kafkaIsAvailable(): boolean {
  return process.env.CI !== undefined || existsSync(libs);
}

/** Starts a single Apache Kafka broker (KRaft) on free ports, with further lines of its server.properties. */
export async function startKafka(properties: readonly string[] = []): Promise<RealKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'dashctl-kafka-'));
  const [port, controllerPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const config = join(directory, 'server.properties');
  await writeFile(config, serverProperties(directory, port, controllerPort, properties).join('\n'));
  await java('kafka.tools.StorageTool', ['format', '-t', 'ZGFzaGN0bC10ZXN0LWlkMQ', '-c', config]);

  let server: ChildProcess | undefined;
  const start = async () => {
    server = spawn('java', ['-Xmx768m', '-cp', `${libs}/*`, 'kafka.Kafka', config], { stdio: 'ignore' });
    await untilAnswers(port, server);
  };
  const halt = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  await start();
  return {
    address,
    tool: java,
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
  ...more,
];

async function java(mainClass: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn('java', ['-cp', `${libs}/*`, mainClass, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
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

/** Ports that nothing listens on. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

// ApiVersions v0, correlation id 1, no client id: a broker that answers it serves.
const apiVersionsRequest = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

// A JVM tells nobody that it listens, so it is asked until it answers.
async function untilAnswers(port: number | undefined, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`Apache Kafka ended with status ${server.exitCode} while starting`);
    if (await answers(port ?? 0)) return;
    await delay(50);
  }
  throw new Error('Apache Kafka did not answer within 90 s');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(apiVersionsRequest));
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('end', () => finish(false));
  });
}
