/** Rows of the screen that each part gets; 0 leaves it out. */
export interface Rows {
  /** Rows of the chart's drawing, without its axis and its times. */
  plot: number;
  /** 3 with big digits, else 1. */
  numbers: 1 | 3;
  stages: number;
  lists: number;
  log: number;
  error: number;
  /** Empty rows: under the header, under the numbers, above the stages, the lists and the keys. */
  gaps: Readonly<Record<'header' | 'numbers' | 'stages' | 'lists' | 'keys', number>>;
}

/** What there is to show, and so wants rows. */
export interface Wishes {
  stages: number;
  /** Rows that the lists could fill, their titles included. */
  lists: number;
  log: 'asked' | 'if-room' | 'none';
  error: boolean;
}

// Header, numbers and keys take one row each; axis and times come with the chart.
const fixed = 3;
const axis = 2;
const leastPlot = 3;
const logRows = 6;

/** The fewest rows that make a view: below this, one sentence says so. */
export const leastRows = fixed + axis + leastPlot;

/**
 * Divides the rows of a screen: every part gets its least, then more in the order of what a reader misses most, and
 * the chart takes what is left. The sum is exactly `rows`, provided that `rows` is at least `leastRows`.
 */
export function divideRows(rows: number, wishes: Wishes): Rows {
  let left = rows - leastRows;
  const upTo = (wanted: number): number => {
    const given = Math.max(0, Math.min(wanted, left));
    left -= given;
    return given;
  };
  const allOf = (wanted: number): number => (wanted <= left ? upTo(wanted) : 0);

  const error = wishes.error ? allOf(1) : 0;
  let log = wishes.log === 'asked' ? upTo(logRows) : 0;
  const stages = allOf(wishes.stages);
  let plot = leastPlot + upTo(2);
  let lists = left >= 2 ? upTo(Math.min(3, wishes.lists)) : 0;
  const stagesGap = allOf(1);
  const listsGap = lists > 0 ? allOf(1) : 0;
  const header = allOf(1);
  plot += upTo(2);
  const digits = allOf(3);
  const keys = allOf(1);
  lists += upTo(Math.min(6, wishes.lists) - lists);
  plot += upTo(6);
  if (wishes.log === 'if-room') log = allOf(logRows);
  plot += upTo(4);
  lists += upTo(Math.min(11, wishes.lists) - lists);
  plot += upTo(left);
  const gaps = { header, numbers: digits > 0 ? 1 : 0, stages: stagesGap, lists: listsGap, keys };
  return { plot, numbers: digits > 0 ? 3 : 1, stages, lists, log, error, gaps };
}
