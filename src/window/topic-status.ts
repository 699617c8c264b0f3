/**
 * Figures for the logs and views. Of the records that this run has read, each is in a window, too late for one,
 * rejected or filtered out.
 */
export interface TopicStatus {
  /** Records read by this run, whatever became of them. */
  records: number;
  /** Records whose value cannot be counted, by this run. */
  rejected: number;
  /** Records that the conditions of the pipeline leave out, by this run. */
  filtered: number;
  /** Records in windows that have not come out yet. */
  open: number;
  /** Records too late for any window, over all runs. */
  lateDropped: number;
  /** Records between where we are and the end of the topic. */
  lag: number;
  watermark: number;
  caughtUp: boolean;
  /** Nothing is open: every record read so far is in a window that is out. */
  settled: boolean;
}
