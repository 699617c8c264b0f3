// CRC-32C (Castagnoli), the checksum of record batches; zlib's crc32 is another polynomial.
// Slicing by 16: sixteen table look-ups for sixteen bytes keep the loop free of a dependency per byte, and the bytes are
// loaded in four words. More slices, or two stretches at once, are slower here: V8 no longer inlines all of it.
const polynomial = 0x82f63b78;
const slices = 16;
const tables = new Int32Array(slices * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  tables[byte] = crc;
}
for (let slice = 1; slice < slices; slice++) {
  for (let byte = 0; byte < 256; byte++) {
    const previous = tables[(slice - 1) * 256 + byte] ?? 0;
    tables[slice * 256 + byte] = (previous >>> 8) ^ (tables[previous & 255] ?? 0);
  }
}

/** The CRC-32C of the bytes from `start` to `end`, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  // Words are little-endian, as on all processors that Node.js is built for here, and lie at multiples of four.
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  if (aligned >= end) return ~byByte(bytes, start, end, -1) >>> 0;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, ((end - aligned) >> 4) * 4);
  const rest = aligned + words.byteLength;
  return ~byByte(bytes, rest, end, byWord(words, byByte(bytes, start, aligned, -1))) >>> 0;
}

function byByte(bytes: Uint8Array, start: number, end: number, before: number): number {
  let crc = before;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ entry(0, crc ^ (bytes[at] as number));
  return crc;
}

function byWord(words: Int32Array, before: number): number {
  let crc = before;
  for (let at = 0; at < words.length; at += 4) {
    // The look-ups that need the last result come last, so that the others are under way meanwhile.
    const others =
      sliced(words[at + 1] as number, 11) ^ sliced(words[at + 2] as number, 7) ^ sliced(words[at + 3] as number, 3);
    crc = others ^ sliced(crc ^ (words[at] as number), 15);
  }
  return crc;
}

/** What the four bytes of a word come to, the first of them `slice` bytes before the end of its block. */
const sliced = (word: number, slice: number): number =>
  entry(slice, word) ^ entry(slice - 1, word >>> 8) ^ entry(slice - 2, word >>> 16) ^ entry(slice - 3, word >>> 24);

// In range by construction; the engine inlines it.
const entry = (slice: number, byte: number): number => tables[slice * 256 + (byte & 255)] as number;
