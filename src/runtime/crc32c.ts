// CRC-32C (Castagnoli), the checksum of record batches; zlib's crc32 is another polynomial.
// Slicing by 8: eight table look-ups for eight bytes keep the loop free of a dependency per byte.
const polynomial = 0x82f63b78;
const tables = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  tables[byte] = crc;
}
for (let slice = 1; slice < 8; slice++) {
  for (let byte = 0; byte < 256; byte++) {
    const previous = tables[(slice - 1) * 256 + byte] ?? 0;
    tables[slice * 256 + byte] = (previous >>> 8) ^ (tables[previous & 255] ?? 0);
  }
}

/** The CRC-32C of the bytes from `start` to `end`, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const t = tables;
  let crc = -1;
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    const low = crc ^ (b(bytes, at) | (b(bytes, at + 1) << 8) | (b(bytes, at + 2) << 16) | (b(bytes, at + 3) << 24));
    crc =
      w(t, 1792 + (low & 255)) ^
      w(t, 1536 + ((low >>> 8) & 255)) ^
      w(t, 1280 + ((low >>> 16) & 255)) ^
      w(t, 1024 + (low >>> 24)) ^
      w(t, 768 + b(bytes, at + 4)) ^
      w(t, 512 + b(bytes, at + 5)) ^
      w(t, 256 + b(bytes, at + 6)) ^
      w(t, b(bytes, at + 7));
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ w(t, (crc ^ b(bytes, at)) & 255);
  return ~crc >>> 0;
}

// Indexes are in range by construction; the engine inlines these.
const b = (bytes: Uint8Array, at: number): number => bytes[at] as number;
const w = (table: Int32Array, at: number): number => table[at] as number;
