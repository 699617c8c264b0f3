import type { Dialect, Session, SqlRow } from './database.ts';
import type { WindowTimes } from './window-order.ts';

// Windows that one statement names: databases look each of them up by its key.
const windowsPerStatement = 100;

const maxTime = Number.MAX_SAFE_INTEGER;

/** A whole number of a row; databases give large ones as text. */
export function numberOf(row: SqlRow, column: string): number {
  return Number(row[column]);
}

export const optionalNumberOf = (row: SqlRow, column: string) =>
  row[column] === null || row[column] === undefined ? undefined : Number(row[column]);

/** A time that a database can be asked for; infinity is none. */
export const wholeTime = (time: number) => Math.min(Math.max(Math.floor(time), -maxTime), maxTime);

/** Conditions that together find the rows of these windows, for tables that have their times. */
export function* conditionsOf(pipeline: number, windows: readonly WindowTimes[]): Generator<string> {
  for (let at = 0; at < windows.length; at += windowsPerStatement) {
    const times = windows
      .slice(at, at + windowsPerStatement)
      .map(({ start, end }) => `(pipeline_id = ${pipeline} and window_start = ${start} and window_end = ${end})`);
    yield times.join(' or ');
  }
}

/** Rows of whole numbers as SQL. They are far too many to be parameters. */
export const valuesOf = (rows: readonly (readonly number[])[]) =>
  `values ${rows.map((row) => `(${row.join(',')})`).join(',')}`;

/** Rows for a table, in the order of its columns. `clause` says what becomes of those that are there already. */
interface Insertion {
  table: string;
  columns: readonly string[];
  rows: Iterable<readonly number[]>;
  clause?: string;
}

/** Inserts rows, so many at a time. */
export async function insertRows(
  session: Session,
  { rowsOf, rowsPerInsert }: Dialect,
  { table, columns, rows, clause = '' }: Insertion,
): Promise<void> {
  const into = `insert into dashctl_${table} (${columns.join(', ')})`;
  let some: (readonly number[])[] = [];
  const flush = async () => {
    if (some.length > 0) await session.execute(`${into} ${rowsOf(some)} ${clause}`);
    some = [];
  };
  for (const row of rows) {
    const wrong = row.find((number) => !Number.isInteger(number));
    if (wrong !== undefined) throw new RangeError(`${wrong} is no whole number`);
    some.push(row);
    if (some.length === rowsPerInsert) await flush();
  }
  await flush();
}
