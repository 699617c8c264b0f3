import { expect } from 'vitest';
import { metadata } from '../../../src/broker/apis/metadata.ts';
import { offsetFetch } from '../../../src/broker/apis/offset-fetch.ts';
import { connectRaw, type RawClient } from '../_raw-client.ts';
import { readAll } from '../_reading.ts';
import type { ReadRecord } from '../log/_test-log.ts';
import { transactionalClient } from '../transaction/_transactional-client.ts';
import type { Ledger, PartitionLedger } from './_ledger.ts';
import { committers, keyOf, partitions, transactionalId } from './_workload.ts';

export interface Expectation {
  /** Nothing that clients were told or shown may be missing; otherwise what is there must be the beginning of it. */
  readonly isAll: boolean;
  /** What is there is on the disk, so it must stay; after a kill it may be in the system's memory only. */
  readonly isSafe: boolean;
}

/** Compares what a broker has with what its clients know; what is safe is from then on what they know. */
export async function check(port: number, ledger: Ledger, { isAll, isSafe }: Expectation): Promise<void> {
  const client = await connectRaw(port);
  await checkTopics(client, ledger);
  const transactional = await transactionalClient(port);
  // Ends what was under way.
  await transactional.init(transactionalId);
  const extra = [...ledger.topics].flatMap(([name, isThere]) => (isThere && name.startsWith('topic-') ? [name] : []));
  const transacted: Set<string>[] = [];
  for (const [topic, partition] of [...partitions, ...extra.map((name) => [name, 0] as const)]) {
    if (!ledger.topics.get(topic)) continue;
    const known = ledger.of(topic, partition);
    const { start, records } = await readAll(client, { topic, partition, isCommittedOnly: topic === 't' });
    checkRecords(`${topic}/${partition}`, known, records, start, isAll);
    if (isAll) {
      expect(start, `start of ${topic}/${partition}`).toBeGreaterThanOrEqual(known.start.acknowledged);
      expect(start, `start of ${topic}/${partition}`).toBeLessThanOrEqual(known.start.tried);
    }
    if (topic === 't') transacted[partition] = new Set(records.map(({ value }) => value ?? ''));
    // Of a transaction without a word from the coordinator, the end is only guessed at the next start.
    if (isSafe) known.learn(start, records, topic === 't' && (ledger.transactions.areTorn || !isAll));
  }
  const { offset = -1 } = ledger.topics.get('t') ? await transactional.committedOffset(true) : {};
  ledger.transactions.areTorn ||= !isAll;
  if (!ledger.transactions.areTorn) checkTransactions(ledger, transacted, offset);
  if (isSafe) ledger.learnTransactions(transacted[0] ?? new Set());
  const committed = await committedOffset(client);
  expect(committed).toBeLessThanOrEqual(ledger.offsets.tried);
  if (isAll) expect(committed).toBeGreaterThanOrEqual(ledger.offsets.acknowledged);
  if (isSafe) ledger.offsets.acknowledged = committed;
  transactional.client.close();
  client.close();
}

async function checkTopics(client: RawClient, { topics }: Ledger): Promise<void> {
  const { topics: found } = await client.call(metadata, 1, {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  const names = new Set(found.map(({ name }) => name));
  for (const [name, isThere] of topics) expect([name, names.has(name)]).toEqual([name, isThere]);
}

function checkRecords(
  name: string,
  known: PartitionLedger,
  records: readonly ReadRecord[],
  start: number,
  isAll: boolean,
): void {
  const values = records.map(({ value }) => value ?? '');
  expect(
    values.filter((value) => !known.sent.has(value)),
    `records of ${name} that nobody sent`,
  ).toEqual([]);
  expect(
    values.filter((value, index) => values.indexOf(value) !== index),
    `records of ${name} that are there twice`,
  ).toEqual([]);
  const isCompacted = name.startsWith('compacted');
  if (!isCompacted && !name.startsWith('t/')) {
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => start + index));
  }
  const end = isAll ? Number.POSITIVE_INFINITY : (records.at(-1)?.offset ?? -1) + 1;
  const found = new Map(records.map(({ offset, value }) => [offset, value]));
  const isThere = (value: string, offset: number) =>
    found.get(offset) === value ||
    (isCompacted && records.some((record) => record.offset > offset && keyOf(record.value) === keyOf(value)));
  const mustBe = [...[...known.acknowledged].map(([value, offset]) => [offset, value] as const), ...known.seen];
  expect(
    mustBe.filter(([offset, value]) => offset >= start && offset < end && !isThere(value, offset)),
    `records of ${name} that are lost`,
  ).toEqual([]);
}

function checkTransactions({ transactions }: Ledger, [first, second]: readonly Set<string>[], offset: number): void {
  const { committed, unknown } = transactions;
  expect(first).toEqual(second);
  expect([...committed.keys()].filter((value) => !first?.has(value))).toEqual([]);
  const numbers = [...(first ?? [])].map((value) => committed.get(value) ?? unknown.get(value));
  expect(numbers).not.toContain(undefined);
  expect(offset).toBe(Math.max(-1, ...numbers.map((number) => number ?? -1)));
}

async function committedOffset(client: RawClient): Promise<number> {
  const { topics } = await client.call(offsetFetch, 5, {
    groupId: committers,
    topics: [{ name: 'plain', partitions: [0] }],
    groups: [],
    requireStable: false,
  });
  return topics[0]?.partitions[0]?.offset ?? -1;
}
