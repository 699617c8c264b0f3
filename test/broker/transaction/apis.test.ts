import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteRecords } from '../../../src/broker/apis/delete-records.ts';
import { hasValidChecksum } from '../../../src/broker/log/record-batch.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { type TransactionalClient, transactionalClient } from './_transactional-client.ts';

let broker: TestBroker;
let client: TransactionalClient;
const stopping: (() => Promise<void>)[] = [];

beforeEach(async () => {
  broker = await startTestBroker();
  client = await transactionalClient(broker.port);
});
afterEach(async () => {
  client.client.close();
  await broker.stop();
  for (const stop of stopping.splice(0)) await stop();
});

/** What another broker finds when this one is killed now: its files as they are. */
async function afterKill(): Promise<TransactionalClient> {
  const dataDir = join(temporaryFolder(), 'data');
  await cp(broker.dataDir, dataDir, { recursive: true });
  await rm(join(dataDir, '.lock'), { recursive: true });
  const next = await startTestBroker({ dataDir });
  const connected = await transactionalClient(next.port);
  stopping.push(async () => {
    connected.client.close();
    await next.stop();
  });
  return connected;
}

describe('transactions on the wire', () => {
  test('an open one holds readers of committed records back, and only them', async () => {
    const x = await client.init('x');
    expect(await client.add(x)).toEqual([0, 0]);
    expect(await client.send(null, 0, -1, ['before'], 0)).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await client.send(x, 0, 0, ['open'])).toEqual({ errorCode: 0, baseOffset: 1 });
    expect(await client.send(null, 0, -1, ['behind'], 0)).toEqual({ errorCode: 0, baseOffset: 2 });
    expect(await client.stableEnd(0)).toBe(1);
    const committed = await client.fetch(0);
    expect(committed).toMatchObject({ lastStableOffset: 1, highWatermark: 3, abortedTransactions: [] });
    expect(String(committed.records)).toContain('before');
    expect(String(committed.records)).not.toMatch(/open|behind/);
    const all = await client.fetch(0, { isolationLevel: 0 });
    expect(all.abortedTransactions).toBeNull();
    expect(String(all.records)).toMatch(/before.*open.*behind/s);
  });

  test('records of an open one can be deleted, no further than to the high watermark; it stays open until its end', async () => {
    const x = await client.init('x');
    await client.add(x);
    await client.send(x, 0, 0, ['deleted']);
    await client.send(x, 0, 1, ['aborted']);
    await client.send(null, 0, -1, ['behind'], 0);
    const deleteBefore = async (offset: number) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, offset }] }];
      return (await client.client.call(deleteRecords, 2, { topics, timeoutMs: 1_000 })).topics[0]?.partitions[0];
    };
    expect(await deleteBefore(4)).toMatchObject({ errorCode: 1, lowWatermark: -1 });
    expect(await deleteBefore(1)).toMatchObject({ errorCode: 0, lowWatermark: 1 });
    expect(await client.stableEnd(0)).toBe(1);
    expect(await client.end(x, false)).toBe(0);
    const { producerId } = x;
    const read = await client.fetch(1);
    expect(read).toMatchObject({ lastStableOffset: 4, abortedTransactions: [{ producerId }] });
    expect(String(read.records)).not.toContain('deleted');
    expect(await deleteBefore(-1)).toMatchObject({ errorCode: 0, lowWatermark: 4 });
    expect(await client.stableEnd(0)).toBe(4);
  });

  test('a reader that waits is woken when the transaction is ended, not before', async () => {
    const x = await client.init('x');
    await client.add(x);
    await client.send(x, 0, 0, ['open']);
    const other = await transactionalClient(broker.port);
    const waiting = other.fetch(0, { maxWaitMs: 60_000 });
    expect(await client.end(x, true)).toBe(0);
    const { records, lastStableOffset } = await waiting;
    expect(String(records)).toContain('open');
    expect(lastStableOffset).toBe(2);
    other.client.close();
  });

  test('the marker is a sound control batch of 78 bytes', async () => {
    const x = await client.init('x');
    await client.add(x);
    await client.end(x, true);
    const { records } = await client.fetch(0);
    expect(records.length).toBe(78);
    expect(hasValidChecksum(records, 0, 78)).toBe(true);
    expect(records.readInt16BE(21)).toBe(0x30);
    expect(records.subarray(61).toString('hex')).toBe('200000000800000001' + '0c000000000000' + '00');
  });

  test('readers are told what was aborted in what they get, and no more', async () => {
    const [x, y] = [await client.init('x'), await client.init('y')];
    for (const each of [x, y]) await client.add(each);
    await client.send(y, 0, 0, ['y']);
    await client.send(x, 0, 0, ['x']);
    await client.end(x, false);
    await client.end(y, false);
    const aborted = [y, x].map(({ producerId }, firstOffset) => ({ producerId, firstOffset }));
    expect((await client.fetch(0)).abortedTransactions).toEqual(aborted);
    expect((await client.fetch(0, { partitionMaxBytes: 1 })).abortedTransactions).toEqual(aborted.slice(0, 1));
    expect((await client.fetch(3)).abortedTransactions).toEqual(aborted.slice(0, 1));
    expect((await client.fetch(4)).abortedTransactions).toEqual([]);
  });

  test('batches outside of their transaction are refused', async () => {
    const x = await client.init('x');
    expect(await client.send(x, 0, 0, ['not begun'])).toMatchObject({ errorCode: 48 });
    await client.add(x, [0]);
    expect(await client.send(x, 1, 0, ['not added'])).toMatchObject({ errorCode: 48 });
    expect(await client.send(x, 0, 0, ['first'])).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await client.send(x, 0, 1, ['plain'], 0)).toMatchObject({ errorCode: 48 });
    expect(await client.send(x, 0, 2, ['gap'])).toMatchObject({ errorCode: 45 });
    await client.end(x, true);
    expect(await client.send(x, 0, 0, ['first'])).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await client.send(x, 0, 1, ['late'])).toMatchObject({ errorCode: 48 });
  });

  test('the sequence goes on in the next transaction, and starts anew with the next epoch', async () => {
    const first = await client.init('x');
    await client.add(first);
    await client.send(first, 0, 0, ['a']);
    await client.end(first, true);
    await client.add(first);
    expect(await client.send(first, 0, 1, ['b'])).toEqual({ errorCode: 0, baseOffset: 2 });
    const second = await client.init('x');
    expect(second).toMatchObject({ producerId: first.producerId, producerEpoch: 1 });
    await client.add(second);
    expect(await client.send(first, 0, 2, ['late'])).toMatchObject({ errorCode: 47 });
    expect(await client.send(second, 0, 3, ['gap'])).toMatchObject({ errorCode: 45 });
    expect(await client.send(second, 0, 0, ['c'])).toEqual({ errorCode: 0, baseOffset: 4 });
  });

  test('old versions know a fenced producer as one of a wrong epoch', async () => {
    const first = await client.init('x');
    await client.init('x');
    expect([await client.end(first, true, 1), await client.end(first, true, 2)]).toEqual([47, 90]);
    expect([await client.add(first, [0], 1), await client.add(first, [0], 2)]).toEqual([[47], [90]]);
    const { producerId } = first;
    expect(await client.init('x', 3, { producerId, producerEpoch: 7 })).toMatchObject({ errorCode: 47 });
    expect(await client.init('x', 4, { producerId, producerEpoch: 7 })).toMatchObject({ errorCode: 90 });
    expect(await client.commitOffset(first, 1, false)).toBe(47);
  });

  test('of partitions that are added together, all are or none', async () => {
    const x = await client.init('x');
    expect(await client.add(x, [0, 7])).toEqual([55, 3]);
    expect(await client.add(x, [0], 3, 'no-topic')).toEqual([3]);
    expect(await client.end(x, true)).toBe(48);
  });

  test('an offset that a transaction holds is unstable for those who ask, until it is committed', async () => {
    const x = await client.init('x');
    expect(await client.commitOffset(x, 5)).toBe(0);
    expect(await client.committedOffset(false)).toEqual({ offset: -1, errorCode: 0 });
    expect(await client.committedOffset(true)).toEqual({ offset: -1, errorCode: 88 });
    await client.end(x, true);
    expect(await client.committedOffset(true)).toEqual({ offset: 5, errorCode: 0 });
  });
});

