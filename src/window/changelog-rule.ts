// When a restart would take too long from the records alone.

/**
 * How many records a restart may replay before open windows are kept in a changelog. A restart should take no more than
 * five seconds. Plain values are replayed at 3,300,000 a second; the slowest, JSON values of which a field is counted, at
 * 800,000: that is four seconds, and leaves one to join the group and begin. An hour of 20,000 records/s is 72 million.
 */
export const mostReplayed = 3_000_000;

/** A changelog is written so often at most, in ms: a restart replays what came since, and the counting pays little. */
export const changelogInterval = 5_000;

// Where a window closes, most of what it needed is needed no longer, and all of it again before the next is out.
const leavingFactor = 4;

/** Whether a changelog is, or goes on being, kept for windows that a restart would need so many records for. */
export const needsChangelog = (isKept: boolean, replayed: number, most: number): boolean =>
  replayed > (isKept ? most / leavingFactor : most);
