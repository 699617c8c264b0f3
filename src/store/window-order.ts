/** What makes a window of a pipeline the same window. */
export interface WindowTimes {
  start: number;
  end: number;
}

/** Whether it begins at a multiple of its own length, as tumbling windows do. */
export const isTile = ({ start, end }: WindowTimes) => start % (end - start) === 0;

/** Whether two windows are of those that begin at different times and overlap. */
export const areHopping = (a: WindowTimes, b: WindowTimes) =>
  a.start !== b.start && a.end - a.start === b.end - b.start && a.start < b.end && b.start < a.end;

export const isBefore = (a: WindowTimes, b: WindowTimes) => a.start < b.start || (a.start === b.start && a.end < b.end);

/** For sorting. */
export const byTime = (a: WindowTimes, b: WindowTimes) => a.start - b.start || a.end - b.end;
