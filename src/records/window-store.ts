import type { WindowCount } from './window-count.ts';

/** Which windows of a pipeline: those that start in `[from, to)`, epoch ms, and of those the `limit` newest. */
export interface SeriesQuery {
  from?: number;
  to?: number;
  limit?: number;
}

/**
 * The sums over all windows of a pipeline in their latest revision. Where windows overlap, only those count that hold
 * each record once: of windows with the same start the longest (cumulative ones), of windows of one length that begin at
 * different times those that begin at a multiple of it (hopping ones, whose slide has to divide their length).
 */
export interface PipelineTotals {
  counts: ReadonlyMap<string, number>;
  /** All windows, those that the sums leave out too. */
  windows: number;
  /** Records that came too late for any window, as the counting stage last told. */
  lateDropped: number;
  /**
   * Windows that came when the store no longer knew whether it had counted them, and which it left out for that
   * reason. A database knows every window, so there it stays 0.
   */
  ignored: number;
}

/**
 * Where windows are kept between the stage that reads them and the pages that show them.
 * A window is the same window when pipeline, start and end are equal. The later record of a window replaces the
 * earlier one, but a lower revision never overwrites a higher one, so that reading a topic again changes nothing.
 */
export interface WindowStore {
  put(windows: readonly WindowCount[]): Promise<void>;
  /** Windows in ascending order of start, then end. An unknown pipeline has none. */
  series(pipeline: string, query?: SeriesQuery): Promise<WindowCount[]>;
  totals(pipeline: string): Promise<PipelineTotals>;
  close(): Promise<void>;
}
