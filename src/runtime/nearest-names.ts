/** Up to three names that a slip of the hand could have turned into `name`, nearest first. */
export function nearestNames(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(name.length / 3));
  return names
    .map((other) => {
      const candidate = other.toLowerCase();
      const contained = wanted.length > 2 && (candidate.includes(wanted) || wanted.includes(candidate));
      return {
        other,
        distance: contained ? Math.min(limit, editDistance(wanted, candidate)) : editDistance(wanted, candidate),
      };
    })
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.other < b.other ? -1 : 1))
    .slice(0, 3)
    .map(({ other }) => other);
}

// Levenshtein's distance, one row at a time; two neighbours swapped count as one slip less than two changes would.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  let above: number[] = [];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) distance = Math.min(distance, (above[j - 2] ?? 0) + 1);
      next.push(distance);
    }
    above = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
