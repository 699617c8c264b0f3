import { expect, test } from 'vitest';
import { BufferPool } from '../../../src/broker/log/buffer-pool.ts';

const kib = 1024;

test('a buffer that was given back is used again for what fits it, and only up to what may lie idle', () => {
  const pool = new BufferPool(96 * kib);
  const [first, second] = [pool.take(40 * kib), pool.take(64 * kib)];
  expect([first.length, second.length]).toEqual([64 * kib, 64 * kib]);
  pool.give(first);
  pool.give(second);
  const again = pool.take(33 * kib);
  expect([first, second]).toContain(again);
  expect([first, second]).not.toContain(pool.take(33 * kib));
});

test('sizes that nobody asks for any more make room for those in use', () => {
  const pool = new BufferPool(128 * kib);
  const large = [pool.take(64 * kib), pool.take(64 * kib)];
  for (const buffer of large) pool.give(buffer);
  const small = pool.take(32 * kib);
  pool.give(small);
  expect(pool.take(32 * kib)).toBe(small);
  expect(large).toContain(pool.take(64 * kib));
  expect(large).not.toContain(pool.take(64 * kib));
});
