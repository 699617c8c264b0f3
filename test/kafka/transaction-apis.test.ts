import { expect, test } from 'vitest';
import { addOffsetsToTxn } from '../../src/broker/apis/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../src/broker/apis/add-partitions-to-txn.ts';
import { endTxn } from '../../src/broker/apis/end-txn.ts';
import { initProducerId } from '../../src/broker/apis/init-producer-id.ts';
import { offsetFetch } from '../../src/broker/apis/offset-fetch.ts';
import { txnOffsetCommit } from '../../src/broker/apis/txn-offset-commit.ts';
import { compileReader, compileWriter } from '../../src/broker/protocol/codec.ts';
import { Reader } from '../../src/broker/protocol/reader.ts';
import type { Encodable, Schema } from '../../src/broker/protocol/schema.ts';
import { Writer } from '../../src/broker/protocol/writer.ts';
import type { Api } from '../../src/kafka/apis.ts';
import { fetchOffsetsApi } from '../../src/kafka/group-offsets.ts';
import {
  addOffsetsApi,
  addPartitionsApi,
  commitTransactionOffsetsApi,
  endTransactionApi,
  initTransactionsApi,
} from '../../src/kafka/transaction-apis.ts';

// The broker's own codec, which foreign clients are tested against, reads what the client writes and the other way round.

interface BrokersView<Q extends Schema, S extends Schema> {
  key: number;
  request: Q;
  response: S;
  isFlexible(version: number): boolean;
}

async function exchange<Args extends object, Reply, Q extends Schema, S extends Schema>(
  api: Api<Args, Reply>,
  view: BrokersView<Q, S>,
  args: Args,
  response: Encodable<S>,
): Promise<{ read: unknown; reply: Reply }> {
  const versions = { [view.key]: { minVersion: 0, maxVersion: 99 } };
  const { request, decode } = api.prepare(versions, args);
  const { apiVersion, apiKey } = request;
  expect(apiKey).toBe(view.key);
  const encoded = (await request.encode()) as { buffer: Buffer };
  const isFlexible = view.isFlexible(apiVersion);
  const reader = new Reader(Buffer.from(encoded.buffer));
  // The end of a flexible request's header, and of its reply's.
  if (isFlexible) reader.skipTags();
  const read = compileReader(view.request, apiVersion, isFlexible)(reader);
  expect(reader.remaining).toBe(0);
  const writer = new Writer();
  if (isFlexible) writer.uvarint(0);
  compileWriter(view.response as Schema<unknown, Encodable<S>>, apiVersion, isFlexible)(writer, response);
  return { read, reply: await decode(Buffer.concat(writer.finish().chunks)) };
}

const identity = { transactionalId: 'übertragen', producerId: 2 ** 40 + 1, producerEpoch: 7 };
const partitions = [
  { topic: 'a', partition: 0 },
  { topic: 'b', partition: 5 },
  { topic: 'a', partition: 2 },
];

test('a producer says which epoch it goes on from, and for how long its transactions may be open', async () => {
  const { read, reply } = await exchange(
    initTransactionsApi,
    initProducerId,
    { ...identity, timeout: 60_000 },
    { errorCode: 0, producerId: 2 ** 40, producerEpoch: 8 },
  );
  expect(read).toEqual({ ...identity, transactionTimeoutMs: 60_000 });
  expect(reply).toEqual({ errorCode: 0, producerId: 2 ** 40, producerEpoch: 8 });
});

test('partitions are added by topic, and each is answered', async () => {
  const { read, reply } = await exchange(
    addPartitionsApi,
    addPartitionsToTxn,
    { ...identity, partitions },
    {
      results: [
        {
          name: 'a',
          results: [
            { partitionIndex: 0, partitionErrorCode: 55 },
            { partitionIndex: 2, partitionErrorCode: 3 },
          ],
        },
        { name: 'b', results: [{ partitionIndex: 5, partitionErrorCode: 55 }] },
      ],
    },
  );
  const topics = [
    { name: 'a', partitions: [0, 2] },
    { name: 'b', partitions: [5] },
  ];
  expect(read).toEqual({ ...identity, topics });
  expect(reply).toEqual({ errorCodes: [55, 3, 55] });
});

test('a group is added by its name', async () => {
  const { read, reply } = await exchange(
    addOffsetsApi,
    addOffsetsToTxn,
    { ...identity, groupId: 'g' },
    { errorCode: 51 },
  );
  expect(read).toEqual({ ...identity, groupId: 'g' });
  expect(reply).toEqual({ errorCode: 51 });
});

test.each([true, false])('the end of a transaction is a commit or an abort: %s', async (commit) => {
  const { read, reply } = await exchange(endTransactionApi, endTxn, { ...identity, commit }, { errorCode: 90 });
  expect(read).toEqual({ ...identity, committed: commit });
  expect(reply).toEqual({ errorCode: 90 });
});

test('offsets go with their metadata, and with who commits them', async () => {
  const seat = { groupId: 'g', generation: 12, memberId: 'member-1' };
  const offsets = [
    { topic: 'a', partition: 0, offset: 2 ** 40, metadata: '{"é":1}' },
    { topic: 'b', partition: 1, offset: 0, metadata: '' },
  ];
  const { read, reply } = await exchange(
    commitTransactionOffsetsApi,
    txnOffsetCommit,
    { ...identity, seat, offsets },
    {
      topics: [
        { name: 'a', partitions: [{ partition: 0, errorCode: 0 }] },
        { name: 'b', partitions: [{ partition: 1, errorCode: 22 }] },
      ],
    },
  );
  expect(read).toEqual({
    ...identity,
    ...seat,
    instanceId: null,
    topics: [
      { name: 'a', partitions: [{ partition: 0, offset: 2 ** 40, leaderEpoch: -1, metadata: '{"é":1}' }] },
      { name: 'b', partitions: [{ partition: 1, offset: 0, leaderEpoch: -1, metadata: '' }] },
    ],
  });
  expect(reply).toEqual({ errorCodes: [0, 22] });
});

test.each([true, false])('committed offsets are asked for with or without pending ones: %s', async (requireStable) => {
  const answer = { leaderEpoch: 3, errorCode: 0 };
  const { read, reply } = await exchange(
    fetchOffsetsApi,
    offsetFetch,
    { groupId: 'g', partitions, requireStable },
    {
      topics: [
        {
          name: 'a',
          partitions: [
            { ...answer, partition: 0, offset: 2 ** 40, metadata: 'm' },
            { ...answer, partition: 2, offset: -1, metadata: null },
          ],
        },
        { name: 'b', partitions: [{ ...answer, partition: 5, offset: -1, metadata: '', errorCode: 88 }] },
      ],
      groups: [],
    },
  );
  const topics = [
    { name: 'a', partitions: [0, 2] },
    { name: 'b', partitions: [5] },
  ];
  expect(read).toMatchObject({ groupId: 'g', topics, requireStable });
  expect(reply).toEqual({
    errorCode: 0,
    answers: [
      { topic: 'a', partition: 0, offset: 2 ** 40, metadata: 'm', errorCode: 0 },
      { topic: 'a', partition: 2, offset: -1, metadata: '', errorCode: 0 },
      { topic: 'b', partition: 5, offset: -1, metadata: '', errorCode: 88 },
    ],
  });
});
