import { newestWindows } from '../../records/stored-windows.ts';
import type { WindowCount } from '../../records/window-count.ts';
import type { WindowStore } from '../../records/window-store.ts';
import type { SeriesResolution, WindowRow } from '../answers.ts';

export interface WindowRowsRequest {
  from?: number | undefined;
  to?: number | undefined;
  resolution: SeriesResolution;
  /** Only windows that have this value. */
  key?: string | undefined;
  sort: 'start' | 'total';
  order: 'asc' | 'desc';
}

/** Windows that one request looks at, and counts in them: they are read for it, though few are kept. */
const mostWindows = 10_000;
const mostCounts = 300_000;
const mostValues = 20;

/** The rows of a table of windows, sorted. Of more than can be looked at, those of the newest windows. */
export async function windowRows(
  store: WindowStore,
  pipeline: string,
  { from, to, resolution, key, sort, order }: WindowRowsRequest,
): Promise<{ rows: WindowRow[]; truncated: boolean }> {
  const rows: WindowRow[] = [];
  let [looked, counts, truncated] = [0, 0, false];
  // One more than is looked at tells that there are more.
  for await (const page of newestWindows(store, pipeline, { from, to, resolution }, mostWindows + 1)) {
    for (const window of page.toReversed()) {
      truncated = looked >= mostWindows || (looked > 0 && counts + window.counts.size > mostCounts);
      if (truncated) break;
      looked += 1;
      counts += window.counts.size;
      if (key === undefined || window.counts.has(key)) rows.push(rowOf(window, key));
    }
    if (truncated) break;
  }
  const sign = order === 'asc' ? 1 : -1;
  const byTime = (a: WindowRow, b: WindowRow) => a.start - b.start || a.end - b.end;
  const sizeOf = (row: WindowRow) => (key === undefined ? row.total : (row.counts[key] ?? 0));
  rows.sort((a, b) => (sort === 'total' ? sign * (sizeOf(a) - sizeOf(b)) || byTime(b, a) : sign * byTime(a, b)));
  return { rows, truncated };
}

function rowOf({ start, end, revision, lateDropped, counts }: WindowCount, key: string | undefined): WindowRow {
  const greatest = [...counts].sort(([, a], [, b]) => b - a).slice(0, mostValues);
  const own = key === undefined ? undefined : counts.get(key);
  if (key !== undefined && own !== undefined && !greatest.some(([value]) => value === key)) greatest.push([key, own]);
  return {
    ...{ start, end, revision, lateDropped },
    total: counts.values().reduce((sum, count) => sum + count, 0),
    values: counts.size,
    counts: Object.fromEntries(greatest),
  };
}
