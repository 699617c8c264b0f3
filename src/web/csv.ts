import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { csvCell } from '../records/csv-cell.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { ValueRow, WindowRow } from './answers.ts';

type Cell = string | number;

const csvLine = (cells: readonly Cell[]) =>
  `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : csvCell(cell))).join(',')}\r\n`;

const timeOf = (time: number) => new Date(time).toISOString();

/** Rows of a table as CSV. */
export function* csvLines(rows: Iterable<readonly Cell[]>): Generator<string> {
  for (const row of rows) yield csvLine(row);
}

/** A table as CSV: a row of names, then the rows. */
export function* csvOf(names: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  yield csvLine(names);
  yield* inChunks(csvLines(rows));
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

const chunkLength = 32_768;

/** Lines joined to pieces that are worth sending. */
export function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** Sends pieces as a file. What fails before the first of them is still answered as a fault. */
export async function sendCsv(
  reply: FastifyReply,
  name: string,
  pieces: Iterable<string> | AsyncIterable<string>,
): Promise<FastifyReply> {
  const iterator = (async function* () {
    yield* pieces;
  })();
  const first = await iterator.next();
  async function* all() {
    if (!first.done) yield first.value;
    yield* iterator;
  }
  const file = `${name.replaceAll(/[^\w.-]+/g, '_')}.csv`;
  reply.header('content-type', 'text/csv; charset=utf-8; header=present');
  reply.header('content-disposition', `attachment; filename="${file}"`);
  return reply.send(Readable.from(all(), { highWaterMark: 1 }));
}
