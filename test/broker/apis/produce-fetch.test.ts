import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { deleteTopics } from '../../../src/broker/apis/delete-topics.ts';
import { fetch } from '../../../src/broker/apis/fetch.ts';
import { metadata } from '../../../src/broker/apis/metadata.ts';
import { produce } from '../../../src/broker/apis/produce.ts';
import { batchHeader, placeBatch } from '../../../src/broker/log/record-batch.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { type BatchOptions, makeBatch } from '../_batches.ts';
import { connectRaw, type RawClient } from '../_raw-client.ts';

let broker: TestBroker;
let client: RawClient;
beforeEach(async () => {
  broker = await startTestBroker();
  client = await connectRaw(broker.port);
  await createTopic('t', 2);
});
afterEach(async () => {
  client.close();
  await broker.stop();
});

async function createTopic(name: string, numPartitions = 1, config: Record<string, string> = {}): Promise<void> {
  const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  const { topics } = await client.call(createTopics, 5, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs }],
    timeoutMs: 1_000,
    validateOnly: false,
  });
  expect(topics[0]?.errorCode).toBe(0);
}

const produceRequest = (records: Buffer | null, { acks = -1, topic = 't', index = 0 } = {}) => ({
  transactionalId: null,
  acks,
  timeoutMs: 1_000,
  topics: [{ name: topic, partitions: [{ index, records }] }],
});

async function send(
  records: Buffer | null,
  { version = 9, ...where }: { version?: number; acks?: number; topic?: string; index?: number } = {},
) {
  const response = await client.call(produce, version, produceRequest(records, where));
  const [partition] = response.topics[0]?.partitions ?? [];
  return {
    errorCode: partition?.errorCode,
    baseOffset: partition?.baseOffset,
    logAppendTime: partition?.logAppendTimeMs,
  };
}

interface Wanted {
  topic?: string;
  partition?: number;
  fetchOffset?: number;
  partitionMaxBytes?: number;
  currentLeaderEpoch?: number;
}

const fetchRequest = (
  wanted: Wanted[],
  limits: { minBytes?: number; maxWaitMs?: number; maxBytes?: number; sessionId?: number } = {},
) => ({
  replicaId: -1,
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1_000_000,
  isolationLevel: 0,
  sessionId: 0,
  ...limits,
  topics: wanted.map(
    ({ topic = 't', partition = 0, fetchOffset = 0, partitionMaxBytes = 1_000_000, currentLeaderEpoch = -1 }) => ({
      topic,
      topicId: null,
      partitions: [{ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch }],
    }),
  ),
  forgottenTopics: [],
  rackId: '',
});

async function read(wanted: Wanted[], limits: Parameters<typeof fetchRequest>[1] = {}) {
  const response = await client.call(fetch, 12, fetchRequest(wanted, limits));
  return response.topics.map(({ partitions: [partition] }) => ({
    errorCode: partition?.errorCode,
    highWatermark: partition?.highWatermark,
    offsets: offsetsIn(Buffer.concat([...(partition?.records ?? [])])),
  }));
}

function offsetsIn(bytes: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < bytes.length; at += batchHeader.size(bytes, at))
    offsets.push(batchHeader.baseOffset(bytes, at));
  return offsets;
}

const idempotent = (baseSequence: number, producerEpoch = 0, records = ['x']): Buffer =>
  makeBatch(records, { producerId: 1, producerEpoch, baseSequence });

