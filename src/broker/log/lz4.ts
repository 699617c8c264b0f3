// LZ4 frames, as in the frame and block format descriptions. Checksums are not verified: the batch has its own.

const frameMagic = 0x184d2204;
const blockSizes: Record<number, number> = { 4: 64 * 1024, 5: 256 * 1024, 6: 1024 * 1024, 7: 4 * 1024 * 1024 };

/** Unpacks an LZ4 frame. @throws RangeError when it is broken or larger than `mostBytes`. */
export function unlz4(bytes: Buffer, mostBytes: number): Buffer {
  if (bytes.readUInt32LE(0) !== frameMagic) throw new RangeError('no LZ4 frame');
  const flags = bytes.readUInt8(4);
  const blockSize = blockSizes[(bytes.readUInt8(5) >> 4) & 7];
  if (!blockSize) throw new RangeError('unknown block size');
  // Descriptor, optional content size and dictionary id, header checksum.
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  const hasBlockChecksum = (flags & 0x10) !== 0;
  let unpacked = Buffer.alloc(Math.min(blockSize, mostBytes));
  let filled = 0;
  for (;;) {
    const header = bytes.readUInt32LE(at);
    at += 4;
    if (header === 0) return unpacked.subarray(0, filled);
    const size = header & 0x7fff_ffff;
    const block = bytes.subarray(at, at + size);
    if (block.length < size) throw new RangeError('block cut short');
    if (filled + blockSize > unpacked.length) {
      if (filled > mostBytes) throw new RangeError('unpacked frame too large');
      const grown = Buffer.alloc(Math.max(unpacked.length * 2, filled + blockSize));
      unpacked.copy(grown, 0, 0, filled);
      unpacked = grown;
    }
    filled = header > 0x7fff_ffff ? filled + block.copy(unpacked, filled) : unpackBlock(block, unpacked, filled);
    at += size + (hasBlockChecksum ? 4 : 0);
  }
}

/** Unpacks a block behind what is unpacked already, which it may refer to; gives the new end. */
function unpackBlock(block: Buffer, unpacked: Buffer, start: number): number {
  let [at, filled] = [0, start];
  const extend = (length: number): number => {
    let total = length;
    if (length === 15) {
      for (let byte = 255; byte === 255; total += byte) byte = block.readUInt8(at++);
    }
    return total;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = extend(token >> 4);
    if (at + literals > block.length || filled + literals > unpacked.length)
      throw new RangeError('literals out of bounds');
    filled += block.copy(unpacked, filled, at, at + literals);
    at += literals;
    // The last sequence has no match.
    if (at >= block.length) break;
    const distance = block.readUInt16LE(at);
    at += 2;
    const end = filled + extend(token & 15) + 4;
    if (distance === 0 || distance > filled || end > unpacked.length) throw new RangeError('match out of bounds');
    for (; filled < end; filled++) unpacked[filled] = unpacked[filled - distance] ?? 0;
  }
  return filled;
}
