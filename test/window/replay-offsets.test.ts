import { expect, test } from 'vitest';
import { replayOffsets } from '../../src/window/replay-offsets.ts';

test('a restart reads from the first record of the oldest window that is still needed', () => {
  const offsets = replayOffsets();
  offsets.note(0, 1_000, 10);
  offsets.note(0, 2_000, 14);
  offsets.note(0, 1_000, 15);
  expect(offsets.from(0, 20)).toBe(10);
  offsets.retain(new Set([2_000]));
  expect(offsets.from(0, 20)).toBe(14);
  offsets.retain(new Set());
  expect(offsets.from(0, 20)).toBe(20);
});

test('partitions have their own offsets', () => {
  const offsets = replayOffsets();
  offsets.note(0, 1_000, 10);
  expect(offsets.from(1, 3)).toBe(3);
});
