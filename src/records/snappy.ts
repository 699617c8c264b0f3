/** The framing that Java's snappy library (xerial) puts around its blocks; other clients write one raw block. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderSize = 16;

/** Decompresses a snappy block, raw or in xerial frames; throws a RangeError for damaged input. */
export function unsnappy(bytes: Buffer, maxSize: number): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return unsnappyBlock(bytes, maxSize);
  const blocks: Buffer[] = [];
  let left = maxSize;
  let at = xerialHeaderSize;
  while (at < bytes.length) {
    const size = bytes.readInt32BE(at);
    at += 4;
    if (size < 0 || at + size > bytes.length) throw damaged();
    const block = unsnappyBlock(bytes.subarray(at, at + size), left);
    blocks.push(block);
    left -= block.length;
    at += size;
  }
  return Buffer.concat(blocks);
}

function unsnappyBlock(input: Buffer, maxSize: number): Buffer {
  let at = 0;
  let size = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = input[at++];
    if (byte === undefined || shift > 2 ** 28) throw damaged();
    size += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  if (size > maxSize) throw new RangeError('a snappy block is larger than its limit');
  const output = Buffer.allocUnsafe(size);
  let to = 0;
  while (at < input.length) {
    const tag = input[at++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      let length = tag >>> 2;
      if (length >= 60) {
        const lengthBytes = length - 59;
        if (at + lengthBytes > input.length) throw damaged();
        length = input.readUIntLE(at, lengthBytes);
        at += lengthBytes;
      }
      length++;
      if (at + length > input.length || to + length > size) throw damaged();
      input.copy(output, to, at, at + length);
      at += length;
      to += length;
      continue;
    }
    const offsetBytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    if (at + offsetBytes > input.length) throw damaged();
    const low = input.readUIntLE(at, offsetBytes);
    at += offsetBytes;
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = kind === 1 ? ((tag & 0xe0) << 3) | low : low;
    to = copyBack(output, to, offset, length);
  }
  if (to !== size) throw damaged();
  return output;
}

/** Repeats `length` bytes from `offset` before `to`; the two may overlap, which repeats a pattern. */
export function copyBack(output: Buffer, to: number, offset: number, length: number): number {
  if (offset === 0 || offset > to || to + length > output.length) throw damaged();
  if (offset >= length) output.copyWithin(to, to - offset, to - offset + length);
  else for (let i = 0; i < length; i++) output[to + i] = output[to + i - offset] as number;
  return to + length;
}

const damaged = () => new RangeError('compressed records are damaged');
