import { setImmediate } from 'node:timers/promises';
import type { WindowCount } from './window-count.ts';
import type { Resolution, WindowStore } from './window-store.ts';

export interface StoredWindowsQuery {
  /** Windows that start in `[from, to)`, epoch ms. */
  from?: number | undefined;
  to?: number | undefined;
  resolution?: Resolution | undefined;
}

// So much is asked for at a time, so that memory does not depend on how much is stored.
const mostWindows = 2_000;
const firstLimit = 100;
// SQLite reads them in this thread, and is done before anything else can be.
const wantedCounts = 5_000;
const firstSpan = 60_000;
const longestSpan = 365 * 86_400_000;

/**
 * The windows of a pipeline in ascending order, page by page, however many there are. A page holds all windows of its
 * time; how long that is follows from how much the page before held.
 */
export async function* storedWindows(
  store: WindowStore,
  pipeline: string,
  { from, to, resolution = 'window' }: StoredWindowsQuery = {},
): AsyncGenerator<WindowCount[], void, undefined> {
  const [newest] = await store.series(pipeline, { resolution, limit: 1, ...(to === undefined ? {} : { to }) });
  if (!newest) return;
  const oldest = await oldestStart(store, pipeline, newest.start, resolution);
  yield* windowsWithin(store, pipeline, { from: Math.max(oldest, from ?? oldest), to: newest.start + 1, resolution });
}

/** The same between two times near which there are windows: years without any would be asked for page by page. */
export async function* windowsWithin(
  store: WindowStore,
  pipeline: string,
  { from, to: end, resolution = 'window' }: StoredWindowsQuery & { from: number; to: number },
): AsyncGenerator<WindowCount[], void, undefined> {
  let start = from;
  for (let span = firstSpan; start < end; ) {
    const next = Math.min(start + span, end);
    // One more than wanted tells that there are more: a series is limited to its newest windows.
    const page = await store.series(pipeline, { from: start, to: next, resolution, limit: mostWindows + 1 });
    if (page.length > mostWindows && next - start > 1) {
      span = Math.max(1, Math.floor((next - start) / 2));
      continue;
    }
    // Cumulative windows of one start cannot be told apart by time: those are one page.
    const whole =
      page.length > mostWindows ? await store.series(pipeline, { from: start, to: next, resolution }) : page;
    if (whole.length > 0) yield whole;
    await setImmediate();
    const counts = whole.reduce((sum, window) => sum + window.counts.size + 1, 0);
    span = Math.min(longestSpan, Math.max(1, Math.floor(span * Math.min(2, Math.max(0.25, wantedCounts / counts)))));
    start = next;
  }
}

/**
 * The windows of a pipeline from the newest on, page by page; a page is in ascending order. Windows of one start are
 * never parted, unless there are more of them than `mostAtOnce`: then the rest, and all before, are left out.
 */
export async function* newestWindows(
  store: WindowStore,
  pipeline: string,
  { from, to, resolution = 'window' }: StoredWindowsQuery,
  mostAtOnce: number,
): AsyncGenerator<WindowCount[], void, undefined> {
  let before = to;
  for (let limit = Math.min(firstLimit, mostAtOnce); ; ) {
    const page = await store.series(pipeline, {
      resolution,
      limit,
      ...(from === undefined ? {} : { from }),
      ...(before === undefined ? {} : { to: before }),
    });
    // Of the first start there may be more windows than came.
    const isCut = page.length >= limit;
    const whole = isCut ? page.filter(({ start }) => start !== page[0]?.start) : page;
    if (isCut && whole.length === 0 && limit < mostAtOnce) {
      limit = Math.min(limit * 8, mostAtOnce);
      continue;
    }
    if (whole.length > 0) yield whole;
    else if (page.length > 0) yield page;
    if (!isCut || whole.length === 0) return;
    await setImmediate();
    before = whole[0]?.start;
    const counts = whole.reduce((sum, window) => sum + window.counts.size + 1, 0);
    limit = Math.max(2, Math.min(mostWindows, mostAtOnce, Math.floor((wantedCounts * whole.length) / counts)));
  }
}

/** Where the first window starts, looked for by halves between the beginning of time and one that is known. */
export async function oldestStart(
  store: WindowStore,
  pipeline: string,
  known: number,
  resolution: Resolution = 'window',
): Promise<number> {
  let [low, high] = [0, known];
  const [negative] = await store.series(pipeline, { to: 0, resolution, limit: 1 });
  if (negative) low = Number.MIN_SAFE_INTEGER;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    // The newest of those that start by then: where it starts, the search goes on.
    const [before] = await store.series(pipeline, { to: middle + 1, resolution, limit: 1 });
    if (before) high = before.start;
    else low = middle + 1;
  }
  return high;
}
