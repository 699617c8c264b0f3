/** From an offset on, records of a time before this were dropped. */
export type DropBound = readonly [offset: number, time: number];

/**
 * Which records of a partition were dropped as too late. Windows that overlap need panes that take no more records
 * themselves; a restart that reads those again must leave out what was left out the first time.
 */
export interface LateDrops {
  /** Takes note that a record of the pane that starts at `start` was counted. */
  counted(start: number): void;
  /** Takes note that the record at `offset` was dropped, of the pane that ends at `end`. */
  dropped(offset: number, end: number): void;
  /** Whether a record was dropped; to be asked in the order of offsets. */
  wasDropped(offset: number, time: number): boolean;
  forget(): void;
  /** The bounds that records in `[from, to)` fall under. */
  bounds(from: number, to: number): DropBound[];
}

// They travel in the metadata of a commit, where there is little room.
const mostBounds = 100;

/**
 * Creates the ledger, as an earlier run left it. What takes a record is a bound in event time that only rises, so that a
 * new one is needed only where a pane is dropped of which records had been counted under the bound before. Of more than
 * a hundred the oldest are forgotten: their records would be counted after a restart.
 */
export function lateDrops(saved: readonly DropBound[] = []): LateDrops {
  let bounds: DropBound[] = [...saved];
  /** Start of the earliest pane of which a record was counted under the last bound. */
  let least = Number.NEGATIVE_INFINITY;
  let asked = 0;

  const forget = () => {
    bounds = [];
    asked = 0;
  };

  return {
    counted(start) {
      if (start < least) least = start;
    },
    dropped(offset, end) {
      const last = bounds.at(-1);
      if (last && end <= last[1]) return;
      if (last && end <= least) {
        bounds[bounds.length - 1] = [last[0], end];
        return;
      }
      bounds.push([offset, end]);
      if (bounds.length > mostBounds) bounds.shift();
      least = Number.POSITIVE_INFINITY;
    },
    wasDropped(offset, time) {
      for (let next = bounds[asked + 1]; next && next[0] <= offset; next = bounds[asked + 1]) asked += 1;
      const bound = bounds[asked];
      return bound !== undefined && bound[0] <= offset && time < bound[1];
    },
    forget,
    bounds(from, to) {
      const first = bounds.findLastIndex(([offset]) => offset <= from);
      return bounds.slice(Math.max(0, first)).filter(([offset]) => offset < to);
    },
  };
}
