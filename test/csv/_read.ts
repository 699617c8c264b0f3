import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CsvOptions, openCsv } from '../../src/csv/csv-source.ts';
import type { RejectedRow } from '../../src/csv/rejected-row.ts';
import { RowParser } from '../../src/csv/row-parser.ts';
import { textBlocks } from '../../src/csv/text-blocks.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

/** What a file holds, as the reader sees it. */
export interface Read {
  columns: readonly string[];
  rows: string[][];
  /** `line: reason` */
  rejects: string[];
  /** Progress after each batch. */
  bytes: number[];
}

const defaults: CsvOptions = { header: 'auto', delimiter: ',', encoding: 'utf-8', strict: false };

/** Reads a file to its end. */
export async function readFile(path: string, needed: string[], options: Partial<CsvOptions> = {}): Promise<Read> {
  const source = await openCsv(path, needed, { ...defaults, ...options }, new AbortController().signal);
  const read: Read = { columns: source.columns, rows: [], rejects: [], bytes: [] };
  for await (const batch of source.batches()) {
    read.rows = read.rows.concat(batch.rows);
    read.rejects = read.rejects.concat(batch.rejects.map(rejectText));
    read.bytes.push(batch.bytes);
  }
  return read;
}

/** Reads a text, or bytes, by way of a file that has them. */
export function readText(content: string | Buffer, needed: string[], options?: Partial<CsvOptions>): Promise<Read> {
  const path = join(temporaryFolder(), 'rows.csv');
  writeFileSync(path, content);
  return readFile(path, needed, options);
}

/** Reads chunks as they are cut, all columns of each row, without a header. */
export async function readChunks(
  chunks: readonly Buffer[],
  columns: number,
): Promise<{ rows: string[][]; rejects: RejectedRow[] }> {
  const parser = new RowParser(',', false);
  parser.pick(
    columns,
    Array.from({ length: columns }, (_, column) => column),
  );
  const read: { rows: string[][]; rejects: RejectedRow[] } = { rows: [], rejects: [] };
  let stopped = false;
  const take = () => {
    if (stopped) return;
    const { rows, rejects } = parser.take();
    read.rows = read.rows.concat(rows);
    read.rejects = read.rejects.concat(rejects);
    // Another encoding ends the reading of a file.
    stopped = rejects.at(-1)?.encodingHint !== undefined;
  };
  async function* source() {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  for await (const block of textBlocks(source(), { encoding: 'utf-8', name: 'rows' })) {
    parser.append(block);
    take();
  }
  parser.end();
  take();
  return read;
}

const rejectText = ({ line, reason }: RejectedRow) => `${line}: ${reason}`;
