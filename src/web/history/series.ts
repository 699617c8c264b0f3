import type { Pipeline } from '../../records/pipelines.ts';
import { newestWindows, windowsWithin } from '../../records/stored-windows.ts';
import type { WindowCount } from '../../records/window-count.ts';
import type { Resolution, SeriesQuery, WindowStore } from '../../records/window-store.ts';
import type { SeriesAnswer } from '../answers.ts';
import { pointOf } from '../snapshot.ts';
import { chooseSpan, mostCounts } from './choose-span.ts';
import { spanCounts } from './span-counts.ts';
import { ceilTo, floorTo, unitOf } from './spans.ts';
import { type StoredRange, withinStored } from './stored-range.ts';

export interface SeriesRequest {
  from?: number | undefined;
  to?: number | undefined;
  resolution: 'auto' | Resolution;
  points: number;
  /** Only the newest so many. */
  limit?: number | undefined;
}

/** What was counted over time, in as many points as a page can draw. */
export async function readSeries(
  store: WindowStore,
  pipeline: Pipeline,
  stored: StoredRange | undefined,
  request: SeriesRequest,
): Promise<SeriesAnswer> {
  const { resolution, points, limit } = request;
  const { name, window } = pipeline;
  if (!stored) {
    const nothing = resolution === 'auto' ? 'window' : resolution;
    return { pipeline: name, window, resolution: nothing, span: window, from: null, to: null, series: [] };
  }
  if (resolution !== 'auto') return newestPoints(store, name, stored, request, resolution, limit ?? points);
  if (limit !== undefined && request.from === undefined) {
    return newestPoints(store, name, stored, request, 'window', Math.min(limit, points));
  }
  const answer = await summedPoints(store, name, stored, request);
  if (limit === undefined || answer.series.length <= limit) return answer;
  const series = answer.series.slice(-limit);
  return { ...answer, from: series[0]?.start ?? answer.from, series };
}

/** The newest windows, minutes or hours as they are, where there are too many counts fewer than asked for. */
async function newestPoints(
  store: WindowStore,
  pipeline: string,
  stored: StoredRange,
  request: SeriesRequest,
  resolution: Resolution,
  limit: number,
): Promise<SeriesAnswer> {
  const most = Math.max(1, Math.min(limit, Math.floor(mostCounts / stored.counts[resolution])));
  const windows = await newestOf(store, pipeline, stored, request, resolution, most);
  const from = windows.length === most ? windows[0]?.start : undefined;
  return {
    ...{ pipeline, window: stored.shape.size, resolution, span: unitOf(resolution, stored.shape) },
    from: from ?? request.from ?? stored.from,
    to: request.to ?? stored.to,
    series: windows.map(pointOf),
  };
}

async function summedPoints(
  store: WindowStore,
  pipeline: string,
  stored: StoredRange,
  request: SeriesRequest,
): Promise<SeriesAnswer> {
  const { points } = request;
  const asked = { from: request.from ?? stored.from, to: request.to ?? stored.to };
  const [from, to] = [Math.max(asked.from, stored.from), Math.min(asked.to, stored.to)];
  const { resolution, span, asCounted } = chooseSpan(from, Math.max(from, to), stored, points);
  const answer = { pipeline, window: stored.shape.size, resolution };
  if (asCounted) {
    const windows = from < to ? await newestOf(store, pipeline, stored, request, 'window', points + 1) : [];
    if (windows.length <= points) return { ...answer, span, ...asked, series: windows.map(pointOf) };
    // There were shorter windows once.
    const complete = { ...stored.complete, window: Number.POSITIVE_INFINITY };
    return await summedPoints(store, pipeline, { ...stored, complete }, request);
  }
  // Whole points, so that the first and the last do not look like a fall.
  const whole = (range: { from: number; to: number }) => ({
    from: floorTo(span, range.from),
    to: ceilTo(span, range.to),
  });
  const sums = spanCounts(span, mostCounts);
  for await (const page of windowsWithin(store, pipeline, { ...whole({ from, to }), resolution })) {
    for (const window of page) sums.add(window);
  }
  return { ...answer, span: sums.span, ...whole(asked), series: sums.points() };
}

// More are read page by page, so that others get their turn in between.
const countsAtOnce = 10_000;

/** The newest so many of a time. */
async function newestOf(
  store: WindowStore,
  pipeline: string,
  { counts }: StoredRange,
  request: SeriesRequest,
  resolution: Resolution,
  most: number,
): Promise<WindowCount[]> {
  const { from, to } = request;
  if (most * counts[resolution] <= countsAtOnce) {
    return await store.series(pipeline, { ...timesOf({ from, to }), resolution, limit: most });
  }
  const pages: WindowCount[][] = [];
  let found = 0;
  for await (const page of newestWindows(store, pipeline, { from, to, resolution }, most)) {
    pages.unshift(page);
    found += page.length;
    if (found >= most) break;
  }
  return pages.flat().slice(-most);
}

/** The times of a request as a store takes them. */
const timesOf = ({ from, to }: { from?: number | undefined; to?: number | undefined }): SeriesQuery => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});

/** All windows, minutes or hours of a request, page by page. */
export function allPoints(
  store: WindowStore,
  pipeline: string,
  stored: StoredRange,
  { from, to }: SeriesRequest,
  resolution: Resolution,
): AsyncGenerator<WindowCount[], void, undefined> {
  return windowsWithin(store, pipeline, { ...withinStored(stored, { from, to }), resolution });
}
