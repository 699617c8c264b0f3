import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command, InvalidArgumentError } from 'commander';
import { generateRows } from '../csv/generate-rows.ts';
import { DashctlError, errnoOf, messageOf } from '../runtime/errors.ts';
import { bar, grouped, type ProgressLine, progressLine } from './progress-line.ts';
import { wholeNumber } from './shared-flags.ts';

export interface GenerateCommandOptions {
  rows: number;
  seed: number;
  /** A path, or `-` for standard output. */
  out: string;
  /** Share of malformed rows, 0 to 1. */
  errors: number;
  header: boolean;
  stdout: Writable;
  /** Where progress goes when it is a terminal. */
  screen: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

/** `dashctl generate`. */
export const generateCommand = (signal: AbortSignal): Command =>
  new Command('generate')
    .option('--rows <n>', 'how many rows', wholeNumber(1), 10_000)
    .option('--seed <n>', 'the same seed gives the same bytes', wholeNumber(), 11)
    .option('--out <file>', 'where to; - is standard output, a name in .gz is compressed', '-')
    .option('--errors <share>', 'malformed rows among them, of every kind, such as 0.1%', share, 0)
    .option('--no-header', 'no row of column names')
    .action((flags: Pick<GenerateCommandOptions, 'rows' | 'seed' | 'out' | 'errors' | 'header'>) =>
      run({ ...flags, stdout: process.stdout, screen: process.stderr }, signal),
    );

/**
 * Writes synthetic rows. A file appears under its name when it is whole.
 * @throws DashctlError `FILE_NOT_WRITABLE`, `DISK_FULL`, `INTERRUPTED`.
 */
export async function run(options: GenerateCommandOptions, signal: AbortSignal): Promise<void> {
  const { out, stdout, screen } = options;
  const line = screen.isTTY && out !== '-' ? progressLine(screen) : undefined;
  const rows = Readable.from(withProgress(options, line), { objectMode: true, highWaterMark: 2 });
  try {
    if (out === '-') await pipeline(rows, stdout, { signal, end: false });
    else await writeFile(rows, out, signal);
  } catch (error) {
    // The reader of a pipe has seen enough: that is an end, not a failure.
    if (out === '-' && errnoOf(error) === 'EPIPE') return;
    throw failure(error, out, signal);
  } finally {
    line?.clear();
  }
  if (line) screen.write(`${grouped(options.rows)} rows in ${out}\n`);
}

async function writeFile(rows: Readable, out: string, signal: AbortSignal): Promise<void> {
  // A device or a pipe is written to as it is: nothing may be put in its place.
  const whole = await isWholeFile(out);
  const target = whole ? `${out}.part` : out;
  const file = createWriteStream(target);
  try {
    if (/\.gz$/i.test(out)) await pipeline(rows, createGzip(), file, { signal });
    else await pipeline(rows, file, { signal });
    if (whole) await rename(target, out);
  } catch (error) {
    if (whole) await rm(target, { force: true });
    throw error;
  }
}

async function isWholeFile(path: string): Promise<boolean> {
  try {
    const status = await stat(path);
    if (!status.isDirectory()) return status.isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true;
    throw error;
  }
  throw new DashctlError('FILE_NOT_WRITABLE', `${path} is a directory`, { hint: `such as --out ${path}/user_log.csv` });
}

function* withProgress(options: GenerateCommandOptions, line: ProgressLine | undefined): Generator<Buffer> {
  let bytes = 0;
  let drawn = 0;
  // Rows are much of one length; counting them would cost more than making them.
  const expected = options.rows * 46.3;
  for (const chunk of generateRows(options)) {
    bytes += chunk.length;
    yield chunk;
    if (!line || bytes - drawn < expected / 200) continue;
    drawn = bytes;
    const done = Math.min(1, bytes / expected);
    line.draw(`${bar(done, 24)} ${String(Math.floor(done * 100)).padStart(3)}%  ${grouped(bytes / 1_000_000)} MB`);
  }
}

function failure(error: unknown, out: string, signal: AbortSignal): unknown {
  if (signal.aborted) {
    return new DashctlError('INTERRUPTED', 'interrupted before the last row', {
      hint: out === '-' ? 'what has been written is not whole' : `${out} has not been written`,
    });
  }
  if (error instanceof DashctlError) return error;
  if (errnoOf(error) === 'ENOSPC') {
    return new DashctlError('DISK_FULL', `no space left for ${out}`, { hint: 'make room, or write fewer --rows' });
  }
  return new DashctlError('FILE_NOT_WRITABLE', `cannot write ${out}: ${messageOf(error)}`, {
    hint: 'give --out a file in a folder that exists and can be written to',
    cause: error,
  });
}

/** `0.1%` or `0.001`. */
function share(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1);
  if (!match || value > 1) throw new InvalidArgumentError('expected a share such as 0.1% or 0.001');
  return value;
}
