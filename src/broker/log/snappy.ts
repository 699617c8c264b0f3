// Snappy, as in its format description: the unpacked length, then literals and copies from what is already unpacked.
// Java's producers wrap blocks of it in the "xerial" stream format, librdkafka's send one raw block.

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderSize = 16;

/** Unpacks raw or xerial-framed snappy. @throws RangeError when it is broken or larger than `mostBytes`. */
export function unsnappy(bytes: Buffer, mostBytes: number): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return unpackBlock(bytes, mostBytes);
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = xerialHeaderSize; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const block = unpackBlock(bytes.subarray(at + 4, at + 4 + size), mostBytes - total);
    total += block.length;
    blocks.push(block);
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

function unpackBlock(bytes: Buffer, mostBytes: number): Buffer {
  let [length, at, scale] = [0, 0, 1];
  for (let more = true; more; scale *= 0x80) {
    const byte = bytes.readUInt8(at++);
    length += (byte & 0x7f) * scale;
    more = byte >= 0x80;
    if (length > mostBytes) throw new RangeError('unpacked block too large');
  }
  const unpacked = Buffer.alloc(length);
  let filled = 0;
  const copy = (distance: number, size: number) => {
    if (distance === 0 || distance > filled || filled + size > length) throw new RangeError('copy out of bounds');
    // Byte by byte, since source and target may overlap: that is how runs are packed.
    for (const end = filled + size; filled < end; filled++) unpacked[filled] = unpacked[filled - distance] ?? 0;
  };
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at++);
    if ((tag & 3) === 0) {
      let size = (tag >> 2) + 1;
      if (size > 60) {
        const width = size - 60;
        size = bytes.readUIntLE(at, width) + 1;
        at += width;
      }
      if (at + size > bytes.length || filled + size > length) throw new RangeError('literal out of bounds');
      filled += bytes.copy(unpacked, filled, at, at + size);
      at += size;
    } else if ((tag & 3) === 1) {
      copy(((tag >> 5) << 8) | bytes.readUInt8(at), ((tag >> 2) & 7) + 4);
      at += 1;
    } else if ((tag & 3) === 2) {
      copy(bytes.readUInt16LE(at), (tag >> 2) + 1);
      at += 2;
    } else {
      copy(bytes.readUInt32LE(at), (tag >> 2) + 1);
      at += 4;
    }
  }
  if (filled !== length) throw new RangeError('block cut short');
  return unpacked;
}
