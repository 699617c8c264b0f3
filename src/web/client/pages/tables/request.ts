import type { TablesView } from './view.ts';

const hour = 3_600_000;

/** The times that a range stands for at a moment, epoch ms; days are those of the reader. */
export function timesOf({ range, from, to }: TablesView, now: number): { from?: number; to?: number } {
  if (range === 'custom') return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  if (range === 'today') return { from: new Date(now).setHours(0, 0, 0, 0) };
  if (range === 'hour') return { from: Math.floor(now / 1_000) * 1_000 - hour };
  return {};
}

/** Path of the route that answers a view, relative to the start page. */
export const routeOf = ({ tab }: TablesView): string => `api/${tab}`;

/** What that route is asked; without its page, for a file of all rows. */
export function queryOf(
  view: TablesView,
  pipeline: string,
  now: number,
  { paged }: { paged: boolean },
): URLSearchParams {
  const { from, to } = timesOf(view, now);
  const query = new URLSearchParams({ pipeline });
  if (from !== undefined) query.set('from', String(from));
  if (to !== undefined) query.set('to', String(to));
  if (view.tab === 'windows') {
    query.set('resolution', view.resolution);
    if (view.key !== undefined) query.set('key', view.key);
  } else if (view.search !== '') query.set('search', view.search);
  query.set('sort', view.sort);
  query.set('order', view.order);
  if (paged) {
    query.set('offset', String((view.page - 1) * view.size));
    query.set('limit', String(view.size));
  }
  return query;
}

/** Link to the rows of a view as CSV, relative to the start page. */
export function csvOf(view: TablesView, pipeline: string, now: number): { href: string; name: string } {
  const query = queryOf(view, pipeline, now, { paged: false });
  query.set('format', 'csv');
  return { href: `./${routeOf(view)}?${query}`, name: `${pipeline}-${view.tab}.csv` };
}
