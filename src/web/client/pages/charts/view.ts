import { momentFrom, oneOf } from '../../state/address.ts';

/** What a reader has chosen to see. All of it lives in the address, so that a link shows the same. */
export const chartTypes = ['line', 'area', 'bar', 'pie'] as const;
export type ChartType = (typeof chartTypes)[number];

export const units = ['rate', 'count'] as const;
/** Average per second, or what was counted in each point. */
export type Unit = (typeof units)[number];

export const rangeNames = ['5m', '15m', '1h', '6h', '24h', '7d', 'all'] as const;
/** A range that ends now and goes on with the clock. */
export type RangeName = (typeof rangeNames)[number];

/** A stretch of time, epoch ms: `[from, to)`. */
export interface Period {
  from: number;
  to: number;
}

export interface ChartView {
  /** Empty: the first that the server has. */
  pipeline: string;
  /** Values that were chosen one by one; undefined: those with most records. */
  values: readonly string[] | undefined;
  /** How many of those with most records; undefined: what suits the pipeline. */
  top: number | undefined;
  /** Whether what is not known is drawn too. */
  unknown: boolean;
  range: RangeName | Period;
  type: ChartType;
  unit: Unit;
  /** Whether the period before is drawn with it. */
  compare: boolean;
  zoom: Period | undefined;
  /** Values that are in the legend and not in the drawing. */
  hidden: readonly string[];
}

export const firstView: ChartView = {
  pipeline: '',
  values: undefined,
  top: undefined,
  unknown: false,
  range: '5m',
  type: 'line',
  unit: 'rate',
  compare: false,
  zoom: undefined,
  hidden: [],
};

export const topChoices = [3, 5, 8, 12, 20] as const;

/** Whether the view follows the clock. */
export const isLive = ({ range }: Pick<ChartView, 'range'>): boolean => typeof range === 'string';

const textOf = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z');

function periodOf(from: string | null, to: string | null): Period | undefined {
  const [start, end] = [momentFrom(from), momentFrom(to)];
  return start !== undefined && end !== undefined && start < end ? { from: start, to: end } : undefined;
}

/** The view that an address asks for; what it says wrongly is as if it did not say it. */
export function viewFrom(query: URLSearchParams): ChartView {
  const values = query.getAll('value');
  const top = Number(query.get('top'));
  return {
    pipeline: query.get('pipeline') ?? firstView.pipeline,
    values: query.get('values') === 'chosen' || values.length > 0 ? values : undefined,
    top: topChoices.find((choice) => choice === top),
    unknown: query.has('unknown'),
    range: periodOf(query.get('from'), query.get('to')) ?? oneOf(rangeNames, query.get('range')) ?? firstView.range,
    type: oneOf(chartTypes, query.get('type')) ?? firstView.type,
    unit: oneOf(units, query.get('unit')) ?? firstView.unit,
    compare: query.has('compare'),
    zoom: periodOf(query.get('zoom-from'), query.get('zoom-to')),
    hidden: query.getAll('hide'),
  };
}

/** The address of a view: pipeline, range and kind of chart always, the rest where it is not as usual. */
export function queryOf(view: ChartView): URLSearchParams {
  const query = new URLSearchParams();
  if (view.pipeline) query.set('pipeline', view.pipeline);
  // Nothing chosen is a choice too.
  if (view.values?.length === 0) query.set('values', 'chosen');
  for (const value of view.values ?? []) query.append('value', value);
  if (view.top !== undefined && !view.values) query.set('top', String(view.top));
  if (view.unknown) query.set('unknown', '');
  if (typeof view.range === 'string') query.set('range', view.range);
  else setPeriod(query, 'from', 'to', view.range);
  query.set('type', view.type);
  if (view.unit !== firstView.unit) query.set('unit', view.unit);
  if (view.compare) query.set('compare', '');
  if (view.zoom) setPeriod(query, 'zoom-from', 'zoom-to', view.zoom);
  for (const value of view.hidden) query.append('hide', value);
  return query;
}

function setPeriod(query: URLSearchParams, from: string, to: string, period: Period): void {
  query.set(from, textOf(period.from));
  query.set(to, textOf(period.to));
}
