import { copyBack } from './snappy.ts';

const frameMagic = 0x184d2204;
const blockSizes = [64 << 10, 256 << 10, 1 << 20, 4 << 20];

/**
 * Decompresses an LZ4 frame, as Kafka's producers write it; throws a RangeError for damaged input. Checksums of the
 * frame are passed over: the record batch has its own.
 */
export function unlz4(bytes: Buffer, maxSize: number): Buffer {
  if (bytes.readUInt32LE(0) !== frameMagic) throw new RangeError('compressed records are no LZ4 frame');
  const flags = bytes.readUInt8(4);
  const blockSize = blockSizes[((bytes.readUInt8(5) >>> 4) & 7) - 4];
  if (flags >>> 6 !== 1 || blockSize === undefined) throw new RangeError('an LZ4 frame of an unknown version');
  const blockChecksum = (flags & 0x10) !== 0;
  const contentSize = (flags & 0x08) !== 0;
  const dictionary = (flags & 0x01) !== 0;
  let at = 7 + (contentSize ? 8 : 0) + (dictionary ? 4 : 0);
  let output = Buffer.allocUnsafe(Math.min(maxSize, Math.max(bytes.length * 4, blockSize)));
  let to = 0;
  for (;;) {
    const header = bytes.readUInt32LE(at);
    at += 4;
    if (header === 0) return output.subarray(0, to);
    const size = header & 0x7fffffff;
    if (at + size > bytes.length) throw new RangeError('an LZ4 frame is cut off');
    if (to + blockSize > output.length) {
      if (to >= maxSize) throw new RangeError('an LZ4 frame is larger than its limit');
      const larger = Buffer.allocUnsafe(Math.min(maxSize, (to + blockSize) * 2));
      output.copy(larger, 0, 0, to);
      output = larger;
    }
    if (header >>> 31 === 1) {
      if (to + size > output.length) throw new RangeError('an LZ4 frame is larger than its limit');
      to += bytes.copy(output, to, at, at + size);
    } else to = unlz4Block(bytes.subarray(at, at + size), output, to);
    at += size + (blockChecksum ? 4 : 0);
  }
}

// Blocks may refer to those before them, so they are all written into one output.
function unlz4Block(input: Buffer, output: Buffer, start: number): number {
  let at = 0;
  let to = start;
  const longLength = (length: number) => {
    let total = length;
    if (length < 15) return total;
    for (let byte = 255; byte === 255; total += byte) byte = input.readUInt8(at++);
    return total;
  };
  while (at < input.length) {
    const token = input[at++] as number;
    const literals = longLength(token >>> 4);
    if (at + literals > input.length || to + literals > output.length) throw new RangeError('an LZ4 block is damaged');
    input.copy(output, to, at, at + literals);
    at += literals;
    to += literals;
    // The last sequence of a block has literals only.
    if (at === input.length) break;
    const offset = input.readUInt16LE(at);
    at += 2;
    to = copyBack(output, to, offset, longLength(token & 15) + 4);
  }
  return to;
}
