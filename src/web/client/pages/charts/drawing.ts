import type { EChartsCoreOption } from 'echarts/core';
import type { PipelineInfo } from '../../../messages.ts';
import type { Language } from '../../state/figures.ts';
import { formatCount, formatShare } from '../../state/format.ts';
import type { Scale } from './axis.ts';
import { cartesianOption } from './cartesian-option.ts';
import type { ChartData } from './chart-data.ts';
import type { CartesianInput, DrawnValue, Slice, Surface } from './chart-input.ts';
import { formatFor } from './format.ts';
import type { LegendRow } from './legend.tsx';
import { lookOf } from './look.ts';
import { pieOption } from './pie-option.ts';
import { type Pair, pairsOf, type Row } from './rows.ts';
import { type Shares, sharesOf } from './shares.ts';
import { pairHtml, shareHtml } from './tooltip.ts';
import { countOf, type Naming, type Slot, type ValueGroup } from './values.ts';
import type { ChartView, Period } from './view.ts';
import type { ChartsWords } from './words.ts';

/** What is drawn, in all the forms in which it is shown: as a drawing, a legend, and rows of numbers. */
export interface Drawing {
  legend: LegendRow[];
  /** Names and rows of what is not hidden, over what is seen. */
  names: string[];
  pairs: Pair[];
  peak: number;
  /** How numbers of the rows are written. */
  format: (value: number) => string;
  isEmpty: boolean;
  option: (surface: Surface, how: DrawingManner) => EChartsCoreOption;
}

export interface DrawingManner {
  scale: Scale;
  zoom: CartesianInput['zoom'];
  /** What is seen while a reader is zooming; the rows follow. */
  moving?: Period | undefined;
}

export interface DrawingInput {
  view: ChartView;
  pipeline: PipelineInfo;
  naming: Naming;
  slots: ReadonlyMap<string, Slot>;
  language: Language;
  t: ChartsWords;
  /** A colour of the style sheet. */
  tokenOf: (name: string) => string;
}

const plain: Slot = { kind: 'series-1', index: 0 };

/** A chart over time. */
export function timeDrawing(data: ChartData, compare: boolean, input: DrawingInput): Drawing {
  const { view, pipeline, slots, t, tokenOf } = input;
  const { groups, sums, beforeSums } = data;
  // Where nothing was before, bars need leave no room for it.
  const before = data.before && data.before.length > 0 ? data.before : undefined;
  const shown = groups.flatMap((group, index) => (view.hidden.includes(group.id) ? [] : [{ group, index }]));
  const pick = (row: Row): Row => ({ ...row, values: shown.map(({ index }) => row.values[index] ?? 0) });
  const looks = groups.map(({ id }) => lookOf(slots.get(id) ?? plain, compare));
  const values = shown.map(({ group, index }): DrawnValue => {
    const look = looks[index] ?? lookOf(plain, compare);
    return { name: group.name, look, color: tokenOf(look.token) };
  });
  const pairs = pairsOf(data.seen.map(pick), (before ?? []).map(pick));
  const byPlace = new Map(pairs.map((pair) => [pair.at, pair]));
  const isStacked = view.type !== 'line';
  const heightOf = (row: Row | undefined) =>
    isStacked ? (row?.values.reduce((sum, value) => sum + value, 0) ?? 0) : Math.max(0, ...(row?.values ?? []));
  // Bars stand in the middle of their time.
  const offset = view.type === 'bar' ? data.span / 2 : 0;
  const format = formatFor(view.unit, data.span);
  const tooltipValues = values.map(({ name, look }) => ({ name, token: look.token }));
  return {
    legend: groups.map((group, index) => ({
      id: group.id,
      name: group.name,
      look: looks[index] ?? lookOf(plain, compare),
      count: countOf(group, sums),
      before: beforeSums && countOf(group, beforeSums),
      share: undefined,
      hidden: view.hidden.includes(group.id),
    })),
    names: values.map(({ name }) => name),
    pairs,
    format,
    peak: pairs.reduce((most, { now, before: past }) => Math.max(most, heightOf(now), heightOf(past)), 0),
    isEmpty: pairs.every(({ now }) => now === undefined),
    option: (surface, { scale, zoom, moving }) =>
      cartesianOption({
        ...surface,
        type: view.type === 'pie' ? 'line' : view.type,
        values,
        rows: data.rows.map(pick),
        before: before?.map(pick),
        period: data.period,
        shown: moving ?? data.shown,
        beforeName: t.before,
        span: data.span,
        leastZoom: 5 * pipeline.window,
        scale,
        zoom,
        tooltip: (at) => pairHtml(byPlace.get(at - offset), tooltipValues, { format, beforeName: t.before }),
      }),
  };
}

