import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeTransactions } from '../../../src/broker/apis/describe-transactions.ts';
import { listTransactions } from '../../../src/broker/apis/list-transactions.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { type TransactionalClient, transactionalClient } from '../transaction/_transactional-client.ts';

let broker: TestBroker;
let client: TransactionalClient;
beforeEach(async () => {
  broker = await startTestBroker();
  client = await transactionalClient(broker.port);
});
afterEach(async () => {
  client.client.close();
  await broker.stop();
});

/** One transactional id in each of three states. */
async function threeOfThem() {
  const open = await client.init('open');
  const done = await client.init('done');
  await client.init('new');
  await client.add(open, [1, 0]);
  await client.add(done);
  await client.end(done, false);
  return { open, done };
}

const list = async (
  filters: { stateFilters?: string[]; producerIdFilters?: number[]; durationFilter?: number } = {},
) => {
  const request = { stateFilters: [], producerIdFilters: [], durationFilter: -1, ...filters };
  const { transactionStates, unknownStateFilters } = await client.client.call(listTransactions, 1, request);
  const names = transactionStates.map(
    ({ transactionalId, transactionState }) => `${transactionalId} ${transactionState}`,
  );
  return { names: names.sort(), unknownStateFilters };
};

test('transactional ids are listed with their states, by state, producer and duration when asked so', async () => {
  const { done } = await threeOfThem();
  expect((await list()).names).toEqual(['done CompleteAbort', 'new Empty', 'open Ongoing']);
  expect(await list({ stateFilters: ['Ongoing', 'Sleeping'] })).toEqual({
    names: ['open Ongoing'],
    unknownStateFilters: ['Sleeping'],
  });
  expect((await list({ producerIdFilters: [done.producerId] })).names).toEqual(['done CompleteAbort']);
  expect((await list({ durationFilter: 3_600_000 })).names).toEqual([]);
});

test('an open transaction is described with its partitions, one that is over without', async () => {
  const before = Date.now();
  const { open } = await threeOfThem();
  const transactionalIds = ['open', 'done', 'nobody'];
  const { transactionStates } = await client.client.call(describeTransactions, 0, { transactionalIds });
  const [ongoing, over, unknown] = transactionStates;
  expect(ongoing).toMatchObject({
    errorCode: 0,
    transactionState: 'Ongoing',
    transactionTimeoutMs: 60_000,
    producerId: open.producerId,
    producerEpoch: 0,
    topics: [{ topic: 't', partitions: [1, 0] }],
  });
  expect(ongoing?.transactionStartTimeMs).toBeGreaterThanOrEqual(before);
  expect(over).toMatchObject({ transactionState: 'CompleteAbort', transactionStartTimeMs: -1, topics: [] });
  expect(unknown).toMatchObject({ errorCode: 105, transactionalId: 'nobody', producerId: -1 });
});
