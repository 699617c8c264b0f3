import { DashctlError } from '../../runtime/errors.ts';

/** Column → the values one of which its cell must be. */
export type RowFilter = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads conditions such as `action=2`. Several on one column are alternatives; all columns must hold.
 * @throws DashctlError `USAGE`.
 */
export function parseFilter(conditions: readonly string[]): RowFilter {
  const filter = new Map<string, Set<string>>();
  for (const condition of conditions) {
    const equals = condition.indexOf('=');
    if (equals < 1) {
      throw new DashctlError('USAGE', `--where "${condition}" is not COLUMN=VALUE`, {
        hint: 'such as --where action=2; several values of one column: --where action=2 --where action=3',
      });
    }
    const column = condition.slice(0, equals);
    const values = filter.get(column) ?? new Set();
    filter.set(column, values.add(condition.slice(equals + 1)));
  }
  return filter;
}

/** A test of rows that hold the cells of `columns` in that order; undefined when every row passes. */
export function filterRows(
  filter: RowFilter,
  columns: readonly string[],
): ((row: readonly string[]) => boolean) | undefined {
  if (filter.size === 0) return undefined;
  const tests = [...filter].map(([column, values]) => ({ at: columns.indexOf(column), values }));
  return (row) => tests.every(({ at, values }) => values.has(row[at] ?? ''));
}
