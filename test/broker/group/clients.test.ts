import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Broker, startBroker } from '../../../src/broker/broker.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { silent } from './_group-of-members.ts';

const run = promisify(execFile);
const patience = { timeout: 30_000, interval: 20 };

async function start(dataDir: string, port = 0): Promise<Broker> {
  const broker = await startBroker({ dataDir, port, partitions: 4, logger: silent });
  onTestFinished(() => broker.close());
  return broker;
}

function kafka({ address }: Broker, clientId = 'test'): Kafka {
  return new Kafka({ clientId, brokers: [address], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } });
}

/** Ten records to each of four partitions: `partition/number`. */
async function fill(broker: Broker, topic: string): Promise<void> {
  const producer = kafka(broker).producer();
  await producer.connect();
  const messages = [0, 1, 2, 3].flatMap((partition) =>
    Array.from({ length: 10 }, (_, index) => ({ partition, value: `${partition}/${index}` })),
  );
  await producer.send({ topic, messages });
  await producer.disconnect();
}

interface Reader {
  readonly consumer: Consumer;
  readonly values: string[];
  /** The partitions that it was given last. */
  readonly partitions: number[];
  readonly joins: number;
}

async function read(broker: Broker, clientId: string, topic: string): Promise<Reader> {
  const consumer = kafka(broker, clientId).consumer({
    groupId: 'readers',
    heartbeatInterval: 100,
    sessionTimeout: 6_000,
    maxWaitTimeInMs: 100,
    retry: { initialRetryTime: 50, retries: 30 },
  });
  const values: string[] = [];
  let partitions: number[] = [];
  let joins = 0;
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    joins += 1;
    partitions = payload.memberAssignment[topic] ?? [];
  });
  onTestFinished(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => {
      values.push(String(message.value));
    },
  });
  return {
    consumer,
    values,
    get partitions() {
      return partitions;
    },
    get joins() {
      return joins;
    },
  };
}

const allPartitions = [0, 1, 2, 3];
const all = (...readers: Reader[]) => readers.flatMap(({ partitions }) => partitions).sort();

describe('kafkajs consumers', () => {
  test('share the partitions as members come and go', async () => {
    const broker = await start(temporaryFolder());
    await fill(broker, 'sex');
    const first = await read(broker, 'first', 'sex');
    await vi.waitFor(() => expect(all(first)).toEqual(allPartitions), patience);
    const second = await read(broker, 'second', 'sex');
    await vi.waitFor(() => expect(first.partitions).toHaveLength(2), patience);
    await vi.waitFor(() => expect(all(first, second)).toEqual(allPartitions), patience);
    const admin = kafka(broker).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const described = (await admin.describeGroups(['readers'])).groups[0];
    expect(described).toMatchObject({ state: 'Stable', protocolType: 'consumer', protocol: 'RoundRobinAssigner' });
    expect(described?.members.map(({ clientId }) => clientId).sort()).toEqual(['first', 'second']);
    await second.consumer.disconnect();
    await vi.waitFor(() => expect(all(first)).toEqual(allPartitions), patience);
    await vi.waitFor(() => expect(first.values.concat(second.values)).toHaveLength(40), patience);
    expect(new Set([...first.values, ...second.values]).size).toBe(40);
  });

  test('resume where they had committed when the broker is started again', async () => {
    const dataDir = temporaryFolder();
    const before = await start(dataDir);
    await fill(before, 'sex');
    const first = await read(before, 'first', 'sex');
    await vi.waitFor(() => expect(first.values).toHaveLength(40), patience);
    await first.consumer.disconnect();
    await before.close();
    const after = await start(dataDir);
    await fill(after, 'sex');
    const second = await read(after, 'second', 'sex');
    await vi.waitFor(() => expect(second.values.length).toBeGreaterThanOrEqual(40), patience);
    expect(second.values.toSorted()).toEqual(first.values.toSorted());
  });

  test('join again by themselves when the broker is started again under them', async () => {
    const dataDir = temporaryFolder();
    const before = await start(dataDir);
    await fill(before, 'sex');
    const reader = await read(before, 'reader', 'sex');
    await vi.waitFor(() => expect(reader.values).toHaveLength(40), patience);
    await before.close();
    const after = await start(dataDir, before.port);
    await fill(after, 'sex');
    await vi.waitFor(() => expect(reader.joins).toBeGreaterThan(1), patience);
    await vi.waitFor(() => expect(reader.values.length).toBeGreaterThanOrEqual(80), patience);
    expect(new Set(reader.values).size).toBe(40);
    // Before the broker, or it would look for it again for a while.
    await reader.consumer.disconnect();
  });

  test('set, see and delete the offsets of a group as administrators', async () => {
    const broker = await start(temporaryFolder());
    await fill(broker, 'sex');
    const admin = kafka(broker).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const partitions = [
      { partition: 1, offset: '7' },
      { partition: 3, offset: '2' },
    ];
    await admin.setOffsets({ groupId: 'readers', topic: 'sex', partitions });
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toEqual(['readers']);
    const [fetched] = await admin.fetchOffsets({ groupId: 'readers', topics: ['sex'] });
    expect(fetched?.partitions.map(({ partition, offset }) => ({ partition, offset }))).toEqual(
      expect.arrayContaining([...partitions, { partition: 0, offset: '-1' }]),
    );
    await admin.deleteTopics({ topics: ['sex'] });
    await fill(broker, 'sex');
    const [forgotten] = await admin.fetchOffsets({ groupId: 'readers', topics: ['sex'] });
    expect(forgotten?.partitions.map(({ offset }) => offset)).toEqual(['-1', '-1', '-1', '-1']);
    await admin.deleteGroups(['readers']);
    expect((await admin.listGroups()).groups).toEqual([]);
  });
});

const hasKcat = (() => {
  try {
    execFileSync('kcat', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// Where the project is checked for all clients they must be there; elsewhere a test says what it misses.
describe.skipIf(!hasKcat && !process.env.CI)('kcat (skipped where it is not installed)', () => {
  const consume = async (broker: Broker, count: number) => {
    const settings = ['auto.offset.reset=earliest', 'session.timeout.ms=6000', 'heartbeat.interval.ms=200'];
    const { stdout } = await run(
      'kcat',
      ['-b', broker.address, '-q', '-G', 'readers', '-c', String(count), ...settings.flatMap((s) => ['-X', s]), 'sex'],
      { timeout: 30_000 },
    );
    return stdout.trim().split('\n');
  };

  test('reads as a group, and goes on where it stopped', async () => {
    const broker = await start(temporaryFolder());
    await fill(broker, 'sex');
    const first = await consume(broker, 15);
    const second = await consume(broker, 25);
    expect(first).toHaveLength(15);
    expect(new Set([...first, ...second]).size).toBe(40);
  });
});
