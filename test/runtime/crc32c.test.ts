import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../src/runtime/crc32c.ts';

// Bit by bit, as the polynomial's definition has it.
function slowCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test('the check value of the CRC catalogue comes out', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('any part of any bytes has the checksum that its definition gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(3), fc.nat(100), fc.nat(100), (whole, offset, a, b) => {
      const bytes = whole.subarray(offset);
      const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
      expect(crc32c(bytes, start, end)).toBe(slowCrc32c(bytes.subarray(start, end)));
    }),
    { numRuns: 1_000 },
  );
});
