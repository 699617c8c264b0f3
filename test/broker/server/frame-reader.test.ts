import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BufferPool } from '../../../src/broker/log/buffer-pool.ts';
import { FrameReader } from '../../../src/broker/server/frame-reader.ts';

const [produceKey, fetchKey] = [0, 1];

/** A request of `size` bytes after its length, which is told as `claimed`. */
function request(key: number, size: number, claimed = size): Buffer {
  const bytes = Buffer.alloc(4 + size);
  for (let at = 4; at < bytes.length; at++) bytes[at] = (at * 31 + size) & 255;
  bytes.writeInt32BE(claimed, 0);
  bytes.writeInt16BE(key, 4);
  return bytes;
}

describe('the frame reader', () => {
  test('gives the same frames however the bytes were cut on their way', () => {
    const frame = fc.record({ key: fc.constantFrom(produceKey, fetchKey), size: fc.integer({ min: 8, max: 70_000 }) });
    const cuts = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 6 }), cuts, (sizes, lengths) => {
        const pool = new BufferPool(1 << 20);
        const reader = new FrameReader(pool);
        const sent = sizes.map(({ key, size }) => request(key, size));
        const stream = Buffer.concat(sent);
        const came: Buffer[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const next = Math.min(stream.length, at + (lengths[cut % lengths.length] ?? 1));
          for (const { bytes, pooled } of reader.push(Buffer.from(stream.subarray(at, next)))) {
            came.push(Buffer.from(bytes));
            // Whoever comes next may write into it.
            if (pooled) pool.give(pooled.fill(0));
          }
          at = next;
          const complete = came.reduce((sum, bytes) => sum + 4 + bytes.length, 0);
          expect(reader.buffered).toBeLessThanOrEqual(at - complete);
          expect(reader.buffered).toBeGreaterThanOrEqual(Math.max(0, at - complete - 4));
        }
        expect(came).toEqual(sent.map((bytes) => bytes.subarray(4)));
        expect(reader.buffered).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('takes a buffer for a large request to produce when enough of it is there, not for what is merely claimed', () => {
    const taken: number[] = [];
    class CountingPool extends BufferPool {
      override take(size: number): Buffer {
        taken.push(size);
        return super.take(size);
      }
    }
    const whole = request(produceKey, 1_000_000);
    const reader = new FrameReader(new CountingPool(0));
    reader.push(whole.subarray(0, 20_000));
    expect(taken).toEqual([]);
    reader.push(whole.subarray(20_000, 100_000));
    expect(taken).toEqual([1_000_000]);
    expect(reader.buffered).toBe(100_000 - 4);
    const [frame] = reader.push(whole.subarray(100_000));
    expect(frame?.bytes.equals(whole.subarray(4))).toBe(true);
    expect(taken).toEqual([1_000_000]);
  });

  test('keeps requests of other kinds out of buffers that are used again', () => {
    const reader = new FrameReader(new BufferPool(1 << 20));
    const whole = request(fetchKey, 50_000);
    reader.push(whole.subarray(0, 30_000));
    const [frame] = reader.push(whole.subarray(30_000));
    expect(frame?.pooled).toBeUndefined();
    expect(frame?.bytes.equals(whole.subarray(4))).toBe(true);
  });
});
