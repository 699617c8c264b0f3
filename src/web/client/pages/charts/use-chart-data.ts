import { useMemo } from 'react';
import type { SeriesAnswer, SumsAnswer } from '../../../answers.ts';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { type AskFailure, useAnswer } from '../../state/ask.ts';
import { type ChartData, chartData } from './chart-data.ts';
import { around, type Density, lengthOf, periodAt, pointsFor, refreshAfter, shifted, shiftOf } from './periods.ts';
import type { Naming } from './values.ts';
import { type ChartView, isLive, type Period } from './view.ts';

export interface ChartInput {
  view: ChartView;
  pipeline: PipelineInfo;
  /** What the websocket brought. */
  windows: readonly WindowPoint[];
  /** How many values the pipeline has had in all. */
  values: number;
  naming: Naming;
  /** The browser's clock, epoch ms; it stands still while the reader has paused, and so does the chart. */
  now: number;
  paused: boolean;
}

export interface ChartAnswers {
  /** What can be seen at all, and what is seen; undefined until that is known. */
  period: Period | undefined;
  shown: Period | undefined;
  /** What is drawn over time; undefined until the first answer, and for shares. */
  data: ChartData | undefined;
  /** Exact sums over what is seen, for shares. */
  shares: { now: SumsAnswer; before: SumsAnswer | undefined } | undefined;
  error: AskFailure | undefined;
  loading: boolean;
  reload: () => void;
}

/** Asks the server for what a view shows, and goes on asking while it is live. */
export function useChartData({ view, pipeline, windows, values, naming, now, paused }: ChartInput): ChartAnswers {
  const { range, type, zoom } = view;
  const { name, window } = pipeline;
  const live = isLive(view);
  const isPie = type === 'pie';
  const density: Density = {
    ...{ type, window, inAll: roughly(values) },
    perWindow: roughly(Object.keys(windows.at(-1)?.counts ?? {}).length),
  };
  const every = (period: Period | undefined) =>
    live && !paused ? refreshAfter(period ? lengthOf(period) : 0) : undefined;

  const clock = { now, paused };
  const rangeAt = (time: number) => periodAt(range, time, window);
  const whole = request('series', name, rangeAt, { ...clock, density, moving: live && range });
  const overview = useAnswer<SeriesAnswer>(isPie ? undefined : whole.id, { ...whole, every: every(rangeAt(now)) });

  const shownAt = (time: number) => zoom ?? rangeAt(time);
  const moving = live && !zoom && range;
  const sums = request('sums', name, shownAt, { ...clock, density, moving });
  const shares = useAnswer<SumsAnswer>(isPie ? sums.id : undefined, { ...sums, every: every(shownAt(now)) });

  const close = request('series', name, () => zoom, { ...clock, density, moving: false });
  const isRecent = zoom !== undefined && zoom.to > now - stillCorrected;
  const detail = useAnswer<SeriesAnswer>(zoom && !isPie ? close.id : undefined, {
    ...close,
    every: isRecent ? every(zoom) : undefined,
  });

  // Answers outlive their question until the next one is there: those of another pipeline are not for this one.
  const own = <T extends { pipeline: string }>(answer: T | undefined) =>
    answer?.pipeline === name ? answer : undefined;
  const [drawn, summed, zoomed] = [own(overview.answer), own(shares.answer), zoom && own(detail.answer)];
  const ranged = rangeAt(now) ?? storedIn(isPie ? summed : drawn, live ? windows.at(-1)?.end : undefined);
  const period = ranged && around(ranged, zoom);
  const shift = ranged && range !== 'all' ? shiftOf(ranged, drawn?.span ?? window) : 0;

  const compares = view.compare && shift > 0;
  const beforeAt = (time: number) => {
    const seen = shownAt(time);
    return seen && shifted(seen, shift);
  };
  const past = request(isPie ? 'sums' : 'series', name, beforeAt, {
    ...{ ...clock, density },
    moving: moving && `${moving} before ${shift}`,
  });
  const asksPast = compares && (isPie || drawn !== undefined);
  const before = useAnswer<SeriesAnswer | SumsAnswer>(asksPast ? past.id : undefined, {
    ...past,
    every: moving ? every(ranged) : undefined,
  });
  const earlier = compares ? own(before.answer) : undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the periods follow from what is listed
  const data = useMemo(
    () =>
      !isPie && drawn && period
        ? chartData({
            ...{ view, pipeline, naming, now, windows, period, shift },
            ...{ shown: zoom ?? period, overview: drawn, detail: zoomed },
            before: earlier && 'series' in earlier ? earlier : undefined,
          })
        : undefined,
    [view, pipeline, naming, now, windows, drawn, zoomed, earlier],
  );
  const asked = [isPie ? shares : overview, detail, before];
  return {
    period: data?.period ?? period,
    shown: data?.shown ?? zoom ?? period,
    data,
    shares: isPie && summed ? { now: summed, before: earlier && 'counts' in earlier ? earlier : undefined } : undefined,
    error: asked.find(({ error }) => error)?.error,
    loading: asked.some(({ loading }) => loading),
    reload: () => {
      for (const { reload } of asked) reload();
    },
  };
}

// Late records correct windows for a while.
const stillCorrected = 120_000;
const mostForAll = 400;

// So that one value more does not make it another question.
const roughly = (count: number) => 2 ** Math.ceil(Math.log2(Math.max(1, count)));

const storedIn = (answer: Pick<SeriesAnswer, 'from' | 'to'> | undefined, newest = 0): Period | undefined =>
  answer?.from == null || answer.to == null ? undefined : { from: answer.from, to: Math.max(answer.to, newest) };

interface RequestOptions {
  now: number;
  paused: boolean;
  density: Density;
  /** Names a range that goes on with the clock, which stays the same question while its times change. */
  moving: unknown;
}

/** A question to the server over the time that `at` tells; over all there is where it tells none. */
function request(
  what: 'series' | 'sums',
  pipeline: string,
  at: (time: number) => Period | undefined,
  { now, paused, density, moving }: RequestOptions,
) {
  const asked = at(now);
  const points = asked ? pointsFor(asked, density) : mostForAll;
  const pathAt = (time: number) => {
    const period = at(time);
    const query = new URLSearchParams({ pipeline });
    for (const [edge, value] of Object.entries(period ?? {})) query.set(edge, String(value));
    if (what === 'series') query.set('points', String(points));
    return `api/${what}?${query}`;
  };
  const id = moving ? `${what} ${pipeline} ${moving} ${points}` : pathAt(now);
  return { id, pathNow: () => pathAt(paused ? now : Date.now()) };
}
