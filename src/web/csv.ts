import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { csvCell } from '../records/csv-cell.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { ValueRow, WindowRow } from './answers.ts';

type Cell = string | number;

/** A row, with its end. */
export const csvLine = (cells: readonly Cell[]) =>
  `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : csvCell(cell))).join(',')}\r\n`;

const timeOf = (time: number) => new Date(time).toISOString();

/** A table as CSV: a row of names, then the rows. */
export function* csvOf(names: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  yield csvLine(names);
  for (const row of rows) yield csvLine(row);
}

export const seriesNames = ['pipeline', 'start', 'end', 'revision', 'value', 'count'];

/** A row for each count of a window. */
export function* seriesRows(
  pipeline: string,
  windows: Iterable<Pick<WindowCount, 'start' | 'end' | 'revision'> & { counts: Iterable<readonly [string, number]> }>,
): Generator<Cell[]> {
  for (const { start, end, revision, counts } of windows) {
    const before = [pipeline, timeOf(start), timeOf(end), revision];
    const ordered = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [value, count] of ordered) yield [...before, value, count];
  }
}

// As many as a row of the answer holds: of more, some would seem to be 0.
const mostColumns = 20;

/** A row for each window, with a column for each value where there are few. */
export function windowsCsv(rows: readonly WindowRow[], key: string | undefined): Generator<string> {
  const all = [...new Set(rows.flatMap(({ counts }) => Object.keys(counts)))].sort();
  const values = all.length <= mostColumns ? all : key === undefined ? [] : [key];
  const cells = rows
    .values()
    .map((row) => [
      ...[timeOf(row.start), timeOf(row.end), row.revision, row.lateDropped, row.total, row.values],
      ...values.map((value) => row.counts[value] ?? 0),
    ]);
  return csvOf(['start', 'end', 'revision', 'late_dropped', 'total', 'values', ...values], cells);
}

export const valuesCsv = (rows: readonly ValueRow[]): Generator<string> =>
  csvOf(
    ['value', 'label_zh', 'label_en', 'count', 'share'],
    rows.values().map(({ value, label, count, share }) => [value, label?.zh ?? '', label?.en ?? '', count, share]),
  );

/** Sends lines as a file. What fails before the first of them is still answered as a fault. */
export async function sendCsv(
  reply: FastifyReply,
  name: string,
  lines: Iterable<string> | AsyncIterable<string>,
): Promise<FastifyReply> {
  const iterator = (async function* () {
    yield* lines;
  })();
  const first = await iterator.next();
  async function* chunks() {
    if (!first.done) yield first.value;
    yield* inChunks(iterator);
  }
  const file = `${name.replaceAll(/[^\w.-]+/g, '_')}.csv`;
  reply.header('content-type', 'text/csv; charset=utf-8; header=present');
  reply.header('content-disposition', `attachment; filename="${file}"`);
  return reply.send(Readable.from(chunks()));
}

const chunkLength = 16_384;

async function* inChunks(lines: AsyncIterable<string>) {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
