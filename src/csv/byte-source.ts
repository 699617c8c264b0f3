import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import { DashctlError, errnoOf, messageOf } from '../runtime/errors.ts';

/** The bytes of a file or of standard input, unpacked when the name ends in `.gz` or `.zst`. */
export interface ByteSource {
  chunks: AsyncIterable<Buffer>;
  /** Bytes of the file itself, packed or not, that the chunks handed out so far were made from. */
  bytesRead(): number;
  /** Size of the file itself; undefined for a pipe. */
  totalBytes: number | undefined;
  close(): void;
}

// Large enough that a chunk's own cost does not show, small enough to be one of many in memory.
const chunkBytes = 256 * 1024;

/** How messages call a file; `-` is standard input. */
export const displayName = (file: string): string => (file === '-' ? 'stdin' : file);

/**
 * Opens a file, or standard input for `-`, without reading from it.
 * An abort ends the chunks early and without an error.
 * @throws DashctlError `FILE_NOT_FOUND` or `FILE_NOT_READABLE`.
 */
export async function openBytes(file: string, signal: AbortSignal): Promise<ByteSource> {
  if (file === '-') return sourceOf(process.stdin, undefined, undefined, file, signal);
  const totalBytes = await sizeOf(file);
  const unpack = unpackerOf(file);
  const stream = createReadStream(file, { highWaterMark: chunkBytes });
  return sourceOf(stream, unpack, totalBytes, file, signal);
}

/**
 * The size of a regular file in bytes, undefined for anything that has none (a pipe, a device).
 * @throws DashctlError `FILE_NOT_FOUND` or `FILE_NOT_READABLE`.
 */
export async function sizeOf(file: string): Promise<number | undefined> {
  if (file === '-') return undefined;
  try {
    const status = await stat(file);
    if (!status.isDirectory()) return status.isFile() ? status.size : undefined;
  } catch (error) {
    throw unreadable(file, error);
  }
  throw new DashctlError('FILE_NOT_READABLE', `${file} is a directory`, {
    hint: `name the files in it, such as ${file.replace(/\/$/, '')}/*.csv`,
  });
}

function unpackerOf(file: string): Transform | undefined {
  if (/\.gz$/i.test(file)) return zlib.createGunzip({ chunkSize: chunkBytes });
  if (!/\.zst$/i.test(file)) return undefined;
  if (typeof zlib.createZstdDecompress === 'function') return zlib.createZstdDecompress({ chunkSize: chunkBytes });
  throw new DashctlError('FILE_NOT_READABLE', `this version of Node cannot unpack ${file}`, {
    hint: `pipe it in: zstd -dc ${file} | dashctl produce -`,
  });
}

function sourceOf(
  stream: Readable,
  unpack: Transform | undefined,
  totalBytes: number | undefined,
  file: string,
  signal: AbortSignal,
): ByteSource {
  let taken = 0;
  let packed = 0;
  if (unpack) {
    stream.on('data', (chunk: Buffer) => {
      packed += chunk.length;
    });
  }
  // The iterator below reports what goes wrong; the callback only keeps it from being thrown twice.
  const readable = addAbortSignal(signal, unpack ? pipeline(stream, unpack, () => {}) : stream);
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of readable) {
        taken += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw unreadable(file, error);
    }
  }
  return { chunks: chunks(), bytesRead: () => (unpack ? packed : taken), totalBytes, close: () => stream.destroy() };
}

function unreadable(file: string, error: unknown): DashctlError {
  const code = errnoOf(error) ?? '';
  const name = displayName(file);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new DashctlError('FILE_NOT_FOUND', `no file ${name}`, { hint: 'check the path' });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DashctlError('FILE_NOT_READABLE', `no permission to read ${name}`, {
      hint: `allow it with: chmod u+r ${name}`,
    });
  }
  if (code === 'Z_BUF_ERROR') {
    return new DashctlError('CSV_INVALID', `${name} ends in the middle of its compressed data`, {
      hint: 'fetch or pack the file again; the rows before its end have been read',
    });
  }
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    return new DashctlError('CSV_INVALID', `${name} cannot be unpacked: ${messageOf(error)}`, {
      hint: 'its name ends as that of a compressed file; check that it is one and is whole',
    });
  }
  return new DashctlError('FILE_NOT_READABLE', `cannot read ${name}: ${messageOf(error)}`, {
    hint: 'check the file and the disk',
    cause: error,
  });
}
