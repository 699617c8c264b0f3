import type { WindowCount } from '../records/window-count.ts';
import type { Resolution, WindowStore } from '../records/window-store.ts';

export interface StoredWindowsQuery {
  /** Windows that start in `[from, to)`, epoch ms. */
  from?: number | undefined;
  to?: number | undefined;
  resolution?: Resolution | undefined;
}

// So much is asked for at a time, so that memory does not depend on how much is stored.
const mostWindows = 2_000;
const wantedCounts = 20_000;
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
  const end = newest.start + 1;
  let start = Math.max(await oldestStart(store, pipeline, newest.start, resolution), from ?? Number.NEGATIVE_INFINITY);
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
    const counts = whole.reduce((sum, window) => sum + window.counts.size + 1, 0);
    span = Math.min(longestSpan, Math.max(1, Math.floor(span * Math.min(2, Math.max(0.25, wantedCounts / counts)))));
    start = next;
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
