import zlib from 'node:zlib';
import { batchHeaderSize } from '../../src/kafka/record-batch-encoder.ts';
import { crc32c } from '../../src/runtime/crc32c.ts';

// Plain compressors for the formats that Node has no compressor for, to test the decompressors with.

export const codecs = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type Codec = keyof typeof codecs;

interface Copy {
  literals: Buffer;
  offset: number;
  length: number;
}

/** Greedy LZ77: runs of literals, each followed by a copy from before, but for the last. */
function copiesOf(input: Buffer): Copy[] {
  const seen = new Map<number, number>();
  const copies: Copy[] = [];
  let from = 0;
  let at = 0;
  // LZ4 wants its last five bytes as literals, and no copy to begin in the last twelve.
  while (at + 12 < input.length) {
    const word = input.readUInt32LE(at);
    const before = seen.get(word);
    seen.set(word, at);
    if (before === undefined || at - before > 60_000) {
      at++;
      continue;
    }
    let length = 4;
    while (at + length < input.length - 5 && input[at + length] === input[before + length]) length++;
    copies.push({ literals: input.subarray(from, at), offset: at - before, length });
    at += length;
    from = at;
  }
  copies.push({ literals: input.subarray(from), offset: 0, length: 0 });
  return copies;
}

function snappyBlock(input: Buffer): Buffer {
  const out: number[] = [];
  for (let size = input.length; ; size = Math.floor(size / 128)) {
    out.push(size > 127 ? (size % 128) | 0x80 : size);
    if (size <= 127) break;
  }
  for (const { literals, offset, length } of copiesOf(input)) {
    if (literals.length > 0) {
      if (literals.length <= 60) out.push((literals.length - 1) << 2);
      else out.push(61 << 2, (literals.length - 1) & 255, (literals.length - 1) >> 8);
      out.push(...literals);
    }
    for (let left = length; left > 0; ) {
      const piece = Math.min(left, 64);
      if (piece >= 4 && piece <= 11 && offset < 2_048)
        out.push(1 | ((piece - 4) << 2) | ((offset >> 8) << 5), offset & 255);
      else out.push(2 | ((piece - 1) << 2), offset & 255, offset >> 8);
      left -= piece;
    }
  }
  return Buffer.from(out);
}

/** The framing of Java's snappy library, in blocks of 1 KiB. */
export function xerialSnappy(input: Buffer): Buffer {
  const pieces: Buffer[] = [Buffer.from('82534e4150505900', 'hex'), Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])];
  for (let at = 0; at < input.length; at += 1_024) {
    const block = snappyBlock(input.subarray(at, at + 1_024));
    const size = Buffer.alloc(4);
    size.writeInt32BE(block.length);
    pieces.push(size, block);
  }
  return Buffer.concat(pieces);
}

function lz4Block(input: Buffer): Buffer {
  const out: number[] = [];
  const more = (length: number) => {
    let left = length - 15;
    for (; left >= 255; left -= 255) out.push(255);
    if (left >= 0) out.push(left);
  };
  for (const { literals, offset, length } of copiesOf(input)) {
    const copied = Math.max(0, length - 4);
    out.push((Math.min(literals.length, 15) << 4) | Math.min(copied, 15));
    more(literals.length);
    out.push(...literals);
    if (length === 0) break;
    out.push(offset & 255, offset >> 8);
    more(copied);
  }
  return Buffer.from(out);
}

/** An LZ4 frame of blocks of 64 KiB; one that does not shrink is stored as it is. */
function lz4Frame(input: Buffer): Buffer {
  const pieces: Buffer[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])];
  for (let at = 0; at < input.length; at += 65_536) {
    const plain = input.subarray(at, at + 65_536);
    const packed = lz4Block(plain);
    const stored = packed.length >= plain.length;
    const size = Buffer.alloc(4);
    size.writeUInt32LE(stored ? (plain.length | 0x80000000) >>> 0 : packed.length);
    pieces.push(size, stored ? plain : packed);
  }
  pieces.push(Buffer.alloc(4));
  return Buffer.concat(pieces);
}

const compressors: Record<Codec, (input: Buffer) => Buffer> = {
  none: (input) => input,
  gzip: (input) => zlib.gzipSync(input),
  snappy: snappyBlock,
  lz4: lz4Frame,
  zstd: (input) => zlib.zstdCompressSync(input),
};

/** The same batch with its records compressed. */
export function recompress(batch: Buffer, codec: Codec, compress = compressors[codec]): Buffer {
  const packed = Buffer.concat([batch.subarray(0, batchHeaderSize), compress(batch.subarray(batchHeaderSize))]);
  return withAttributes(packed, (packed.readInt16BE(21) & ~7) | codecs[codec]);
}

/** A copy of a batch with other attributes, its length and checksum put right. */
export function withAttributes(batch: Buffer, attributes: number): Buffer {
  const copy = Buffer.from(batch);
  copy.writeInt32BE(copy.length - 12, 8);
  copy.writeInt16BE(attributes, 21);
  copy.writeUInt32BE(crc32c(copy, 21), 17);
  return copy;
}
