import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { deleteRecords } from '../../../src/broker/apis/delete-records.ts';
import { deleteTopics } from '../../../src/broker/apis/delete-topics.ts';
import { initProducerId } from '../../../src/broker/apis/init-producer-id.ts';
import { offsetCommit } from '../../../src/broker/apis/offset-commit.ts';
import { produce } from '../../../src/broker/apis/produce.ts';
import { type BatchOptions, makeBatch, type TestRecord } from '../_batches.ts';
import { connectRaw, type RawClient } from '../_raw-client.ts';
import { readFrom, startOf } from '../_reading.ts';
import type { Random } from '../server/_random-frames.ts';
import { transactionalClient } from '../transaction/_transactional-client.ts';
import type { Ledger } from './_ledger.ts';

export const partitions = [
  ['plain', 0],
  ['plain', 1],
  ['once', 0],
  ['compacted', 0],
  ['t', 0],
  ['t', 1],
] as const;
export const committers = 'committers';
/** Of the transactions. */
export const transactionalId = 'cut';

const keys = 4;

/** The key of a record in the compacted topic is also how its value begins. */
export const keyOf = (value: string | null): string => String(value).slice(0, 2);

export interface Workload {
  readonly port: number;
  readonly random: Random;
  readonly ledger: Ledger;
  /** From then on nobody hears anything. */
  readonly isOff: () => boolean;
  /** Does what the broker does each minute. */
  readonly maintain: () => void;
}

async function create(client: RawClient, name: string, numPartitions: number, configs: Record<string, string>) {
  const { topics } = await client.call(createTopics, 5, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 1_000,
    validateOnly: false,
  });
  return topics[0]?.errorCode ?? -1;
}

