import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchHeader, placeBatch } from '../../../src/broker/log/record-batch.ts';
import { CacheBudget, TailCache } from '../../../src/broker/log/tail-cache.ts';
import { makeBatch } from '../_batches.ts';

const batchAt = (offset: number, records: number, size: number) => {
  const batch = makeBatch(Array.from({ length: records }, () => 'x'.repeat(size)));
  placeBatch(batch, offset, 0);
  return batch;
};

const size = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ max: 3_000, min: 0 }) },
  // More than is worth keeping.
  { weight: 1, arbitrary: fc.constant(140_000) },
);
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ add: fc.tuple(fc.integer({ min: 1, max: 4 }), size) }),
  },
  { weight: 2, arbitrary: fc.record({ cut: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ forget: fc.integer({ min: 0, max: 20 }) }) },
);

test('a read gives the batches of the log from the asked one on, or nothing that it does not hold', () => {
  fc.assert(
    fc.property(
      fc.array(action, { minLength: 1, maxLength: 60 }),
      fc.integer({ max: 5_000, min: 1 }),
      (actions, maxBytes) => {
        const cache = new TailCache(new CacheBudget(40_000, 40_000));
        const log: Buffer[] = [];
        const endOf = () => (log.length === 0 ? 0 : batchHeader.lastOffset(log.at(-1) ?? Buffer.alloc(0)) + 1);
        for (const step of actions) {
          if ('add' in step) {
            const batch = batchAt(endOf(), ...step.add);
            log.push(batch);
            cache.add(batch);
          } else if ('cut' in step) {
            const [first] = log.splice(Math.max(0, log.length - step.cut));
            if (first) cache.truncate(batchHeader.baseOffset(first));
          } else {
            cache.forgetBefore(step.forget);
          }
          for (let offset = 0; offset < endOf(); offset++) {
            const found = cache.read(offset, endOf(), maxBytes, true);
            if (!found) continue;
            const start = log.findIndex((batch) => batchHeader.lastOffset(batch) >= offset);
            const bytes = Buffer.concat(found);
            expect(bytes.equals(Buffer.concat(log.slice(start)).subarray(0, bytes.length))).toBe(true);
            expect(bytes.length).toBeGreaterThanOrEqual(log[start]?.length ?? 0);
            expect(bytes.length <= maxBytes || bytes.length === log[start]?.length).toBe(true);
          }
        }
        const newest = log.at(-1);
        const last = actions.at(-1);
        if (newest && last && 'add' in last) {
          const held = newest.length > 32 * 1024 ? undefined : [newest];
          expect(cache.read(endOf() - 1, endOf(), 1, true)).toEqual(held);
        }
      },
    ),
  );
});

test('a reader stops before the end offset and takes nothing that does not fit', () => {
  const cache = new TailCache(new CacheBudget());
  const batches = [batchAt(0, 2, 10), batchAt(2, 2, 10), batchAt(4, 2, 10)];
  for (const batch of batches) cache.add(batch);
  expect(cache.read(0, 4, 10_000, true)).toEqual([Buffer.concat(batches.slice(0, 2))]);
  expect(cache.read(0, 6, 10, false)).toEqual([]);
});
