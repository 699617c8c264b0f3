import type { WindowCount } from './window-count.ts';

/** What a series is made of: windows as they were counted, or their sums per minute or hour. */
export type Resolution = 'window' | 'minute' | 'hour';

/** Which windows of a pipeline: those that start in `[from, to)`, epoch ms, and of those the `limit` newest. */
export interface SeriesQuery {
  from?: number;
  to?: number;
  limit?: number;
  /** Default `window`. */
  resolution?: Resolution;
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
   * reason: those that are not newer than what was taken out.
   */
  ignored: number;
}

/**
 * Where windows are kept between the stage that reads them and the pages that show them.
 * A window is the same window when pipeline, start and end are equal. The later record of a window replaces the
 * earlier one, but a lower revision never overwrites a higher one, so that reading a topic again changes nothing.
 */
export interface WindowStore {
  /**
   * Stores windows, and how far the topics have been read by then, in one transaction: after a crash either both are
   * there or none. Safe to call with what was stored already. `positions` are the next offsets to read, by
   * `topic/partition`; partitions that are not named keep theirs.
   */
  put(windows: readonly WindowCount[], positions?: ReadonlyMap<string, number>): Promise<void>;
  /** The position that was last stored of each partition. */
  positions(): Promise<ReadonlyMap<string, number>>;
  /**
   * Windows in ascending order of start, then end. An unknown pipeline has none.
   * Per minute or hour they are sums of those windows that start in it and that totals are made of, also of windows
   * that were taken out since; revision and lateDropped are 0, minutes and hours without counts are left out.
   */
  series(pipeline: string, query?: SeriesQuery): Promise<WindowCount[]>;
  /** How many windows, minutes or hours a series without a limit would hold. Reads none of their counts. */
  count(pipeline: string, query?: Omit<SeriesQuery, 'limit'>): Promise<number>;
  /** Cheap, however many windows there are. */
  totals(pipeline: string): Promise<PipelineTotals>;
  /** Names of the pipelines that windows came from, in ascending order. */
  pipelines(): Promise<string[]>;
  /**
   * Takes out the windows that end at or before a time, epoch ms, and resolves with how many. What they counted stays
   * in the totals and per minute and hour. The newest window of each pipeline stays too, since a longer one with the
   * same start may follow. A correction of a window that was taken out is ignored, and counted as that.
   */
  prune(before: number): Promise<number>;
  close(): Promise<void>;
}
