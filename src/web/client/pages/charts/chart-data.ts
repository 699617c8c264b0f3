import type { SeriesAnswer } from '../../../answers.ts';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { sumsOver } from '../../charts/long-range.ts';
import { lengthOf, shifted, wholePoints } from './periods.ts';
import { type Row, rowsOf, sumsOf, within, withNewest } from './rows.ts';
import { drawnGroups, type Naming, type ValueGroup } from './values.ts';
import { type ChartView, isLive, type Period } from './view.ts';

export interface ChartDataInput {
  view: ChartView;
  pipeline: PipelineInfo;
  naming: Naming;
  /** The browser's clock, epoch ms. */
  now: number;
  /** What the websocket brought. */
  windows: readonly WindowPoint[];
  /** Over the whole range, over what is zoomed to, and over the period before of what is seen. */
  overview: SeriesAnswer;
  detail: SeriesAnswer | undefined;
  before: SeriesAnswer | undefined;
  period: Period;
  shown: Period;
  /** How far back the period before lies, ms. */
  shift: number;
}

/** What is drawn over time. */
export interface ChartData {
  span: number;
  period: Period;
  shown: Period;
  groups: ValueGroup[];
  /** All rows that can be seen, and those that are seen now. */
  rows: Row[];
  seen: Row[];
  /** Of the period before, moved onto this one. */
  before: Row[] | undefined;
  /** What was counted in what is seen, and in the period before, by value. */
  sums: Record<string, number>;
  beforeSums: Record<string, number> | undefined;
}

/** Puts together what was asked for separately. */
export function chartData(input: ChartDataInput): ChartData {
  const { view, pipeline, naming, now, windows, overview, detail, before, shift } = input;
  const live = isLive(view);
  const whole = withNewest(overview, live ? windows : [], input.period.from);
  const period = wholePoints(input.period, overview.span, live);
  const inPeriod = within(whole, period);
  // Lines stay the same ones while a reader zooms.
  const groups = drawnGroups(view, sumsOf(inPeriod), pipeline, naming);

  const isZoomed = lengthOf(input.shown) < lengthOf(input.period);
  const close = isZoomed ? detail : undefined;
  const fine = close ? withNewest(close, live ? windows : [], input.shown.from) : inPeriod;
  const spans = [close?.span ?? overview.span, ...(before ? [before.span] : [])];
  const span = commonSpan(spans);
  const shown = isZoomed ? wholePoints(input.shown, span, false) : period;
  const points = within(atSpan(fine, close?.span ?? overview.span, span), shown);
  const earlier = before && within(atSpan(before.series, before.span, span), shifted(shown, shift));

  const seen = rowsOf(points, groups, { unit: view.unit, now });
  return {
    span,
    period,
    shown,
    groups,
    rows: isZoomed ? framed(seen, rowsOf(inPeriod, groups, { unit: view.unit, now }), shown, span) : seen,
    seen,
    before: earlier && rowsOf(earlier, groups, { unit: view.unit, now: now - shift, shift }),
    sums: sumsOf(points),
    // Nothing counted is not the same as nothing known.
    beforeSums: earlier && earlier.length > 0 ? sumsOf(earlier) : undefined,
  };
}

const mostTimesLonger = 12;

/** A span that all others fit into whole, unless it were much longer than they are. */
function commonSpan(spans: readonly number[]): number {
  const longest = Math.max(...spans);
  for (let times = 1; times <= mostTimesLonger; times += 1) {
    if (spans.every((span) => (times * longest) % span === 0)) return times * longest;
  }
  return longest;
}

const atSpan = (points: readonly WindowPoint[], own: number, wanted: number): readonly WindowPoint[] =>
  own < wanted && wanted % own === 0 ? sumsOver(wanted, points) : points;

/** Fine rows with coarser ones at their sides, which are seen while a reader moves and in the slider. */
function framed(fine: readonly Row[], coarse: readonly Row[], { from, to }: Period, span: number): Row[] {
  const outside = coarse.filter(({ start, end }) => end <= from || start >= to);
  const sized = outside.map((row) => ({ ...row, values: row.values.map((value) => value * sizeOf(row, span)) }));
  const rows = [...sized.filter(({ start }) => start < from), ...fine, ...sized.filter(({ start }) => start >= to)];
  return rows.map((row, index) => ({ ...row, gap: row.gap && row.start > (rows[index - 1]?.end ?? row.start) }));
}

// Counts of a longer time are drawn as if they were of one as short as those beside them.
const sizeOf = ({ start, end, values }: Row, span: number) =>
  values.some((value) => !Number.isInteger(value)) ? 1 : Math.min(1, span / (end - start));
