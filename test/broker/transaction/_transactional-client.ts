import { addOffsetsToTxn } from '../../../src/broker/apis/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../../src/broker/apis/add-partitions-to-txn.ts';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { endTxn } from '../../../src/broker/apis/end-txn.ts';
import { fetch } from '../../../src/broker/apis/fetch.ts';
import { initProducerId } from '../../../src/broker/apis/init-producer-id.ts';
import { listOffsets } from '../../../src/broker/apis/list-offsets.ts';
import { offsetFetch } from '../../../src/broker/apis/offset-fetch.ts';
import { produce } from '../../../src/broker/apis/produce.ts';
import { txnOffsetCommit } from '../../../src/broker/apis/txn-offset-commit.ts';
import { makeBatch } from '../_batches.ts';
import { connectRaw } from '../_raw-client.ts';

const topic = 't';
const group = 'g';

export interface Identity {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A client of topic `t`, which has two partitions, that says each step of a transaction by itself. */
export async function transactionalClient(port: number) {
  const client = await connectRaw(port);
  await client.call(createTopics, 5, {
    topics: [{ name: topic, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1_000,
    validateOnly: false,
  });
  return {
    client,

    async init(transactionalId: string, version = 4, given = {}): Promise<Identity & { errorCode: number }> {
      const request = { transactionalId, transactionTimeoutMs: 60_000, ...given };
      const { errorCode, producerId, producerEpoch } = await client.call(initProducerId, version, request);
      return { errorCode, transactionalId, producerId, producerEpoch };
    },

    async add(
      { transactionalId, producerId, producerEpoch }: Identity,
      partitions = [0, 1],
      version = 3,
      name = topic,
    ) {
      const topics = [{ name, partitions }];
      const request = { transactionalId, producerId, producerEpoch, topics };
      const { results } = await client.call(addPartitionsToTxn, version, request);
      return results.flatMap((each) => each.results.map(({ partitionErrorCode }) => partitionErrorCode));
    },

    async send(
      identity: Identity | null,
      partition: number,
      baseSequence: number,
      values: string[],
      attributes = 0x10,
    ) {
      const { producerId = -1, producerEpoch = -1, transactionalId = null } = identity ?? {};
      const records = makeBatch(values, { producerId, producerEpoch, baseSequence, attributes });
      const { topics } = await client.call(produce, 9, {
        transactionalId,
        acks: -1,
        timeoutMs: 1_000,
        topics: [{ name: topic, partitions: [{ index: partition, records }] }],
      });
      const { errorCode = -1, baseOffset = -1 } = topics[0]?.partitions[0] ?? {};
      return { errorCode, baseOffset };
    },

    async commitOffset({ transactionalId, producerId, producerEpoch }: Identity, offset: number, add = true) {
      const producer = { transactionalId, producerId, producerEpoch };
      if (add) await client.call(addOffsetsToTxn, 3, { ...producer, groupId: group });
      const { topics } = await client.call(txnOffsetCommit, 3, {
        ...producer,
        groupId: group,
        instanceId: null,
        topics: [{ name: topic, partitions: [{ partition: 0, offset, metadata: '' }] }],
      });
      return topics[0]?.partitions[0]?.errorCode;
    },

    async end({ transactionalId, producerId, producerEpoch }: Identity, committed: boolean, version = 3) {
      const request = { transactionalId, producerId, producerEpoch, committed };
      return (await client.call(endTxn, version, request)).errorCode;
    },

    async committedOffset(requireStable: boolean) {
      const topics = [{ name: topic, partitions: [0] }];
      const answer = await client.call(offsetFetch, 7, { groupId: group, topics, groups: [], requireStable });
      const { offset, errorCode } = answer.topics[0]?.partitions[0] ?? {};
      return { offset, errorCode };
    },

    /** The end of a partition for those who read only what is committed. */
    async stableEnd(partition: number) {
      const { topics } = await client.call(listOffsets, 4, {
        replicaId: -1,
        isolationLevel: 1,
        topics: [{ name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp: -1 }] }],
      });
      return topics[0]?.partitions[0]?.offset;
    },

    async fetch(fetchOffset: number, { isolationLevel = 1, maxWaitMs = 0, partitionMaxBytes = 1_000_000 } = {}) {
      const { topics } = await client.call(fetch, 11, {
        replicaId: -1,
        maxWaitMs,
        minBytes: 1,
        maxBytes: 10_000_000,
        isolationLevel,
        sessionId: 0,
        topics: [{ topic, topicId: null, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes }] }],
        forgottenTopics: [],
        rackId: '',
      });
      const { lastStableOffset, highWatermark, abortedTransactions, records } = topics[0]?.partitions[0] ?? {};
      return { lastStableOffset, highWatermark, abortedTransactions, records: Buffer.concat(records ?? []) };
    },
  };
}

export type TransactionalClient = Awaited<ReturnType<typeof transactionalClient>>;
