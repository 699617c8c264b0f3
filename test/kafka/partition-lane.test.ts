import { expect, test } from 'vitest';
import { errorCodes } from '../../src/kafka/apis.ts';
import { PartitionLane } from '../../src/kafka/partition-lane.ts';
import { encodeRecordBatches } from '../../src/kafka/record-batch-encoder.ts';

const lane = (id = 7) => new PartitionLane({ topic: 't', partition: 0 }, 1, { id, epoch: 0 });

function add(to: PartitionLane, count = 1) {
  const [batch] = encodeRecordBatches(
    Array.from({ length: count }, () => ({ value: 'x', timestamp: 1 })),
    1_000_000,
  );
  if (!batch) throw new Error('no batch');
  const sent = to.add(batch);
  sent.catch(() => {});
  return sent;
}

const takeAll = (from: PartitionLane) => {
  const taken = [];
  for (let batch = from.take(); batch; batch = from.take()) taken.push(batch);
  return taken;
};

test('sequence numbers count records, and at most five batches are under way', () => {
  const own = lane();
  for (let i = 0; i < 7; i++) add(own, 10);
  expect(takeAll(own).map(({ sequence }) => sequence)).toEqual([0, 10, 20, 30, 40]);
});

test('without a producer id one batch is under way at a time, so that order survives a repetition', () => {
  const own = lane(-1);
  add(own);
  add(own);
  expect(takeAll(own).map(({ sequence }) => sequence)).toEqual([-1]);
});

test('after a failure nothing more is sent, and repeating waits until all are answered', () => {
  const own = lane();
  for (let i = 0; i < 3; i++) add(own);
  const [first, second, third] = takeAll(own);
  if (!first || !second || !third) throw new Error('not taken');
  add(own);
  own.settle(first, errorCodes.none, 0);
  own.settle(second, errorCodes.notLeader, 0);
  expect([own.isStuck, own.take()]).toEqual([false, null]);
  own.settle(third, errorCodes.outOfOrderSequence, 0);
  expect([own.isStuck, own.needsNewProducer]).toEqual([true, false]);
});

test('batches go again oldest first and as the same ones', () => {
  const own = lane();
  add(own);
  add(own);
  const before = takeAll(own);
  for (const batch of before) own.settle(batch, new Error('connection lost'), 0);
  expect(own.isStuck).toBe(true);
  own.recover(2);
  expect(takeAll(own).map(({ sequence }) => sequence)).toEqual(before.map(({ sequence }) => sequence));
  expect(own.leader).toBe(2);
});

test('a batch that the broker already has counts as sent', async () => {
  const own = lane();
  const sent = add(own);
  const [batch] = takeAll(own);
  if (!batch) throw new Error('not taken');
  own.settle(batch, errorCodes.duplicateSequence, 0);
  await expect(sent).resolves.toBeUndefined();
  expect(own.isEmpty).toBe(true);
});

test('a new producer starts the sequence anew', () => {
  const own = lane();
  add(own, 3);
  add(own, 3);
  for (const batch of takeAll(own)) own.settle(batch, errorCodes.unknownProducerId, 0);
  expect(own.needsNewProducer).toBe(true);
  own.recover(1, { id: 8, epoch: 0 });
  expect(takeAll(own).map(({ sequence }) => sequence)).toEqual([0, 3]);
});

test('a refused batch is given up alone', async () => {
  const own = lane();
  const [refused, other] = [add(own), add(own)];
  const [first, second] = takeAll(own);
  if (!first || !second) throw new Error('not taken');
  own.settle(first, errorCodes.messageTooLarge, 0);
  own.settle(second, errorCodes.outOfOrderSequence, 0);
  expect(own.isRefused).toBe(true);
  own.refuseOldest(new Error('too large'));
  await expect(refused).rejects.toThrow('too large');
  expect(own.isRefused).toBe(false);
  own.recover(1, { id: 8, epoch: 0 });
  const [again] = takeAll(own);
  if (!again) throw new Error('not taken');
  own.settle(again, errorCodes.none, 0);
  await expect(other).resolves.toBeUndefined();
});
