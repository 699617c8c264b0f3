import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { describeLogDirs } from '../../../src/broker/apis/describe-log-dirs.ts';
import { produce } from '../../../src/broker/apis/produce.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { makeBatch } from '../_batches.ts';
import { connectRaw, type RawClient } from '../_raw-client.ts';

let broker: TestBroker;
let client: RawClient;
const batch = makeBatch(['x'.repeat(1_000), 'y']);

beforeEach(async () => {
  broker = await startTestBroker();
  client = await connectRaw(broker.port);
  const topic = (name: string, numPartitions: number) => ({
    name,
    numPartitions,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  });
  await client.call(createTopics, 7, { topics: [topic('a', 3), topic('b', 1)], timeoutMs: 1_000, validateOnly: false });
  const topics = [{ name: 'a', partitions: [{ index: 1, records: batch }] }];
  await client.call(produce, 9, { transactionalId: null, acks: -1, timeoutMs: 1_000, topics });
});
afterEach(async () => {
  client.close();
  await broker.stop();
});

const ask = async (version: number, topics: { topic: string; partitions: number[] }[] | null) => {
  const { errorCode, results } = await client.call(describeLogDirs, version, { topics });
  const [result] = results;
  if (!result || results.length > 1) throw new Error('one directory is expected');
  return { errorCode, result };
};

test.each([1, 2, 3, 4])('v%i gives the directory and the size of every partition in it', async (version) => {
  const { errorCode, result } = await ask(version, null);
  expect([errorCode, result.errorCode, result.logDir]).toEqual([0, 0, broker.dataDir]);
  expect(result.topics.map(({ name }) => name)).toEqual(['a', 'b']);
  const sizes = result.topics.flatMap(({ partitions }) => partitions.map((each) => each.partitionSize));
  expect(sizes).toEqual([0, batch.length, 0, 0]);
  if (version < 4) {
    expect(result).toMatchObject({ totalBytes: -1, usableBytes: -1 });
  } else {
    expect(result.usableBytes).toBeGreaterThan(0);
    expect(result.totalBytes).toBeGreaterThanOrEqual(result.usableBytes);
  }
});

test('only partitions that are asked for are told, and those that are not here are left out', async () => {
  const { result } = await ask(4, [
    { topic: 'a', partitions: [1, 7] },
    { topic: 'nowhere', partitions: [0] },
  ]);
  expect(result.topics).toEqual([
    {
      name: 'a',
      partitions: [{ partitionIndex: 1, partitionSize: batch.length, offsetLag: 0, isFutureKey: false }],
    },
  ]);
});
