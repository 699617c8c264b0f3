import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fewestToPack, frozenCounts, PackedCounts } from '../../src/window/packed-counts.ts';

// Also halves of surrogate pairs, which JSON can name.
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 20 });
const counts = fc
  .oneof(latin1, fc.string({ unit: codeUnit, maxLength: 4 }))
  .chain((first) =>
    fc.array(fc.tuple(fc.oneof(latin1, fc.constant(first)), fc.integer({ min: 1, max: 2 ** 40 })), { maxLength: 200 }),
  )
  .map((entries) => new Map(entries));

test('packed counts are those that were packed, in the same order', () => {
  fc.assert(
    fc.property(counts, (map) => {
      const packed = new PackedCounts(map);
      expect(packed.size).toBe(map.size);
      expect([...packed]).toEqual([...map]);
      expect([...packed.keys()]).toEqual([...map.keys()]);
      expect([...packed.values()]).toEqual([...map.values()]);
      expect([...new Map(packed)]).toEqual([...map]);
    }),
  );
});

test('one key can be looked up', () => {
  const packed = new PackedCounts(new Map(Object.entries({ 女: 2, '': 3, constructor: 1 })));
  expect(['女', '', 'constructor', '男', '女constructor'].map((key) => packed.get(key))).toEqual([
    ...[2, 3, 1],
    ...[undefined, undefined],
  ]);
  expect([packed.has(''), packed.has('x')]).toEqual([true, false]);
  const seen: unknown[] = [];
  packed.forEach((count, key) => {
    seen.push([key, count]);
  });
  expect(seen).toEqual([...packed]);
});

test('frozen counts stay as they were, however many they are', () => {
  for (const size of [1, fewestToPack - 1, fewestToPack, 1_000]) {
    const map = new Map(Array.from({ length: size }, (_, i): [string, number] => [`key ${i}`, i + 1]));
    const before = [...map];
    const frozen = frozenCounts(map);
    map.set('key 0', 99).set('another', 1);
    expect([...frozen]).toEqual(before);
    expect([...frozenCounts(frozen)]).toEqual(before);
  }
});
