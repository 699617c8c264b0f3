import { DashctlError } from '../runtime/errors.ts';
import { displayName, openBytes } from './byte-source.ts';
import type { RejectedRow } from './rejected-row.ts';
import { type HeaderOptions, resolveColumns } from './resolve-columns.ts';
import { type ParsedRows, RowParser } from './row-parser.ts';
import { textBlocks } from './text-blocks.ts';

export interface CsvOptions extends HeaderOptions {
  /** One character. */
  delimiter: string;
  /** As `encodingOf` gives it. */
  encoding: string;
  /** The first bad row is an error. */
  strict: boolean;
}

/** Rows as they were read together, some thousands of them. */
export interface CsvBatch {
  /** The needed cells of each row, in the order that they were asked for. */
  rows: string[][];
  rejects: RejectedRow[];
  /** Bytes of the file that are read by now, this batch included. */
  bytes: number;
}

/** An open CSV, read up to its first rows. */
export interface CsvSource {
  columns: readonly string[];
  /** Size of the file, undefined for a pipe. */
  totalBytes: number | undefined;
  /** Can be called once; ends early, without an error, when the signal aborts. */
  batches(): AsyncGenerator<CsvBatch>;
  close(): void;
}

/**
 * Opens a CSV (a path, or `-` for standard input) and reads up to its first rows, so that what cannot be read is known
 * at once. Memory is bounded: a block is read when the batch before it has been taken.
 * @param needed distinct columns whose cells are handed out.
 * @throws DashctlError `FILE_NOT_FOUND`, `FILE_NOT_READABLE`, `CSV_INVALID` (also while iterating), `INTERRUPTED` when
 * the signal aborts before the first row.
 */
export async function openCsv(
  file: string,
  needed: readonly string[],
  options: CsvOptions,
  signal: AbortSignal,
): Promise<CsvSource> {
  const bytes = await openBytes(file, signal);
  try {
    const name = displayName(file);
    const parser = new RowParser(options.delimiter, options.strict);
    const blocks = textBlocks(bytes.chunks, { encoding: options.encoding, name });
    const batchOf = (parsed: ParsedRows): CsvBatch => ({ ...parsed, bytes: bytes.bytesRead() });

    /** Adds the next block; false at the end. */
    const advance = async (): Promise<boolean> => {
      const { done, value } = await blocks.next();
      if (value) parser.append(value);
      if (done) parser.end();
      return done !== true;
    };

    let more = true;
    let firstRow = parser.peekFirst();
    while (firstRow === undefined && more) {
      more = await advance();
      firstRow = parser.peekFirst();
      throwFault(parser.rejects, options, name);
    }
    if (signal.aborted) throw new DashctlError('INTERRUPTED', `interrupted before the first row of ${name}`);
    if (firstRow === undefined) throw noRowError(parser.rejects, name);

    const { names, hasHeader } = resolveColumns(firstRow, needed, options, name);
    parser.pick(
      names.length,
      needed.map((column) => names.indexOf(column)),
    );
    if (hasHeader) parser.skipFirst();

    let first = parser.take();
    while (isEmpty(first) && more) {
      more = await advance();
      first = parser.take();
    }
    if (signal.aborted) throw new DashctlError('INTERRUPTED', `interrupted before the first row of ${name}`);
    // Another encoding is known before anything is sent; a bad row of a strict run ends it after the rows before it.
    throwFault(first.rejects, { ...options, strict: false }, name);
    if (isEmpty(first)) {
      throw new DashctlError('CSV_INVALID', `${name} has a header but no rows`, { hint: 'give a file with data' });
    }

    async function* batches(): AsyncGenerator<CsvBatch> {
      try {
        yield batchOf(first);
        throwFault(first.rejects, options, name);
        while (more && !signal.aborted) {
          more = await advance();
          if (signal.aborted) return;
          const parsed = parser.take();
          if (!isEmpty(parsed)) yield batchOf(parsed);
          throwFault(parsed.rejects, options, name);
        }
      } finally {
        bytes.close();
      }
    }
    return { columns: names, totalBytes: bytes.totalBytes, batches, close: bytes.close };
  } catch (error) {
    bytes.close();
    throw error;
  }
}

const isEmpty = ({ rows, rejects }: ParsedRows) => rows.length === 0 && rejects.length === 0;

function noRowError([first]: readonly RejectedRow[], name: string): DashctlError {
  if (!first) {
    return new DashctlError('CSV_INVALID', `${name} is empty`, {
      hint: 'give a file with rows; dashctl generate makes one',
    });
  }
  return new DashctlError('CSV_INVALID', `no row of ${name} can be read; ${first.reason} at line ${first.line}`, {
    hint: 'check that it is a CSV, and its --delimiter and --encoding',
  });
}

/** A bad row stops the run when it shows that the whole file is in another encoding, and any does with `--strict`. */
function throwFault(rejects: readonly RejectedRow[], { strict, encoding }: CsvOptions, name: string): void {
  const last = rejects.at(-1);
  if (last?.encodingHint) {
    throw new DashctlError('CSV_INVALID', `${name}:${last.line}: the text is not ${encoding}`, {
      hint: last.encodingHint,
    });
  }
  const [first] = rejects;
  if (strict && first) {
    throw new DashctlError('CSV_INVALID', `${name}:${first.line}: ${first.reason}`, {
      hint: 'mend the row, or leave out --strict to go on without it',
    });
  }
}
