/** What the server answers over plain HTTP. The browser's code imports these types alone. */
import type { Label } from '../records/labels.ts';
import type { Resolution } from '../records/window-store.ts';
import type { PipelineInfo, TotalsView, WindowPoint } from './messages.ts';

/** `GET /api/pipelines` answers a list of these. */
export interface PipelineAnswer extends PipelineInfo {
  column?: string;
  field?: string;
  topic: string;
  resultTopic: string;
}

/**
 * `GET /api/series?pipeline=&from=&to=&resolution=auto|window|minute|hour&points=2000&limit=&format=json|csv`.
 * With `auto` the finest that needs at most `points` points is taken, and neighbours are summed where that takes no
 * whole minute or hour; `span` is what one point covers. Counts are sums over that time, never averages.
 */
export interface SeriesAnswer {
  pipeline: string;
  /** Length of a window of the pipeline, ms. */
  window: number;
  resolution: Resolution;
  /** Time that one point covers, ms; a multiple of `window`, a minute or an hour. */
  span: number;
  /** The range that is answered for, epoch ms: `[from, to)`. Both null when nothing is stored. */
  from: number | null;
  to: number | null;
  /** Ascending. Points without counts are left out. */
  series: WindowPoint[];
}

/** `GET /api/totals?pipeline=` answers these by pipeline: over all that was ever stored. */
export type TotalsAnswer = Record<string, TotalsView>;

/**
 * `GET /api/sums?pipeline=&from=&to=`: what was counted in windows that start in `[from, to)`, exact to the finest
 * resolution that is still stored.
 */
export interface SumsAnswer {
  pipeline: string;
  from: number | null;
  to: number | null;
  counts: Record<string, number>;
}

/**
 * `GET /api/windows?pipeline=&from=&to=&resolution=window|minute|hour&key=&sort=start|total&order=asc|desc&offset=&limit=&format=json|csv`.
 * `key` keeps windows that have that value, and sorts `total` by its count. Without `from` and `to` the newest are looked at.
 */
export interface WindowsAnswer {
  pipeline: string;
  resolution: Resolution;
  rows: WindowRow[];
  /** Rows that match, of which `rows` is a page. */
  count: number;
  /** More windows match than are looked at in one request: only the newest of them are counted and sorted. */
  truncated: boolean;
}

export interface WindowRow extends WindowPoint {
  lateDropped: number;
  /** Sum over all values, those left out of `counts` too. */
  total: number;
  /** Number of values; `counts` holds the greatest twenty, and `key` when that was asked for. */
  values: number;
}

/** `GET /api/values?pipeline=&from=&to=&search=&sort=count|value&order=asc|desc&offset=&limit=&format=json|csv`. */
export interface ValuesAnswer {
  pipeline: string;
  rows: ValueRow[];
  count: number;
  /** Sum over all values of the range, not only those that match. */
  total: number;
}

export interface ValueRow {
  value: string;
  label: Label | null;
  unknown: boolean;
  count: number;
  /** Part of 1 of `total`. */
  share: number;
}

/** Any request that failed. */
export interface ErrorAnswer {
  error: string;
  hint?: string;
}
