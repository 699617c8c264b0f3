// CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), which record batches carry. zlib.crc32 has another polynomial.
// Slicing by 8: eight tables let one step take eight bytes.
const tables: Int32Array[] = [];
for (let slice = 0; slice < 8; slice++) {
  const table = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    if (slice === 0) {
      let value = byte;
      for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
      table[byte] = value;
    } else {
      const previous = tables[slice - 1]?.[byte] ?? 0;
      table[byte] = (previous >>> 8) ^ (tables[0]?.[previous & 0xff] ?? 0);
    }
  }
  tables.push(table);
}
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/** The CRC-32C of `bytes[start..end)`, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  // Every index is within bounds by construction, which the assertions tell the compiler.
  let crc = -1;
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (t7[crc & 0xff] as number) ^
      (t6[(crc >>> 8) & 0xff] as number) ^
      (t5[(crc >>> 16) & 0xff] as number) ^
      (t4[crc >>> 24] as number) ^
      (t3[bytes[at + 4] as number] as number) ^
      (t2[bytes[at + 5] as number] as number) ^
      (t1[bytes[at + 6] as number] as number) ^
      (t0[bytes[at + 7] as number] as number);
  }
  for (; at < end; at++) crc = (t0[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}
