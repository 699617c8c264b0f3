import type { Resolution } from '../../../../records/window-store.ts';
import { momentFrom, oneOf } from '../../state/address.ts';

export const tabs = ['windows', 'values'] as const;
export const ranges = ['all', 'today', 'hour', 'custom'] as const;
export const resolutions = ['window', 'minute', 'hour'] as const satisfies readonly Resolution[];
export const pageSizes = [25, 50, 100, 200] as const;

export type Tab = (typeof tabs)[number];
export type Range = (typeof ranges)[number];
export type Order = 'asc' | 'desc';

/** What can be sorted by, the first of each tab being its own order. */
const sorts = { windows: ['start', 'total'], values: ['count', 'value'] } as const;
export type Sort = (typeof sorts)[Tab][number];

/** All that decides which rows are seen; the address of the page holds it. */
export interface TablesView {
  tab: Tab;
  /** Undefined is the first that there is. */
  pipeline: string | undefined;
  range: Range;
  /** Epoch ms, `[from, to)`, of a range of one's own. */
  from: number | undefined;
  to: number | undefined;
  resolution: Resolution;
  /** Only windows that have this value, which may be the empty one. */
  key: string | undefined;
  search: string;
  sort: Sort;
  order: Order;
  /** From 1. */
  page: number;
  size: number;
}

const defaultSize = 50;

/** The view that an address asks for; what cannot be understood is as if it were not there. */
export function readView(query: URLSearchParams): TablesView {
  const tab = oneOf(tabs, query.get('view')) ?? 'windows';
  const [from, to] = [momentFrom(query.get('from')), momentFrom(query.get('to'))];
  const page = Number(query.get('page') ?? 1);
  return {
    tab,
    pipeline: query.get('pipeline') || undefined,
    range: from !== undefined || to !== undefined ? 'custom' : (oneOf(ranges, query.get('range')) ?? 'all'),
    from,
    to,
    resolution: oneOf(resolutions, query.get('resolution')) ?? 'window',
    key: query.get('key') ?? undefined,
    search: query.get('search') ?? '',
    sort: oneOf<Sort>(sorts[tab], query.get('sort')) ?? sorts[tab][0],
    order: oneOf(['asc', 'desc'], query.get('order')) ?? 'desc',
    page: Number.isSafeInteger(page) && page >= 1 && page <= 1_000_000 ? page : 1,
    size: pageSizes.find((size) => String(size) === query.get('size')) ?? defaultSize,
  };
}

/** The query that `readView` reads back; what is as usual is left out, so that addresses stay short. */
export function writeView(view: TablesView): URLSearchParams {
  const { tab, range, from, to, resolution, key, search, sort, order, page, size } = view;
  const own = range === 'custom';
  const entries: [string, string | undefined][] = [
    ['view', tab === 'windows' ? undefined : tab],
    ['pipeline', view.pipeline],
    ['range', range === 'all' || (own && (from !== undefined || to !== undefined)) ? undefined : range],
    ['from', own ? from?.toString() : undefined],
    ['to', own ? to?.toString() : undefined],
    ['resolution', resolution === 'window' ? undefined : resolution],
    ['key', key],
    ['search', search || undefined],
    ['sort', sort === sorts[tab][0] ? undefined : sort],
    ['order', order === 'desc' ? undefined : order],
    ['page', page === 1 ? undefined : String(page)],
    ['size', size === defaultSize ? undefined : String(size)],
  ];
  return new URLSearchParams(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The view after a choice. Rows that are others begin at the first page; another pipeline has other values. */
export function changeView(view: TablesView, change: Partial<TablesView>): TablesView {
  const otherTab = change.tab !== undefined && change.tab !== view.tab;
  const otherPipeline = 'pipeline' in change && change.pipeline !== view.pipeline;
  return {
    ...view,
    page: 1,
    ...(otherTab ? { sort: sorts[change.tab ?? view.tab][0], order: 'desc' as const } : {}),
    ...(otherPipeline ? { key: undefined, search: '' } : {}),
    ...(change.range !== undefined && change.range !== 'custom' ? { from: undefined, to: undefined } : {}),
    ...change,
  };
}

/** Sorted by a column: greatest or newest first, texts from their beginning; the other way round when that is so already. */
export function sortBy(view: TablesView, sort: Sort): TablesView {
  const first = sort === 'value' ? 'asc' : 'desc';
  const other = first === 'asc' ? 'desc' : 'asc';
  return changeView(view, { sort, order: view.sort === sort && view.order === first ? other : first });
}

/** Whether anything but the pipeline narrows down the rows. */
export const isFiltered = ({ tab, range, key, search }: TablesView): boolean =>
  range !== 'all' || (tab === 'windows' ? key !== undefined : search !== '');

/** The view with everything in it. */
export const unfiltered = (view: TablesView): TablesView =>
  changeView(view, { range: 'all', key: undefined, search: '' });

/** Whether new windows belong on what is shown: the newest first, or sums that go on. */
export const followsNewest = ({ tab, sort, order, page, range, to }: TablesView, now: number): boolean =>
  !(range === 'custom' && to !== undefined && to <= now) &&
  (tab === 'values' || (page === 1 && sort === 'start' && order === 'desc'));
