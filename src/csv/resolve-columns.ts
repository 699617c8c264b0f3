import { userLogColumns } from '../records/user-log.ts';
import { DashctlError } from '../runtime/errors.ts';

/** How the columns of a file are named. */
export interface HeaderOptions {
  /** Whether the first row names the columns; `auto` looks at it. */
  header: 'auto' | 'yes' | 'no';
  /** Names that go before those in the file. */
  columns?: readonly string[];
}

export interface ResolvedColumns {
  names: string[];
  /** Whether the first row is the header, and so no data. */
  hasHeader: boolean;
}

/**
 * Finds the columns of a file by its first row.
 * With `auto` that row is a header when it holds the name of a needed or of a known column: no cell of data looks so.
 * @throws DashctlError `CSV_INVALID` when columns cannot be told, or one that is needed is not there.
 */
export function resolveColumns(
  firstRow: readonly string[],
  needed: readonly string[],
  { header, columns }: HeaderOptions,
  file: string,
): ResolvedColumns {
  const cells = firstRow.map((cell) => cell.trim());
  const hasHeader = header === 'yes' || (header === 'auto' && looksLikeHeader(cells, [...needed, ...(columns ?? [])]));
  const names = namesOf(cells, hasHeader, columns, file);
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length === 0) return { names, hasHeader };
  const present = needed.filter((name) => names.includes(name));
  throw new DashctlError(
    'CSV_INVALID',
    `${file} has no column ${missing.map((name) => `"${name}"`).join(', ')}; it has ${names.join(', ')}`,
    {
      hint:
        present.length > 0
          ? `send only what is there, ${present.join(', ')}, with --pipeline or --column; or name the columns with --columns`
          : 'choose one of them with --column NAME --topic TOPIC, or name the columns with --columns a,b,c',
    },
  );
}

function namesOf(
  cells: readonly string[],
  hasHeader: boolean,
  columns: readonly string[] | undefined,
  file: string,
): string[] {
  if (columns) {
    if (columns.length === cells.length) return [...columns];
    throw new DashctlError(
      'CSV_INVALID',
      `${file} has ${countOf(cells)} in its first row, but --columns names ${columns.length}`,
      { hint: delimiterHint(cells) ?? 'name every column, in file order' },
    );
  }
  if (hasHeader) return [...cells];
  if (cells.length === userLogColumns.length) return [...userLogColumns];
  throw new DashctlError(
    'CSV_INVALID',
    `${file} has ${countOf(cells)} and no header that names those needed; a user log without a header has ${userLogColumns.length}`,
    {
      hint:
        delimiterHint(cells) ?? 'name the columns with --columns a,b,c, or add --header yes if the first row does that',
    },
  );
}

const countOf = (cells: readonly string[]) => `${cells.length} ${cells.length === 1 ? 'column' : 'columns'}`;

function looksLikeHeader(cells: readonly string[], names: readonly string[]): boolean {
  const known = new Set<string>([...names, ...userLogColumns]);
  return cells.some((cell) => known.has(cell));
}

// One column that holds several of another delimiter: the delimiter is another one.
function delimiterHint(cells: readonly string[]): string | undefined {
  const [only, ...more] = cells;
  if (only === undefined || more.length > 0) return undefined;
  const delimiter = ['\t', ';', '|', ','].find((candidate) => only.split(candidate).length > 2);
  return (
    delimiter &&
    `the columns seem to be separated by another character: add --delimiter '${delimiter === '\t' ? '\\t' : delimiter}'`
  );
}
