import { describe, expect, test } from 'vitest';
import { init, testCoordinator } from './_test-coordinator.ts';

const producer = (producerId: number, producerEpoch: number, transactionalId = 'x') => ({
  transactionalId,
  producerId,
  producerEpoch,
});
const offsets = (offset: number) => ({
  groupId: 'g',
  generation: -1,
  memberId: '',
  instanceId: null,
  offsets: [{ topic: 't', partition: 0, offset, leaderEpoch: -1, metadata: '' }],
});
const onPartition0 = { topic: 't', partition: 0 };

/** A coordinator with an open transaction of producer 1, epoch 0, in both partitions. */
async function withOpenTransaction() {
  const parts = testCoordinator();
  const { transactions, groups } = parts.start();
  await transactions.initProducerId(init('x'));
  await transactions.addPartitions(producer(1, 0), parts.partitions);
  for (const log of parts.logs) log.open.add(1);
  return { ...parts, transactions, groups };
}

describe('producer ids', () => {
  test('each start of a producer gets the next epoch of the same id', async () => {
    const { transactions } = testCoordinator().start();
    expect(await transactions.initProducerId(init('x'))).toEqual({ errorCode: 0, producerId: 1, producerEpoch: 0 });
    expect(await transactions.initProducerId(init('x'))).toEqual({ errorCode: 0, producerId: 1, producerEpoch: 1 });
    expect(await transactions.initProducerId(init('y'))).toEqual({ errorCode: 0, producerId: 2, producerEpoch: 0 });
  });

  test.each([
    ['no id', '', 60_000, 42],
    ['no timeout', 'x', 0, 50],
    ['a timeout above 15 minutes', 'x', 900_001, 50],
  ])('%s is refused', async (_name, id, timeout, errorCode) => {
    const { transactions } = testCoordinator().start();
    const refused = { errorCode, producerId: -1, producerEpoch: -1 };
    expect(await transactions.initProducerId(init(id, { timeout }))).toEqual(refused);
  });

  test('a producer that comes back as itself goes on, also when it missed the answer; an earlier one is fenced', async () => {
    const { transactions } = testCoordinator().start();
    await transactions.initProducerId(init('x'));
    const back = init('x', { producerId: 1, producerEpoch: 0 });
    expect(await transactions.initProducerId(back)).toMatchObject({ errorCode: 0, producerEpoch: 1 });
    expect(await transactions.initProducerId(back)).toMatchObject({ errorCode: 0, producerEpoch: 1 });
    const next = init('x', { producerId: 1, producerEpoch: 1 });
    expect(await transactions.initProducerId(next)).toMatchObject({ errorCode: 0, producerEpoch: 2 });
    expect(await transactions.initProducerId(back)).toMatchObject({ errorCode: 90 });
    expect(await transactions.initProducerId(init('x', { producerId: 9, producerEpoch: 2 }))).toMatchObject({
      errorCode: 90,
    });
  });

  test('an id whose epochs are used up is replaced, after what it left open was aborted', async () => {
    const { partitions, logs, start } = testCoordinator();
    const { transactions } = start();
    for (let epoch = 0; epoch <= 32_766; epoch++) await transactions.initProducerId(init('x'));
    expect(await transactions.addPartitions(producer(1, 32_766), partitions)).toBe(0);
    const last = init('x', { producerId: 1, producerEpoch: 32_766 });
    expect(await transactions.initProducerId(last)).toEqual({ errorCode: 0, producerId: 2, producerEpoch: 0 });
    expect(logs.map(({ markers }) => markers)).toEqual([['abort 1/32767'], ['abort 1/32767']]);
    expect(await transactions.initProducerId(last)).toEqual({ errorCode: 0, producerId: 2, producerEpoch: 0 });
  });
});

