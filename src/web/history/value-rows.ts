import { totalOf } from '../../records/counts.ts';
import { labelOf } from '../../records/labels.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import type { ValueRow } from '../answers.ts';

export interface ValueRowsRequest {
  /** Part of the value or of what it is called, whatever the case. */
  search?: string | undefined;
  sort: 'count' | 'value';
  order: 'asc' | 'desc';
}

// 9 before 10, and the same order on every machine.
const texts = new Intl.Collator('en', { numeric: true });

/** The rows of a table of values, sorted, with the sum of all of them. */
export function valueRows(
  { labels, unknown }: Pick<Pipeline, 'labels' | 'unknown'>,
  counts: ReadonlyMap<string, number>,
  { search = '', sort, order }: ValueRowsRequest,
): { rows: ValueRow[]; total: number } {
  const total = totalOf(counts);
  const wanted = search.toLowerCase();
  const isWanted = ([value]: [string, number]) => {
    const label = labelOf(labels, value);
    return [value, label?.zh, label?.en].some((text) => text?.toLowerCase().includes(wanted));
  };
  const found = [...counts].filter(isWanted);
  const sign = order === 'asc' ? 1 : -1;
  const byValue = ([a]: [string, number], [b]: [string, number]) => texts.compare(a, b) || (a < b ? -1 : 1);
  found.sort((a, b) => (sort === 'count' ? sign * (a[1] - b[1]) || byValue(a, b) : sign * byValue(a, b)));
  const rows = found.map(([value, count]) => ({
    ...{ value, label: labelOf(labels, value) ?? null, unknown: unknown.includes(value), count },
    share: total === 0 ? 0 : count / total,
  }));
  return { rows, total };
}
