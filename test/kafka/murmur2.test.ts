import { expect, test } from 'vitest';
import { murmur2, partitionOfKey } from '../../src/kafka/murmur2.ts';

// The values that Kafka's own UtilsTest expects.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is that of Java', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
});

test('a key whose hash is negative has a partition, too', () => {
  expect(partitionOfKey(Buffer.from('21'), 12)).toBe((-973932308 & 0x7fffffff) % 12);
});