describe('after a kill', () => {
  test('an open transaction is still open, and its producer can commit it with its offsets', async () => {
    const x = await client.init('x');
    await client.add(x);
    await client.send(x, 0, 0, ['survives']);
    await client.commitOffset(x, 5);
    const next = await afterKill();
    expect(await next.stableEnd(0)).toBe(0);
    expect(await next.committedOffset(true)).toMatchObject({ errorCode: 88 });
    expect(await next.send(x, 0, 0, ['survives'])).toEqual({ errorCode: 0, baseOffset: 0 });
    expect(await next.send(x, 0, 1, ['more'])).toEqual({ errorCode: 0, baseOffset: 1 });
    expect(await next.end(x, true)).toBe(0);
    expect(await next.stableEnd(0)).toBe(3);
    expect(await next.committedOffset(true)).toEqual({ offset: 5, errorCode: 0 });
  });

  test('aborted records stay aborted, and a superseded producer superseded', async () => {
    const first = await client.init('x');
    await client.add(first);
    await client.send(first, 0, 0, ['aborted']);
    const second = await client.init('x');
    const before = await client.fetch(0);
    const next = await afterKill();
    expect(await next.fetch(0)).toEqual(before);
    expect(before.abortedTransactions).toEqual([{ producerId: first.producerId, firstOffset: 0 }]);
    expect(await next.end(first, true)).toBe(90);
    await next.add(second);
    expect(await next.send(first, 0, 1, ['late'])).toMatchObject({ errorCode: 47 });
    expect(await next.send(second, 0, 0, ['next'])).toMatchObject({ errorCode: 0 });
  });
});
