// As a whole: Node 22 before 22.15 has no zstd, and importing by name what is not there fails at once.
import zlib from 'node:zlib';
import { unlz4 } from '../../records/lz4.ts';
import { unsnappy } from '../../records/snappy.ts';

// A batch of a few KiB can claim to unpack to gigabytes; no honest one exceeds this.
const mostBytes = 64 * 1024 * 1024;

/** The records of a batch, unpacked; undefined when they are broken, too large or of an unknown codec. */
export function decompress(codec: number, bytes: Buffer): Buffer | undefined {
  try {
    if (codec === 0) return bytes;
    if (codec === 1) return zlib.gunzipSync(bytes, { maxOutputLength: mostBytes });
    if (codec === 2) return unsnappy(bytes, mostBytes);
    if (codec === 3) return unlz4(bytes, mostBytes);
    if (codec === 4) return zlib.zstdDecompressSync(bytes, { maxOutputLength: mostBytes });
    return undefined;
  } catch {
    return undefined;
  }
}
