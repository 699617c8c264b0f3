import { useMemo } from 'react';
import type { SeriesAnswer, SumsAnswer } from '../../../answers.ts';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { type AskFailure, useAnswer } from '../../state/ask.ts';
import { type ChartData, chartData } from './chart-data.ts';
import { around, type Density, lengthOf, periodAt, pointsFor, refreshAfter, shiftOf, shifted } from './periods.ts';
import type { Naming } from './values.ts';
import { type ChartView, isLive, type Period } from './view.ts';

export interface ChartInput {
  view: ChartView;
  pipeline: PipelineInfo;
  windows: readonly WindowPoint[];
  /** How many values the pipeline has had in all. */
  values: number;
  naming: Naming;
  now: number;
}

export interface ChartAnswers {
  /** Undefined until the first answer. */
  data: ChartData | undefined;
  /** Exact sums over what is seen, for shares. */
  shares: { now: SumsAnswer; before: SumsAnswer | undefined } | undefined;
  error: AskFailure | undefined;
  loading: boolean;
  reload: () => void;
}

const pathOf = (what: 'series' | 'sums', pipeline: string, period: Period | undefined, points?: number) => {
  const query = new URLSearchParams({ pipeline });
  if (period) {
    query.set('from', String(period.from));
    query.set('to', String(period.to));
  }
  if (points !== undefined) {
    query.set('resolution', 'auto');
    query.set('points', String(points));
  }
  return `api/${what}?${query}`;
};

// So that a value more does not make it another question.
const roughly = (count: number) => 2 ** Math.ceil(Math.log2(Math.max(1, count)));

/** Asks the server for what a view shows, and goes on asking while it is live. */
export function useChartData({ view, pipeline, windows, values, naming, now }: ChartInput): ChartAnswers {
  const { range, type, zoom } = view;
  const { name, window } = pipeline;
  const live = isLive(view);
  const isPie = type === 'pie';
  const density: Density = {
    ...{ type, window },
    perWindow: roughly(Object.keys(windows.at(-1)?.counts ?? {}).length),
    inAll: roughly(values),
  };
  const every = (period: Period | undefined) => (live ? refreshAfter(period ? lengthOf(period) : 0) : undefined);
  /** What to ask for: a question that names the present stays the same question while the clock goes on. */
  const question = (wanted: (time: number) => Period | undefined, what: 'series' | 'sums', always: boolean) => {
    const asked = wanted(now);
    const points = what === 'series' ? (asked ? pointsFor(asked, density) : mostForAll) : undefined;
    const path = (time: number) => pathOf(what, name, wanted(time), points);
    if (!live || always) return { path: path(now), pathNow: () => path(Date.now()) };
    const id = asked ? { from: lengthOf(asked), to: 0 } : undefined;
    return { path: `${pathOf(what, name, id, points)}&live`, pathNow: () => path(Date.now()) };
  };

  // For `all` the server knows best where it begins, and says so.
  const wholeAt = (time: number) => (range === 'all' ? undefined : periodAt(range, time, window));
  const whole = question(wholeAt, 'series', false);
  const overview = useAnswer<SeriesAnswer>(isPie && range !== 'all' ? undefined : whole.path, {
    pathNow: whole.pathNow,
    every: every(wholeAt(now)),
  });
  const answered = overview.answer?.pipeline === name ? overview.answer : undefined;
  const newest = windows.at(-1)?.end ?? 0;
  const stored =
    answered?.from == null || answered.to == null ? undefined : { from: answered.from, to: Math.max(answered.to, newest) };
  const ranged = periodAt(range, now, window, stored);
  const period = ranged && around(ranged, zoom);
  const shown = zoom ?? ranged;
  const shift = ranged && range !== 'all' ? shiftOf(ranged, answered?.span ?? window) : 0;

  const closeUp = question(() => zoom, 'series', true);
  const detail = useAnswer<SeriesAnswer>(zoom && !isPie ? closeUp.path : undefined, {
    every: zoom && zoom.to > now - 120_000 ? every(zoom) : undefined,
  });

  const shownAt = (time: number) => zoom ?? (range === 'all' ? stored : periodAt(range, time, window));
  const compares = view.compare && shift > 0;
  const beforeAt = (time: number) => {
    const seen = shownAt(time);
    return seen && shifted(seen, shift);
  };
  const earlier = question(beforeAt, 'series', zoom !== undefined);
  const before = useAnswer<SeriesAnswer>(compares && !isPie && answered ? earlier.path : undefined, {
    pathNow: earlier.pathNow,
    every: every(shown),
  });

  const sums = question(zoom || range !== 'all' ? shownAt : () => undefined, 'sums', zoom !== undefined);
  const shares = useAnswer<SumsAnswer>(isPie ? sums.path : undefined, { pathNow: sums.pathNow, every: every(shown) });
  const earlierSums = question(beforeAt, 'sums', zoom !== undefined);
  const earlierShares = useAnswer<SumsAnswer>(isPie && compares ? earlierSums.path : undefined, {
    pathNow: earlierSums.pathNow,
    every: every(shown),
  });

  const own = <T extends { pipeline: string }>(answer: T | undefined) => (answer?.pipeline === name ? answer : undefined);
  const close = own(detail.answer);
  const past = compares ? own(before.answer) : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: periods are made anew at each rendering, of what is listed
  const data = useMemo(
    () =>
      answered && period && shown && !isPie
        ? chartData({
            ...{ view, pipeline, naming, now, windows, period, shown, shift },
            ...{ overview: answered, detail: zoom ? close : undefined, before: past },
          })
        : undefined,
    [view, pipeline, naming, now, windows, answered, close, past],
  );
  const asked = isPie ? [shares, earlierShares] : [overview, detail, before];
  const nowShares = own(shares.answer);
  return {
    data,
    shares: isPie && nowShares ? { now: nowShares, before: compares ? own(earlierShares.answer) : undefined } : undefined,
    error: asked.find(({ error }) => error)?.error,
    loading: asked.some(({ loading }) => loading),
    reload: () => {
      for (const { reload } of asked) reload();
    },
  };
}

const mostForAll = 1_000;