describe('transactions', () => {
  test('ending one tells every partition, and can be repeated but not changed', async () => {
    const { transactions, logs } = await withOpenTransaction();
    expect(await transactions.end(producer(1, 0), true)).toBe(0);
    expect(logs.map(({ markers }) => markers)).toEqual([['commit 1/0'], ['commit 1/0']]);
    expect(await transactions.end(producer(1, 0), true)).toBe(0);
    expect(await transactions.end(producer(1, 0), false)).toBe(48);
    expect(logs[0]?.markers).toHaveLength(1);
  });

  test('the next one begins while the last is being ended, without being sent away', async () => {
    const { transactions, partitions } = await withOpenTransaction();
    const answers = await Promise.all([
      transactions.end(producer(1, 0), true),
      transactions.addPartitions(producer(1, 0), partitions),
      transactions.end(producer(1, 0), false),
    ]);
    expect(answers).toEqual([0, 0, 0]);
  });

  test('whoever is not the producer is refused', async () => {
    const { transactions, partitions } = await withOpenTransaction();
    const codes = async (stranger: ReturnType<typeof producer>) => [
      await transactions.addPartitions(stranger, partitions),
      await transactions.addGroup(stranger, 'g'),
      await transactions.commitOffsets(stranger, offsets(5)),
      await transactions.end(stranger, true),
    ];
    expect(await codes(producer(1, 0, 'unknown'))).toEqual([49, 49, 49, 49]);
    expect(await codes(producer(2, 0))).toEqual([49, 49, 49, 49]);
    expect(await codes(producer(1, 1))).toEqual([90, 90, 90, 90]);
    expect(await codes(producer(1, 0, ''))).toEqual([42, 42, 42, 42]);
  });

  test('nothing that was begun cannot be ended', async () => {
    const { transactions } = testCoordinator().start();
    await transactions.initProducerId(init('x'));
    expect(await transactions.end(producer(1, 0), true)).toBe(48);
  });

  test('a batch belongs to the open transaction of its producer, or is refused', async () => {
    const { transactions } = await withOpenTransaction();
    const judge = (producerId: number, producerEpoch: number, partition: number) =>
      transactions.faultOfBatch({ producerId, producerEpoch }, 'id-of-t', partition)?.errorCode ?? 0;
    expect([judge(1, 0, 0), judge(1, 0, 2), judge(7, 0, 0)]).toEqual([0, 48, 48]);
    await transactions.initProducerId(init('x'));
    expect([judge(1, 0, 0), judge(1, 1, 0)]).toEqual([47, 48]);
  });

  test('one that is not ended in time is aborted with the next epoch', async () => {
    const { transactions, timers, logs } = await withOpenTransaction();
    const marker = logs[1]?.nextMarker();
    timers.advance(59_999);
    expect(logs[1]?.markers).toEqual([]);
    timers.advance(1);
    expect(await marker).toBe('abort 1/1');
    expect(await transactions.end(producer(1, 0), true)).toBe(90);
    expect(await transactions.initProducerId(init('x', { producerId: 1, producerEpoch: 0 }))).toMatchObject({
      errorCode: 90,
    });
  });

  test('the time of one that was ended is not held against the next', async () => {
    const { transactions, timers, partitions } = await withOpenTransaction();
    timers.advance(59_000);
    await transactions.end(producer(1, 0), true);
    await transactions.addPartitions(producer(1, 0), partitions);
    timers.advance(59_000);
    expect(await transactions.end(producer(1, 0), true)).toBe(0);
  });

  test('offsets wait for the commit, and an abort drops them', async () => {
    const { transactions, groups } = await withOpenTransaction();
    expect(await transactions.commitOffsets(producer(1, 0), offsets(5))).toBe(48);
    await transactions.addGroup(producer(1, 0), 'g');
    expect(await transactions.commitOffsets(producer(1, 0), offsets(5))).toBe(0);
    expect(transactions.isPending('g', onPartition0)).toBe(true);
    expect(groups.committed('g', onPartition0)).toBeUndefined();
    await transactions.end(producer(1, 0), true);
    expect(transactions.isPending('g', onPartition0)).toBe(false);
    expect(groups.committed('g', onPartition0)?.offset).toBe(5);
    await transactions.addGroup(producer(1, 0), 'g');
    await transactions.commitOffsets(producer(1, 0), offsets(9));
    await transactions.end(producer(1, 0), false);
    expect(transactions.isPending('g', onPartition0)).toBe(false);
    expect(groups.committed('g', onPartition0)?.offset).toBe(5);
  });

  test('a transactional id that nobody used for a week is forgotten', async () => {
    const { transactions, timers } = await withOpenTransaction();
    await transactions.end(producer(1, 0), true);
    timers.advance(7 * 24 * 3_600_000);
    expect(await transactions.end(producer(1, 0), true)).toBe(0);
    timers.advance(3_600_000);
    expect(await transactions.end(producer(1, 0), true)).toBe(49);
  });
});

describe('after a restart', () => {
  test('what was decided is finished, only where it is still open', async () => {
    const { transactions, logs, start } = await withOpenTransaction();
    await transactions.addGroup(producer(1, 0), 'g');
    await transactions.commitOffsets(producer(1, 0), offsets(5));
    const [first, second] = logs;
    if (!first || !second) return expect.unreachable();
    second.isBroken = true;
    expect(await transactions.end(producer(1, 0), true)).toBe(15);
    await transactions.close();
    second.isBroken = false;
    const next = start();
    await next.transactions.recover();
    expect([first.markers, second.markers]).toEqual([['commit 1/0'], ['commit 1/0']]);
    expect(next.groups.committed('g', onPartition0)?.offset).toBe(5);
    expect(await next.transactions.end(producer(1, 0), true)).toBe(0);
  });

  test('what is open stays open for the rest of its time', async () => {
    const { transactions, logs, timers, start } = await withOpenTransaction();
    timers.advance(40_000);
    await transactions.close();
    const next = start();
    await next.transactions.recover();
    const marker = logs[1]?.nextMarker();
    timers.advance(19_999);
    expect(logs[0]?.markers).toEqual([]);
    timers.advance(1);
    expect(await marker).toBe('abort 1/1');
  });

  test('what nobody can end any more is ended', async () => {
    const { logs, start } = testCoordinator();
    logs[0]?.open.add(77);
    await start().transactions.recover();
    expect(logs.map(({ markers }) => markers)).toEqual([['abort 77/0'], []]);
  });
});

describe('a disk that takes nothing', () => {
  test('a transaction that could not be decided is open as before', async () => {
    const { transactions, journal, logs } = await withOpenTransaction();
    journal.full = true;
    expect(await transactions.end(producer(1, 0), true)).toBe(15);
    expect(logs[0]?.markers).toEqual([]);
    journal.full = false;
    expect(await transactions.end(producer(1, 0), false)).toBe(0);
    expect(logs[0]?.markers).toEqual(['abort 1/0']);
  });

  test('a decided transaction is finished later, by itself', async () => {
    const { transactions, logs, timers } = await withOpenTransaction();
    const [, second] = logs;
    if (!second) return expect.unreachable();
    second.isBroken = true;
    expect(await transactions.end(producer(1, 0), true)).toBe(15);
    second.isBroken = false;
    const marker = second.nextMarker();
    timers.advance(1_000);
    expect(await marker).toBe('commit 1/0');
    expect(logs[0]?.markers).toEqual(['commit 1/0']);
  });
});
