import { expect, test } from 'vitest';
import { type Counting, takeBatch } from '../../../src/commands/aggregate/counting.ts';
import type { ScanBatch } from '../../../src/kafka/topic-source.ts';
import type { CountedBatch } from '../../../src/window/topic-counts.ts';

/** A pipeline that begins somewhere in partition 0, and the offsets that it is given. */
function countingFrom(begin: number) {
  const offsets: number[] = [];
  const take = ({ records }: CountedBatch) => void offsets.push(...Array.from(records, ({ offset }) => offset));
  const counting: Pick<Counting, 'begins'> & { counts: { take: typeof take } } = {
    counts: { take },
    begins: new Map([[0, begin]]),
  };
  return { counting, offsets };
}

/** Records without values at these offsets. */
const scan = (offsets: readonly number[]): ScanBatch['records'] => ({
  atMost: offsets.length,
  from: (first) => scan(offsets.filter((offset) => offset >= first)),
  [Symbol.iterator]: () => offsets.map((offset) => ({ offset, timestamp: 0, value: null }))[Symbol.iterator](),
});

const batch = (...offsets: number[]): ScanBatch => ({
  topic: 'sex',
  partition: 0,
  records: scan(offsets),
  nextOffset: (offsets.at(-1) ?? 0) + 1,
  highWatermark: 100,
  readableEnd: 100,
  caughtUp: false,
});

test('a pipeline is not given what another of its topic still needs', () => {
  const { counting, offsets } = countingFrom(7);
  const from = new Map([['sex/0', 4]]);
  takeBatch(counting, batch(4, 5), from);
  takeBatch(counting, batch(6, 7, 8), from);
  takeBatch(counting, batch(9), from);
  expect(offsets).toEqual([7, 8, 9]);
});

test('a topic that was made anew before it was read that far is counted from its start', () => {
  for (const begin of [4, 7]) {
    const { counting, offsets } = countingFrom(begin);
    takeBatch(counting, batch(0, 1), new Map([['sex/0', 4]]));
    takeBatch(counting, batch(2, 3, 4), new Map([['sex/0', 4]]));
    expect(offsets).toEqual([0, 1, 2, 3, 4]);
  }
});
