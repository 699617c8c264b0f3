/** Records by value. */
export type Counts = ReadonlyMap<string, number>;

/** Adds counts to sums; with the sign -1, takes them off. */
export function addCounts(sums: Map<string, number>, counts: Counts, sign: 1 | -1 = 1): void {
  for (const [value, count] of counts) sums.set(value, (sums.get(value) ?? 0) + sign * count);
}

/** The records of all values. */
export function totalOf(counts: Counts): number {
  let total = 0;
  // Pages call it too, in browsers that have no methods on iterators yet.
  for (const count of counts.values()) total += count;
  return total;
}
