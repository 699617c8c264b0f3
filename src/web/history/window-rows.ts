import { totalOf } from '../../records/counts.ts';
import { newestWindows } from '../../records/stored-windows.ts';
import type { WindowCount } from '../../records/window-count.ts';
import type { Resolution, WindowStore } from '../../records/window-store.ts';
import type { WindowRow } from '../answers.ts';

export interface WindowRowsRequest {
  from?: number | undefined;
  to?: number | undefined;
  resolution: Resolution;
  /** Only windows that have this value. */
  key?: string | undefined;
  sort: 'start' | 'total';
  order: 'asc' | 'desc';
  offset: number;
  /** All that are left without it. */
  limit?: number | undefined;
}

/** Windows that one request looks at, and counts in them: they are read for it, though few are kept. */
const mostWindows = 10_000;
const mostCounts = 300_000;
const mostValues = 20;

/** A page of a table of windows, and of how many rows it is one. Of more than can be looked at, those are the newest. */
export interface WindowRowsPage {
  rows: WindowRow[];
  count: number;
  truncated: boolean;
}

export async function windowRows(
  store: WindowStore,
  pipeline: string,
  request: WindowRowsRequest,
): Promise<WindowRowsPage> {
  const { sort, order, key, offset, limit } = request;
  // What a table begins with, and what pages ask for again and again.
  if (sort === 'start' && order === 'desc' && key === undefined && limit !== undefined) {
    return await newestRows(store, pipeline, { ...request, limit });
  }
  const { rows, truncated } = await sortedRows(store, pipeline, request);
  return { rows: rows.slice(offset, offset + (limit ?? rows.length)), count: rows.length, truncated };
}

/** Only as many windows are read as lie before the end of the page. */
async function newestRows(
  store: WindowStore,
  pipeline: string,
  { from, to, resolution, offset, limit }: WindowRowsRequest & { limit: number },
): Promise<WindowRowsPage> {
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), resolution };
  const present = await store.count(pipeline, range);
  const count = Math.min(present, mostWindows);
  const end = Math.min(offset + limit, count);
  const rows: WindowRow[] = [];
  let passed = 0;
  for await (const page of newestWindows(store, pipeline, range, Math.max(1, end))) {
    for (const window of page.toReversed()) {
      if (passed >= offset && passed < end) rows.push(rowOf(window, undefined));
      passed += 1;
    }
    if (passed >= end) break;
  }
  return { rows, count, truncated: present > mostWindows };
}

/** All rows in their order. */
async function sortedRows(
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
    total: totalOf(counts),
    values: counts.size,
    counts: Object.fromEntries(greatest),
  };
}
