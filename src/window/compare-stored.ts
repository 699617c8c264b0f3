import { addCounts, type Counts } from '../records/counts.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { LedgerWindow, WindowLedger } from './window-ledger.ts';

/**
 * How what is stored differs from a result: not there, of an older revision, other counts or a newer revision, without a
 * result; or, of a minute whose windows were taken out of the store, other sums.
 */
export type StoredDifferenceKind = 'missing' | 'behind' | 'counts' | 'unfounded' | 'sums';

export interface StoredDifference {
  kind: StoredDifferenceKind;
  /** Of the window, or of the minute. Epoch ms. */
  start: number;
  end: number;
  stored: { counts: Counts; revision: number } | undefined;
  counted: { counts: Counts; revision: number } | undefined;
}

export interface StoredVerdict {
  /** Windows that were compared one by one. */
  windows: number;
  /** Windows that are no longer stored themselves, and agree as sums per minute. */
  rolledUp: number;
  /** Windows that are no longer stored themselves, of a minute of which the check takes only a part. */
  unchecked: number;
  /** In ascending order of time. */
  differences: StoredDifference[];
  /** Stored records by value; of what was not checked, those of the results. */
  values: Map<string, number>;
}

/** Compares the results of a ledger with what a store holds; first windows, then the minutes of those that it lacks. */
export interface StoredComparison {
  /** Which windows the store is asked for: those that start in `[from, to)`. */
  readonly range: { from: number; to: number };
  takeWindows(stored: readonly WindowCount[]): void;
  /** Starts of minutes whose sums are needed, when all windows were taken. */
  minutes(): ReadonlySet<number>;
  takeMinutes(stored: readonly WindowCount[]): void;
  verdict(): StoredVerdict;
}

const minute = 60_000;
const minuteOf = (start: number) => Math.floor(start / minute) * minute;
const nameOf = ({ start, end }: { start: number; end: number }) => `${start}/${end}`;

/** @param since windows that start before it are left out, epoch ms. */
export function storedComparison(ledger: WindowLedger, since: number): StoredComparison {
  const results = new Map<string, LedgerWindow & { counted: Counts }>();
  // Results of which it is not asked, or that had not come when they were read.
  const others = new Set<string>();
  const range = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const window of ledger.windows()) {
    if (window.start < since) continue;
    const { counted } = window;
    if (!window.asked || counted === undefined) {
      others.add(nameOf(window));
      continue;
    }
    results.set(nameOf(window), { ...window, counted });
    range.from = Math.min(range.from, window.start);
    range.to = Math.max(range.to, window.start + 1);
  }
  const byMinute = Map.groupBy(results.values(), ({ start }) => minuteOf(start));
  const seen = new Map<string, WindowCount>();
  const differences: StoredDifference[] = [];
  const sums = new Map<number, Counts>();

  const unseen = (windows: readonly LedgerWindow[]) => windows.filter((window) => !seen.has(nameOf(window)));
  // The minute that a check begins in holds windows that it leaves out.
  const isWhole = (start: number) => start >= since;

  return {
    range,
    takeWindows(stored) {
      for (const window of stored) {
        const { start, end, counts, revision } = window;
        const result = results.get(nameOf(window));
        if (!result && others.has(nameOf(window))) continue;
        if (result) seen.set(nameOf(window), window);
        const kind = result ? differenceOf(window, result) : 'unfounded';
        if (kind === undefined) continue;
        const counted = result && { counts: result.counted, revision: result.revision };
        differences.push({ kind, start, end, stored: { counts, revision }, counted });
      }
    },
    minutes: () => new Set(byMinute.entries().flatMap(([at, windows]) => (unseen(windows).length > 0 ? [at] : []))),
    takeMinutes(stored) {
      for (const { start, counts } of stored) sums.set(start, counts);
    },
    verdict() {
      const verdict: StoredVerdict = {
        windows: seen.size,
        rolledUp: 0,
        unchecked: 0,
        differences: [],
        values: new Map(),
      };
      for (const { counts } of seen.values()) addCounts(verdict.values, counts);
      const found = [...differences];
      // The oldest are pruned first: one that is missing behind a stored one was never stored, or not yet when it was
      // asked for, whatever the sums of its minute say by now.
      const firstEnd = seen.values().reduce((least, { end }) => Math.min(least, end), Number.POSITIVE_INFINITY);
      for (const [at, windows] of byMinute) {
        const unstored = unseen(windows).filter(({ end }) => end > firstEnd);
        const missing = unseen(windows).filter(({ end }) => end <= firstEnd);
        found.push(...unstored.map(missingFrom));
        if (missing.length === 0) continue;
        if (!isWhole(at)) {
          verdict.unchecked += missing.length;
          for (const { counted } of missing) addCounts(verdict.values, counted ?? new Map());
          continue;
        }
        const right = sumOf(windows.map(({ counted }) => counted));
        const present = sumOf(windows.map((window) => seen.get(nameOf(window))?.counts ?? new Map()));
        const stored = sums.get(at) ?? new Map<string, number>();
        addCounts(verdict.values, stored);
        addCounts(verdict.values, present, -1);
        // Whether they are in the sums is open.
        if (unstored.length > 0) continue;
        if (isSame(stored, right)) verdict.rolledUp += missing.length;
        else if (isSame(stored, present)) found.push(...missing.map(missingFrom));
        else found.push(differingMinute(at, stored, right));
      }
      verdict.differences = found.sort((a, b) => a.start - b.start || a.end - b.end);
      return verdict;
    },
  };
}

function differenceOf(
  stored: WindowCount,
  result: LedgerWindow & { counted: Counts },
): StoredDifferenceKind | undefined {
  if (stored.revision < result.revision) return 'behind';
  return stored.revision === result.revision && isSame(stored.counts, result.counted) ? undefined : 'counts';
}

const missingFrom = ({ start, end, counted, revision }: LedgerWindow): StoredDifference => ({
  kind: 'missing',
  start,
  end,
  stored: undefined,
  counted: { counts: counted ?? new Map(), revision },
});

const differingMinute = (start: number, stored: Counts, counted: Counts): StoredDifference => ({
  kind: 'sums',
  start,
  end: start + minute,
  stored: { counts: stored, revision: 0 },
  counted: { counts: counted, revision: 0 },
});

function sumOf(all: readonly Counts[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const counts of all) addCounts(sums, counts);
  return sums;
}

/** Whether every count is the same; one of none is like one that is not there. */
function isSame(a: Counts, b: Counts): boolean {
  const holds =
    (other: Counts) =>
    ([key, count]: [string, number]) =>
      (other.get(key) ?? 0) === count;
  return a.entries().every(holds(b)) && b.entries().every(holds(a));
}
