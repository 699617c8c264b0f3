import { useMemo, useRef } from 'react';
import type { SeriesAnswer } from '../../../answers.ts';
import type { PipelineInfo, WindowPoint } from '../../../messages.ts';
import { averaged, leastSpan, longPoints, pointsAsked, startOf } from '../../charts/long-range.ts';
import { placeOf, windowsInRange } from '../../charts/points.ts';
import type { Range } from '../../charts/ranges.ts';
import { type AskFailure, useAnswer } from '../../state/ask.ts';

export interface ShownSeries {
  /** Windows, or averages per window over longer spans; undefined while the server is asked. */
  points: readonly WindowPoint[] | undefined;
  /** What one point covers, ms. */
  span: number;
  /** Starts of the first and the last point of the range. */
  from: number;
  to: number;
  /** Why the server did not answer, and how to ask again. */
  error: AskFailure | undefined;
  reload: () => void;
}

const refresh = 60_000;

/** What the chart shows of a range: windows that the page has, or for longer ones what the server has stored. */
export function useSeries(range: Range, pipeline: PipelineInfo, windows: readonly WindowPoint[]): ShownSeries {
  const { name, window } = pipeline;
  const end = useRef<number>(undefined);
  end.current = windows.at(-1)?.end;
  const isLong = range.windows === undefined;

  const pathNow = () => {
    const query = new URLSearchParams({ pipeline: name, resolution: 'auto', points: String(pointsAsked) });
    const from = startOf(range.minutes, end.current ?? Date.now());
    if (from !== undefined) query.set('from', String(from));
    return `api/series?${query}`;
  };
  const { answer, error, loading, reload } = useAnswer<SeriesAnswer>(
    isLong ? `series ${name} ${range.id}` : undefined,
    {
      every: refresh,
      pathNow,
    },
  );
  // The last answer outlives its question until the next one is there, or has failed.
  const asked = useRef<{ range: string; answer: SeriesAnswer | undefined }>(undefined);
  if (asked.current?.range !== range.id) asked.current = { range: range.id, answer };
  const own = isLong && answer !== asked.current.answer ? answer : undefined;

  return useMemo(() => {
    const rest = { error: isLong && !own && !loading ? error : undefined, reload };
    if (range.windows !== undefined) {
      const points = windowsInRange(windows, range.windows, window);
      const last = points.at(-1);
      const to = last ? placeOf(last, window) : 0;
      return { points, span: window, from: to - (range.windows - 1) * window, to, ...rest };
    }
    if (!own) return { points: undefined, span: window, from: 0, to: 0, ...rest };
    const { span, points: sums } = longPoints(own, windows, leastSpan(range.minutes, window));
    const points = averaged(sums, window);
    const to = points.at(-1)?.start ?? 0;
    const length = range.minutes === undefined ? undefined : range.minutes * 60_000;
    const from = length === undefined ? (points[0]?.start ?? 0) : to + span - length;
    return { points, span, from, to, ...rest };
  }, [range, own, windows, window, isLong, error, loading, reload]);
}
