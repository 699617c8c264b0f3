import { Readable, type Writable } from 'node:stream';
import { Command, InvalidArgumentError } from 'commander';
import { generateRows } from '../csv/generate-rows.ts';
import { wholeNumber } from './shared/flags.ts';
import { writeOutput } from './shared/output-file.ts';
import { bar, grouped, type ProgressLine, progressLine } from './shared/progress-line.ts';

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
    await writeOutput(rows, { out, stdout, example: 'user_log.csv', smaller: 'write fewer --rows' }, signal);
  } finally {
    line?.clear();
  }
  if (line) screen.write(`${grouped(options.rows)} rows in ${out}\n`);
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

/** `0.1%` or `0.001`. */
function share(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const value = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1);
  if (!match || value > 1) throw new InvalidArgumentError('expected a share such as 0.1% or 0.001');
  return value;
}
