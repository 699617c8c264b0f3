// As a whole: Node 22 before 22.15 has no zstd, and importing by name what is not there fails at once.
import zlib from 'node:zlib';

interface Compressed {
  readonly codec: number;
  readonly bytes: Buffer;
}

/** Packs records with the codec they had, where Node.js can write it; uncompressed otherwise. */
export function compress(codec: number, bytes: Buffer): Compressed {
  if (codec === 1) return { codec, bytes: zlib.gzipSync(bytes) };
  if (codec === 4 && typeof zlib.zstdCompressSync === 'function') return { codec, bytes: zlib.zstdCompressSync(bytes) };
  return { codec: 0, bytes };
}