/** Makes the topics that all work goes to. */
export async function createAll({ port, ledger, isOff }: Workload): Promise<void> {
  const client = await connectRaw(port);
  // The records of a test are years old.
  const small = { 'segment.bytes': '1024', 'retention.ms': '-1' };
  const compacted = { ...small, 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0' };
  for (const [name, count, configs] of [
    ['plain', 2, small],
    ['once', 1, small],
    ['compacted', 1, compacted],
    ['t', 2, small],
  ] as const) {
    const errorCode = await create(client, name, count, configs);
    if (isOff()) break;
    if (errorCode !== 0 && errorCode !== 36) throw new Error(`${name} cannot be made: error ${errorCode}`);
    ledger.topics.set(name, true);
  }
  client.close();
}

class PowerIsOff extends Error {}

/** Does everything that can lose something, all at once, until the power is off. */
export async function work(workload: Workload): Promise<void> {
  const { port, random, ledger, isOff, maintain } = workload;
  const clients: RawClient[] = [];
  let isOver = false;
  /** What arrives after the cut has never arrived. */
  const heard = async <T>(answer: Promise<T>): Promise<T> => {
    const value = await answer;
    if (isOver || isOff()) throw new PowerIsOff();
    return value;
  };
  const connected = async () => {
    const client = await heard(connectRaw(port));
    clients.push(client);
    return client;
  };

  const send = async (
    client: RawClient,
    topic: string,
    partition: number,
    records: TestRecord[],
    as: BatchOptions = {},
  ) => {
    const { sent, acknowledged } = ledger.of(topic, partition);
    for (const { value } of records) if (value !== null) sent.add(value);
    const { topics } = await heard(
      client.call(produce, 7, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 1_000,
        topics: [{ name: topic, partitions: [{ index: partition, records: makeBatch(records, as) }] }],
      }),
    );
    const { errorCode, baseOffset = -1 } = topics[0]?.partitions[0] ?? {};
    if (errorCode !== 0) throw new Error(`${topic}/${partition} did not take records: error ${errorCode}`);
    for (const [index, { value }] of records.entries()) if (value !== null) acknowledged.set(value, baseOffset + index);
    return baseOffset;
  };
  const someRecords = () =>
    Array.from({ length: 1 + random(5) }, () => ({ value: ledger.value().padEnd(6 + random(60), '.') }));

  const sendPlain = async () => {
    const client = await connected();
    for (;;) await send(client, 'plain', random(2), someRecords());
  };

  /** Every batch goes twice: the second time the broker must know it. */
  const sendOnce = async (topic: string) => {
    const client = await connected();
    const { producerId, producerEpoch } = await heard(
      client.call(initProducerId, 1, { transactionalId: null, transactionTimeoutMs: 1_000 }),
    );
    for (let baseSequence = 0; ; ) {
      const records = someRecords().map((record) => {
        const key = `k${random(keys)}`;
        return topic === 'compacted' ? { key, value: `${key} ${record.value}` } : record;
      });
      const as = { producerId, producerEpoch, baseSequence };
      const first = await send(client, topic, 0, records, as);
      if (random(3) === 0) {
        const second = await send(client, topic, 0, records, as);
        if (first !== second) throw new Error(`${topic} has ${records[0]?.value} twice: at ${first} and ${second}`);
      }
      baseSequence += records.length;
    }
  };

  const runTransactions = async () => {
    const transactional = await heard(transactionalClient(port));
    clients.push(transactional.client);
    const { transactions } = ledger;
    const identity = await heard(transactional.init(transactionalId));
    for (let sequence = 0; ; sequence++) {
      const number = ++transactions.started;
      const value = ledger.value();
      await heard(transactional.add(identity));
      const sent = await heard(
        Promise.all(
          [0, 1].map((partition) => {
            ledger.of('t', partition).sent.add(value);
            return transactional.send(identity, partition, sequence, [value]);
          }),
        ),
      );
      if (sent.some(({ errorCode }) => errorCode !== 0))
        throw new Error(`t did not take records: ${JSON.stringify(sent)}`);
      await heard(transactional.commitOffset(identity, number));
      if (number % 3 === 0) {
        await heard(transactional.end(identity, false));
        continue;
      }
      transactions.unknown.set(value, number);
      const errorCode = await heard(transactional.end(identity, true));
      if (errorCode !== 0) throw new Error(`a transaction was not committed: error ${errorCode}`);
      transactions.unknown.delete(value);
      transactions.committed.set(value, number);
    }
  };

  const commitOffsets = async () => {
    const client = await connected();
    for (;;) {
      const offset = ++ledger.offsets.tried;
      const { topics } = await heard(
        client.call(offsetCommit, 7, {
          groupId: committers,
          generation: -1,
          retentionTime: -1,
          memberId: '',
          instanceId: null,
          topics: [{ name: 'plain', partitions: [{ partition: 0, offset, metadata: 'm' }] }],
        }),
      );
      const errorCode = topics[0]?.partitions[0]?.errorCode;
      if (errorCode !== 0) throw new Error(`an offset was not committed: error ${errorCode}`);
      ledger.offsets.acknowledged = offset;
    }
  };

  const changeTopics = async () => {
    const client = await connected();
    const remove = async (name: string) => {
      ledger.topics.delete(name);
      await heard(client.call(deleteTopics, 1, { topics: [], topicNames: [name], timeoutMs: 1_000 }));
      ledger.topics.set(name, false);
    };
    // Those of earlier runs have done their part.
    for (const [name, isThere] of ledger.topics) if (isThere && name.startsWith('topic-')) await remove(name);
    for (;;) {
      const name = `topic-${ledger.value()}`;
      await heard(create(client, name, 1, { 'retention.ms': '-1' }));
      ledger.topics.set(name, true);
      await send(client, name, 0, someRecords());
      if (random(2) === 0) await remove(name);
    }
  };

  const keepHouse = async () => {
    const client = await connected();
    const { start } = ledger.of('plain', 1);
    for (;;) {
      maintain();
      const offset = start.acknowledged + random(4);
      start.tried = Math.max(start.tried, offset);
      const { topics } = await heard(
        client.call(deleteRecords, 1, {
          topics: [{ name: 'plain', partitions: [{ partitionIndex: 1, offset }] }],
          timeoutMs: 1_000,
        }),
      );
      const { errorCode, lowWatermark = 0 } = topics[0]?.partitions[0] ?? {};
      if (errorCode === 0) start.acknowledged = Math.max(start.acknowledged, lowWatermark);
      else start.tried = start.acknowledged;
    }
  };

  const read = async (topic: string, partition: number) => {
    const client = await connected();
    const { seen } = ledger.of(topic, partition);
    let offset = await heard(startOf(client, topic, partition));
    for (;;) {
      const options = { topic, partition, isCommittedOnly: topic === 't', maxWaitMs: 100 };
      const { records, next, errorCode } = await heard(readFrom(client, offset, options));
      for (const { offset: at, value } of records) if (value !== null) seen.set(at, value);
      offset = errorCode === 1 ? await heard(startOf(client, topic, partition)) : next;
    }
  };

  const all = [
    ...[sendPlain(), sendOnce('once'), sendOnce('compacted'), runTransactions(), commitOffsets(), changeTopics()],
    ...[keepHouse(), ...partitions.map(([topic, partition]) => read(topic, partition))],
  ];
  try {
    await Promise.race(all);
  } catch (error) {
    if (!isOff()) throw error;
  } finally {
    isOver = true;
    for (const client of clients) client.close();
    await Promise.allSettled(all);
  }
}
