import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DashctlError, errnoOf, messageOf } from '../../runtime/errors.ts';

export interface OutputOptions {
  /** A path, or `-` for standard output. */
  out: string;
  stdout: Writable;
  /** What a file in a folder might be called, for hints. */
  example: string;
  /** What to do instead when there is no room, for hints. */
  smaller: string;
}

/**
 * Writes to standard output, or to a file that appears under its name when it is whole; compressed when that ends
 * in .gz. A reader of standard output that has seen enough is an end, not a failure.
 * @throws DashctlError `FILE_NOT_WRITABLE`, `DISK_FULL`, `INTERRUPTED`; those of the chunks as they are.
 */
export async function writeOutput(chunks: Readable, options: OutputOptions, signal: AbortSignal): Promise<void> {
  const { out, stdout } = options;
  try {
    if (out === '-') await pipeline(chunks, stdout, { signal, end: false });
    else await writeFile(chunks, options, signal);
  } catch (error) {
    if (out === '-' && errnoOf(error) === 'EPIPE') return;
    throw failure(error, options, signal);
  }
}

async function writeFile(chunks: Readable, { out, example }: OutputOptions, signal: AbortSignal): Promise<void> {
  // A device or a pipe is written to as it is: nothing may be put in its place.
  const whole = await isWholeFile(out, example);
  const target = whole ? `${out}.part` : out;
  const file = createWriteStream(target);
  try {
    if (/\.gz$/i.test(out)) await pipeline(chunks, createGzip(), file, { signal });
    else await pipeline(chunks, file, { signal });
    if (whole) await rename(target, out);
  } catch (error) {
    if (whole) await rm(target, { force: true });
    throw error;
  }
}

async function isWholeFile(path: string, example: string): Promise<boolean> {
  try {
    const status = await stat(path);
    if (!status.isDirectory()) return status.isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true;
    throw error;
  }
  throw new DashctlError('FILE_NOT_WRITABLE', `${path} is a directory`, { hint: `such as --out ${path}/${example}` });
}

function failure(error: unknown, { out, smaller }: OutputOptions, signal: AbortSignal): unknown {
  if (signal.aborted) {
    return new DashctlError('INTERRUPTED', 'interrupted before the last row', {
      hint: out === '-' ? 'what has been written is not whole' : `${out} has not been written`,
    });
  }
  if (error instanceof DashctlError) return error;
  if (errnoOf(error) === 'ENOSPC') {
    return new DashctlError('DISK_FULL', `no space left for ${out}`, { hint: `make room, or ${smaller}` });
  }
  return new DashctlError('FILE_NOT_WRITABLE', `cannot write ${out}: ${messageOf(error)}`, {
    hint: 'give --out a file in a folder that exists and can be written to',
    cause: error,
  });
}
