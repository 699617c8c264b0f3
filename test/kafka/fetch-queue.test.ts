import { expect, test } from 'vitest';
import { fetchQueue } from '../../src/kafka/fetch-queue.ts';
import { sourcePartition, standing } from '../../src/kafka/source-partition.ts';

const item = (partition: number) => standing(sourcePartition({ topic: 't', partition }, 1), true);

test('a reply is done with when the reader asks for what comes after it', async () => {
  const queue = fetchQueue();
  let done = false;
  const offered = queue.offer([item(0), item(1)]).then(() => {
    done = true;
  });
  await queue.next();
  await queue.next();
  expect(done).toBe(false);
  void queue.next();
  await offered;
});

test('news come in order with replies', async () => {
  const queue = fetchQueue();
  void queue.offer([item(0)]);
  queue.push(item(1));
  void queue.offer([item(2)]);
  const order = [await queue.next(), await queue.next(), await queue.next()];
  expect(order.map((each) => each?.partition.partition)).toEqual([0, 1, 2]);
});

test('an end sets free whoever waits for the reader', async () => {
  const queue = fetchQueue();
  const offered = queue.offer([item(0)]);
  await queue.next();
  queue.end();
  await offered;
  expect(await queue.next()).toBeNull();
});

test('a failure comes after what was read before it', async () => {
  const queue = fetchQueue();
  void queue.offer([item(0)]);
  queue.end(new Error('not allowed'));
  expect((await queue.next())?.partition.partition).toBe(0);
  await expect(queue.next()).rejects.toThrow('not allowed');
});
