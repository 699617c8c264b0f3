// When a restart would take too long from the records alone.

/**
 * How many records a restart may replay before their windows are kept in a changelog. A restart should take no more
 * than five seconds; the slowest records, JSON values of which a field is counted, are replayed at 800,000 a second, and
 * a good second is left for the group, the transactions and a slower machine. Plain values go eight times as fast.
 */
export const mostReplayed = 3_000_000;

/** A changelog is written so often at most, in ms: a restart replays what came since, and the counting pays little. */
export const changelogInterval = 5_000;

// Where a window closes, most of what it needed is needed no longer, and all of it again before the next is out.
const leavingFactor = 4;

/** Whether a changelog is, or goes on being, kept for windows that a restart would need so many records for. */
export const needsChangelog = (isKept: boolean, replayed: number, most: number): boolean =>
  replayed > (isKept ? most / leavingFactor : most);