interface SharesInput {
  counts: Record<string, number>;
  period: Period;
  before: { counts: Record<string, number>; period: Period } | undefined;
}

/** A ring of shares. */
export function shareDrawing({ counts, period, before: past }: SharesInput, input: DrawingInput): Drawing {
  const before = past?.counts;
  const { view, pipeline, naming, slots, t, tokenOf } = input;
  const shares = sharesOf(view, counts, pipeline, naming);
  // The same values as now, whatever had most records before.
  const same = { ...view, values: shares.groups.filter(({ unknown }) => !unknown).map(({ id }) => id) };
  const earlier = before && sharesOf(same, before, pipeline, naming);
  const legend = legendOf(shares, earlier, { counts, before }, input, slots);
  const drawn = legend.filter(({ hidden }) => !hidden);
  const colorOf = ({ look, isRest }: LegendRow) => tokenOf(isRest ? 'unknown' : look.token);
  const slices = drawn.map((row): Slice => ({ name: row.name, color: colorOf(row), count: row.count }));
  const pastSlices =
    earlier && drawn.map((row): Slice => ({ name: row.name, color: colorOf(row), count: row.before ?? 0 }));
  const both = (count: number, total: number) =>
    `${formatCount(count)} (${formatShare(total === 0 ? 0 : count / total)})`;
  const rowOf = (of: Period, numbers: (number | undefined)[]): Row => ({
    start: of.from,
    end: of.to,
    at: period.from,
    values: numbers.map((number) => number ?? 0),
    gap: false,
  });
  return {
    legend,
    names: drawn.map(({ name }) => name),
    pairs: [
      {
        at: period.from,
        now: rowOf(
          period,
          drawn.map(({ count }) => count),
        ),
        before:
          past &&
          rowOf(
            past.period,
            drawn.map((row) => row.before),
          ),
      },
    ],
    peak: 0,
    format: formatCount,
    isEmpty: shares.total === 0,
    option: (surface) =>
      pieOption({
        ...surface,
        slices,
        before: pastSlices,
        total: formatCount(shares.total),
        totalName: t.total,
        formatShare,
        tooltip: (name) => {
          const row = drawn.find((candidate) => candidate.name === name);
          return shareHtml(
            row && {
              name,
              token: row.look.token,
              now: both(row.count, shares.total),
              before: earlier && both(row.before ?? 0, earlier.total),
            },
            t.before,
          );
        },
      }),
  };
}

function legendOf(
  shares: Shares,
  earlier: Shares | undefined,
  { counts, before }: { counts: Record<string, number>; before: Record<string, number> | undefined },
  { view, t }: DrawingInput,
  slots: ReadonlyMap<string, Slot>,
): LegendRow[] {
  const rowOf = (group: ValueGroup): LegendRow => {
    const count = countOf(group, counts);
    return {
      id: group.id,
      name: group.name,
      look: lookOf(slots.get(group.id) ?? plain, false),
      count,
      before: before && countOf(group, before),
      share: shares.total === 0 ? 0 : count / shares.total,
      hidden: view.hidden.includes(group.id),
    };
  };
  const { rest, total } = shares;
  const others: LegendRow = {
    id: '\0rest',
    name: t.others(formatCount(rest.values)),
    look: { token: 'unknown', dash: [], marker: 'rect' },
    count: rest.count,
    before: earlier?.rest.count,
    share: total === 0 ? 0 : rest.count / total,
    hidden: false,
    isRest: true,
  };
  return [...shares.groups.map(rowOf), ...(rest.count > 0 ? [others] : [])];
}