describe('produce', () => {
  test('a batch gets the next offset, whatever offset it came with', async () => {
    const batch = makeBatch(['a', 'b']);
    placeBatch(batch, 77, 5);
    expect(await send(batch)).toMatchObject({ errorCode: 0, baseOffset: 0, logAppendTime: -1 });
    expect(await send(makeBatch(['c']))).toMatchObject({ errorCode: 0, baseOffset: 2 });
  });

  test.each<[string, () => Buffer | null, number]>([
    ['nothing', () => null, 87],
    ['two batches', () => Buffer.concat([makeBatch(['a']), makeBatch(['b'])]), 87],
    ['a flipped byte', () => flipped(makeBatch(['abc'])), 2],
    ['a batch that is cut short', () => makeBatch(['abc']).subarray(0, 65), 2],
    ['an old record format', () => Buffer.from(makeBatch(['abc']).fill(1, 16, 17)), 87],
    ['a control batch', () => makeBatch(['abc'], { attributes: 0x20 }), 87],
    ['a time of appending', () => makeBatch(['abc'], { attributes: 0x08 }), 32],
    ['an unknown codec', () => makeBatch(['abc'], { attributes: 5 }), 87],
    [
      'a transactional batch',
      () => makeBatch(['abc'], { attributes: 0x10, producerId: 1, producerEpoch: 0, baseSequence: 0 }),
      48,
    ],
  ])('%s is refused and leaves the log as it was', async (_name, records, errorCode) => {
    expect(await send(records())).toMatchObject({ errorCode, baseOffset: -1 });
    expect(await send(makeBatch(['fine']))).toMatchObject({ errorCode: 0, baseOffset: 0 });
  });

  test('zstd needs version 7', async () => {
    const batch = () => makeBatch(['abc'], { compression: 'zstd' });
    expect(await send(batch(), { version: 6 })).toMatchObject({ errorCode: 76 });
    expect(await send(batch(), { version: 7 })).toMatchObject({ errorCode: 0 });
  });

  test('a batch above max.message.bytes is too large', async () => {
    await createTopic('small', 1, { 'max.message.bytes': '1000' });
    expect(await send(makeBatch(['x'.repeat(1_000)]), { topic: 'small' })).toMatchObject({ errorCode: 10 });
    expect(await send(makeBatch(['x'.repeat(900)]), { topic: 'small' })).toMatchObject({ errorCode: 0 });
  });

  test('topics that stamp their records answer the time and keep a right checksum', async () => {
    await createTopic('stamped', 1, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    const { logAppendTime } = await send(makeBatch(['x'], { timestamp: 5 }), { topic: 'stamped' });
    expect(logAppendTime).toBeGreaterThanOrEqual(before);
    const { topics } = await client.call(fetch, 12, fetchRequest([{ topic: 'stamped' }]));
    const stored = Buffer.concat([...(topics[0]?.partitions[0]?.records ?? [])]);
    expect(batchHeader.maxTimestamp(stored)).toBe(logAppendTime);
    const again = Buffer.from(stored);
    again.writeInt16BE(0, 21);
    expect(await send(again)).toMatchObject({ errorCode: 2 });
  });

  test('a wrong number of acks, topic or partition is refused', async () => {
    expect(await send(makeBatch(['x']), { acks: 2 })).toMatchObject({ errorCode: 21 });
    expect(await send(makeBatch(['x']), { topic: 'other' })).toMatchObject({ errorCode: 3 });
    expect(await send(makeBatch(['x']), { index: 2 })).toMatchObject({ errorCode: 3 });
  });

  test('acks 0 is answered with nothing at all', async () => {
    client.send(produce, 7, produceRequest(makeBatch(['quiet']), { acks: 0 }));
    // The next answer belongs to the next request.
    expect(await send(makeBatch(['loud']))).toMatchObject({ errorCode: 0, baseOffset: 1 });
  });

  test('acks 0 to an unknown topic closes the connection', async () => {
    client.send(produce, 7, produceRequest(makeBatch(['lost']), { acks: 0, topic: 'other' }));
    await client.closed;
    expect(broker.lines.map(({ msg }) => msg)).toContainEqual(expect.stringContaining('acks 0 failed with error 3'));
  });

  test('requests that are sent without waiting are appended and answered in order', async () => {
    for (let count = 0; count < 20; count++) client.send(produce, 7, produceRequest(makeBatch([`${count}`])));
    for (let count = 1; count <= 20; count++) expect((await client.frame()).readInt32BE(0)).toBe(count + 1);
    expect(await read([{}])).toMatchObject([{ highWatermark: 20 }]);
  });
});

const flipped = (batch: Buffer): Buffer => {
  batch[batch.length - 2] = (batch[batch.length - 2] ?? 0) ^ 1;
  return batch;
};

describe('idempotent produce', () => {
  test('a retry of one of the last five batches gets its first answer and is not appended', async () => {
    for (let sequence = 0; sequence < 6; sequence++) await send(idempotent(sequence));
    expect(await send(idempotent(5))).toMatchObject({ errorCode: 0, baseOffset: 5 });
    expect(await send(idempotent(1))).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(await send(idempotent(0))).toMatchObject({ errorCode: 45 });
    expect(await read([{}])).toMatchObject([{ highWatermark: 6 }]);
  });

  test('a gap is out of order, and so is a partly repeated batch', async () => {
    await send(idempotent(0, 0, ['a', 'b']));
    expect(await send(idempotent(3))).toMatchObject({ errorCode: 45 });
    expect(await send(idempotent(1))).toMatchObject({ errorCode: 45 });
    expect(await send(idempotent(2))).toMatchObject({ errorCode: 0, baseOffset: 2 });
  });

  test('a new epoch begins at 0, an old one is fenced', async () => {
    await send(idempotent(0));
    expect(await send(idempotent(1, 1))).toMatchObject({ errorCode: 45 });
    expect(await send(idempotent(0, 1))).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(await send(idempotent(1, 0))).toMatchObject({ errorCode: 47 });
  });

  test('an unknown producer may begin anywhere, and numbers go on at 0 after 2147483647', async () => {
    expect(await send(idempotent(2_147_483_646, 0, ['a', 'b']))).toMatchObject({ errorCode: 0 });
    expect(await send(idempotent(0))).toMatchObject({ errorCode: 0, baseOffset: 2 });
  });

  test('without a producer id, epoch and sequence mean nothing', async () => {
    const plain: BatchOptions = { producerId: -1, producerEpoch: 0, baseSequence: 0 };
    for (let count = 0; count < 3; count++)
      expect(await send(makeBatch(['x'], plain))).toMatchObject({ baseOffset: count });
    expect(await send(makeBatch(['x'], { producerId: 1, producerEpoch: 0, baseSequence: -1 }))).toMatchObject({
      errorCode: 87,
    });
  });

  test('producers are known after a restart', async () => {
    await send(idempotent(0));
    await send(idempotent(1));
    const { dataDir } = broker;
    await broker.close();
    broker = await startTestBroker({ dataDir });
    client = await connectRaw(broker.port);
    expect(await send(idempotent(1))).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(await send(idempotent(3))).toMatchObject({ errorCode: 45 });
  });
});

describe('fetch', () => {
  test('answers exactly the requested partitions, in their order, also empty and unknown ones', async () => {
    await send(makeBatch(['a']), { index: 1 });
    expect(await read([{ topic: 'other' }, { partition: 1 }, { partition: 0 }, { partition: 9 }])).toEqual([
      { errorCode: 3, highWatermark: -1, offsets: [] },
      { errorCode: 0, highWatermark: 1, offsets: [0] },
      { errorCode: 0, highWatermark: 0, offsets: [] },
      { errorCode: 3, highWatermark: -1, offsets: [] },
    ]);
  });

  test('begins with the batch that holds the offset', async () => {
    await send(makeBatch(['a', 'b', 'c']));
    await send(makeBatch(['d']));
    expect(await read([{ fetchOffset: 1 }])).toMatchObject([{ offsets: [0, 3] }]);
    expect(await read([{ fetchOffset: 4 }])).toMatchObject([{ errorCode: 0, offsets: [] }]);
    expect(await read([{ fetchOffset: 5 }])).toMatchObject([{ errorCode: 1, highWatermark: -1 }]);
    expect(await read([{ fetchOffset: -3 }])).toMatchObject([{ errorCode: 1 }]);
  });

  test('the first batch is given whatever its size, later ones only when they fit', async () => {
    const big = () => makeBatch(['x'.repeat(5_000)]);
    await send(big());
    await send(big(), { index: 1 });
    const both = [{ partitionMaxBytes: 10 }, { partition: 1, partitionMaxBytes: 10 }];
    expect(await read(both, { maxBytes: 10 })).toMatchObject([{ offsets: [0] }, { offsets: [] }]);
    expect(await read([{ fetchOffset: 1 }, both[1] ?? {}], { maxBytes: 10 })).toMatchObject([
      { offsets: [] },
      { offsets: [0] },
    ]);
  });

  test('waits until enough bytes are there and is woken by a produce', async () => {
    const other = await connectRaw(broker.port);
    const one = makeBatch(['x'.repeat(1_000)]);
    const waiting = read([{}], { minBytes: one.length + 1, maxWaitMs: 60_000 });
    await other.call(produce, 7, produceRequest(makeBatch(['x'.repeat(1_000)])));
    await other.call(produce, 7, produceRequest(makeBatch(['x'.repeat(1_000)])));
    expect(await waiting).toMatchObject([{ offsets: [0, 1], highWatermark: 2 }]);
    other.close();
  });

  test('answers what there is when the wait is over', async () => {
    await send(makeBatch(['a']));
    expect(await read([{}], { minBytes: 10_000, maxWaitMs: 20 })).toMatchObject([{ offsets: [0] }]);
  });

  test('an error is answered at once, and so is the deletion of a topic that is waited for', async () => {
    expect(await read([{}, { topic: 'other' }], { maxWaitMs: 60_000 })).toMatchObject([
      { errorCode: 0 },
      { errorCode: 3 },
    ]);
    const other = await connectRaw(broker.port);
    const waiting = read([{}], { maxWaitMs: 60_000 });
    await other.call(deleteTopics, 1, { topics: [], topicNames: ['t'], timeoutMs: 1_000 });
    expect(await waiting).toMatchObject([{ errorCode: 3 }]);
    other.close();
  });

  test('a parked fetch is answered when the broker stops', async () => {
    const waiting = read([{}], { maxWaitMs: 60_000 });
    // The request is there when one that was sent after it on another connection is answered.
    const other = await connectRaw(broker.port);
    await other.call(metadata, 1, {
      topics: [],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    await broker.close();
    expect(await waiting).toMatchObject([{ errorCode: 0, offsets: [] }]);
    other.close();
  });

  test('by id, a topic that was deleted is not mistaken for its namesake', async () => {
    const idOf = async () => {
      const { topics } = await client.call(metadata, 12, {
        topics: [{ topicId: null, name: 't' }],
        allowAutoTopicCreation: false,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      });
      return topics[0]?.topicId ?? null;
    };
    const byId = async (topicId: string | null) => {
      const request = fetchRequest([{}]);
      const { topics } = await client.call(fetch, 13, {
        ...request,
        topics: request.topics.map((topic) => ({ ...topic, topicId })),
      });
      return topics[0]?.partitions[0]?.errorCode;
    };
    const old = await idOf();
    expect(await byId(old)).toBe(0);
    await client.call(deleteTopics, 6, { topics: [{ name: null, topicId: old }], topicNames: [], timeoutMs: 1_000 });
    await createTopic('t', 1);
    expect(await idOf()).not.toBe(old);
    expect(await byId(old)).toBe(100);
    expect(await byId(await idOf())).toBe(0);
  });

  test('leader epochs that are not ours and sessions that were never opened are refused', async () => {
    expect(await read([{ currentLeaderEpoch: 0 }])).toMatchObject([{ errorCode: 0 }]);
    expect(await read([{ currentLeaderEpoch: 3 }])).toMatchObject([{ errorCode: 75 }]);
    const response = await client.call(fetch, 12, fetchRequest([{}], { sessionId: 5 }));
    expect(response).toMatchObject({ errorCode: 70, topics: [] });
  });
});
