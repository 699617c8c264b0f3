import zlib from 'node:zlib';
import { unlz4 } from '../records/lz4.ts';
import { unsnappy } from '../records/snappy.ts';
import { crc32c } from '../runtime/crc32c.ts';
import type { BatchHeader } from './batch-header.ts';
import { batchHeaderSize } from './record-batch-encoder.ts';

/** The records of a batch, checked and unpacked: where they lie. */
export interface BatchBody {
  batch: BatchHeader;
  bytes: Buffer;
  start: number;
  end: number;
}

// A batch of a megabyte that claims to hold more than this is an attack, not data.
const mostDecompressed = 512 << 20;

/**
 * Checks a batch and unpacks its records.
 * @throws RangeError when it is damaged.
 */
export function openBatch(bytes: Buffer, batch: BatchHeader): BatchBody {
  if (crc32c(bytes, batch.start + 21, batch.end) !== bytes.readUInt32BE(batch.start + 17))
    throw new RangeError(`the record batch at offset ${batch.baseOffset} does not match its checksum`);
  const codec = batch.attributes & 7;
  const start = batch.start + batchHeaderSize;
  if (codec === 0) return { batch, bytes, start, end: batch.end };
  const body = decompress(codec, bytes.subarray(start, batch.end));
  return { batch, bytes: body, start: 0, end: body.length };
}

function decompress(codec: number, bytes: Buffer): Buffer {
  if (codec === 1) return zlib.gunzipSync(bytes, { maxOutputLength: mostDecompressed });
  if (codec === 2) return unsnappy(bytes, mostDecompressed);
  if (codec === 3) return unlz4(bytes, mostDecompressed);
  if (codec === 4 && zlib.zstdDecompressSync)
    return zlib.zstdDecompressSync(bytes, { maxOutputLength: mostDecompressed });
  throw new RangeError(codec === 4 ? 'records in zstd, which needs Node 22.15 or later' : `unknown codec ${codec}`);
}
