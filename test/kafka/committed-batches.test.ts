import { expect, test } from 'vitest';
import { writeInt64 } from '../../src/kafka/bytes.ts';
import { committedBatches } from '../../src/kafka/committed-batches.ts';
import { encodeRecordBatches, sealBatch } from '../../src/kafka/record-batch-encoder.ts';
import { withAttributes } from './_compressors.ts';

const transactional = 0x10;
const control = 0x20;

function batchOf(offset: number, count: number, producerId: number, attributes: number, key?: Buffer): Buffer {
  const records = Array.from({ length: count }, () => ({ value: 'x', timestamp: 1, ...(key ? { key } : {}) }));
  const [batch] = encodeRecordBatches(records, 1_000_000);
  if (!batch) throw new Error('no batch');
  sealBatch(batch.bytes, { id: producerId, epoch: 0 }, 0);
  writeInt64(batch.bytes, offset, 0);
  return withAttributes(batch.bytes, attributes);
}

const data = (offset: number, count: number, producerId = -1) =>
  batchOf(offset, count, producerId, producerId < 0 ? 0 : transactional);
const marker = (offset: number, producerId: number, type: 'abort' | 'commit') =>
  batchOf(offset, 1, producerId, transactional | control, Buffer.from([0, 0, 0, type === 'commit' ? 1 : 0]));

const offsetsOf = (log: Buffer[], from: number, aborted: { producerId: number; firstOffset: number }[] | null) => {
  const { batches, nextOffset } = committedBatches(Buffer.concat(log), from, aborted);
  return { offsets: batches.map(({ baseOffset }) => baseOffset), nextOffset };
};

test('a marker is passed over, but counts as an offset', () => {
  const log = [data(0, 2, 5), marker(2, 5, 'commit')];
  expect(offsetsOf(log, 0, [])).toEqual({ offsets: [0], nextOffset: 3 });
});

test('an aborted transaction is passed over up to its marker, others between are not', () => {
  const log = [data(0, 1, 5), data(1, 1), data(2, 1, 6), marker(3, 5, 'abort'), data(4, 1, 5), marker(5, 6, 'commit')];
  expect(offsetsOf(log, 0, [{ producerId: 5, firstOffset: 0 }])).toEqual({ offsets: [1, 2, 4], nextOffset: 6 });
});

test('two aborted transactions of one producer are both passed over', () => {
  const log = [data(0, 1, 5), marker(1, 5, 'abort'), data(2, 1), data(3, 1, 5), marker(4, 5, 'abort')];
  const aborted = [
    { producerId: 5, firstOffset: 3 },
    { producerId: 5, firstOffset: 0 },
  ];
  expect(offsetsOf(log, 0, aborted)).toEqual({ offsets: [2], nextOffset: 5 });
});

test('a transaction that was aborted before the offset read from is known, too', () => {
  const log = [data(4, 2, 5), marker(6, 5, 'abort')];
  expect(offsetsOf(log, 5, [{ producerId: 5, firstOffset: 1 }])).toEqual({ offsets: [], nextOffset: 7 });
});

test('a reader of everything gets what was aborted', () => {
  const log = [data(0, 1, 5), marker(1, 5, 'abort')];
  expect(offsetsOf(log, 0, null)).toEqual({ offsets: [0], nextOffset: 2 });
});

test('a batch that ends before the offset read from is not given again', () => {
  expect(offsetsOf([data(0, 3), data(3, 2)], 3, [])).toEqual({ offsets: [3], nextOffset: 5 });
});
