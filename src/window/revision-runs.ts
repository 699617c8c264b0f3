/** `[first end, ms between ends, windows, their revision, windows, their revision …]`, in the order of ends. */
export type RevisionRuns = number[];

// Four kilobytes are all the metadata of a commit may take.
const mostRuns = 120;
const mostWindows = 100_000;

/**
 * Revisions of windows by their end, as runs of equal ones: a late record corrects many windows in a row. Of too many runs
 * the oldest become one with the highest of their revisions, so that a later correction still goes beyond it.
 */
export function toRuns(revisions: ReadonlyMap<number, number>, spacing: number): RevisionRuns {
  const sorted = [...revisions].sort(([a], [b]) => a - b);
  const [first] = sorted;
  if (!first) return [];
  let runs: [windows: number, revision: number][] = [];
  let next = first[0];
  const append = (windows: number, revision: number) => {
    const last = runs.at(-1);
    if (last && last[1] === revision) last[0] += windows;
    else if (windows > 0) runs.push([windows, revision]);
  };
  for (const [end, revision] of sorted) {
    append(Math.round((end - next) / spacing), 0);
    append(1, revision);
    next = end + spacing;
  }
  if (runs.length > mostRuns) {
    const oldest = runs.slice(0, runs.length - mostRuns + 1);
    const windows = oldest.reduce((sum, [count]) => sum + count, 0);
    const highest = oldest.reduce((most, [, revision]) => Math.max(most, revision), 0);
    runs = [[windows, highest], ...runs.slice(oldest.length)];
  }
  return [first[0], spacing, ...runs.flat()];
}

/** The revisions that runs stand for; none of something that cannot have been written by `toRuns`. */
export function fromRuns([first, spacing = 0, ...runs]: RevisionRuns): Map<number, number> {
  const revisions = new Map<number, number>();
  if (first === undefined || spacing <= 0) return revisions;
  let end = first;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const [windows = 0, revision = 0] = runs.slice(index, index + 2);
    if (revision > 0) {
      if (revisions.size + windows > mostWindows) break;
      for (let window = 0; window < windows; window += 1) revisions.set(end + window * spacing, revision);
    }
    end += windows * spacing;
  }
  return revisions;
}
