/** Records by value. */
export type Counts = ReadonlyMap<string, number>;

/** Adds counts to sums; with the sign -1, takes them off. */
export function addCounts(sums: Map<string, number>, counts: Counts, sign: 1 | -1 = 1): void {
  for (const [value, count] of counts) sums.set(value, (sums.get(value) ?? 0) + sign * count);
}

/** The records of all values. */
export const totalOf = (counts: Counts): number => counts.values().reduce((sum, count) => sum + count, 0);
