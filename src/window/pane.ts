import { fewestToPack, frozenCounts } from './packed-counts.ts';

/** Counts of a stretch of event time that no window cuts: a record is counted here once, however many windows it is in. */
export interface Pane {
  start: number;
  end: number;
  /** Packed when the pane seems to be complete; see `countsToChange`. */
  counts: ReadonlyMap<string, number>;
  records: number;
  /** Of these, those that windows which are out have been told of. */
  told: number;
}

/** Which windows a pane is in, and for how long it matters. Panes are named by their start, windows by their end. */
export interface PaneRules {
  /** Length of a pane in ms. */
  length: number;
  /** From the end of a window to that of the next, ms. */
  spacing: number;
  /** Where a window begins. */
  startOf(end: number): number;
  /** The first and the last of the windows that come out because of a pane. */
  firstEnd(pane: number): number;
  lastEnd(pane: number): number;
  /** End of the first such window that ends after the watermark; undefined when all are out. */
  endAfter(pane: number, watermark: number): number | undefined;
  /** End of the window that holds the pane among those which hold each record once; of its last one without such. */
  ownEnd(pane: number): number;
  /** Records of a pane are taken until the watermark is the allowed lateness past this. */
  takenUntil(pane: number): number;
  /** Where the period begins into whose sum a pane goes that takes no more records; undefined when it is kept apart. */
  periodOf(pane: number): number | undefined;
  /** What the pane is kept for is needed until the watermark is the allowed lateness past this. */
  neededUntil(pane: number): number;
  /**
   * Ends of the windows that are due when the watermark goes from `before` to `watermark`: those out already of which
   * a pane has news, then those it passes, each in ascending order. Panes are given in order.
   */
  due(panes: readonly Pane[], before: number, watermark: number): number[];
  /** Whether a window that ends at or before the watermark is out, by what has been told of its last pane and of all. */
  isOut(toldOfLast: number, toldOfAll: number): boolean;
}

export const hasNews = ({ records, told }: Pane): boolean => records !== told;

export const newPane = (start: number, end: number): Pane => ({ start, end, counts: new Map(), records: 0, told: 0 });

/** The counts of a pane as a map that can be written to. */
export function countsToChange(pane: Pane): Map<string, number> {
  if (pane.counts instanceof Map) return pane.counts;
  const counts = new Map(pane.counts);
  pane.counts = counts;
  return counts;
}

/** Packs the counts of a pane that takes only late records from now on, if any. */
export function packPane(pane: Pane): void {
  if (pane.counts.size >= fewestToPack) pane.counts = frozenCounts(pane.counts);
}
