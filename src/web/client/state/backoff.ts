const first = 500;
const longest = 10_000;

/**
 * How long to wait before try number `attempt` (from 1), ms: doubling up to ten seconds, and a fifth more or less, so that
 * the pages of a whole school do not come back in the same instant. `random` is in [0, 1).
 */
export const backoff = (attempt: number, random: number): number =>
  Math.round(Math.min(longest, first * 2 ** (attempt - 1)) * (0.8 + 0.4 * random));
