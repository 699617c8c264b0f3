import type { LedgerWindow, RevisionFault, WindowLedger } from './window-ledger.ts';

/** What is wrong with a window: its counts, that it has no result, or no records; or that a revision came out twice or never did. */
export type DifferenceKind = 'counts' | 'missing' | 'unfounded' | RevisionFault['kind'];

export interface WindowDifference {
  kind: DifferenceKind;
  window: LedgerWindow;
  /** Of a revision that came twice or after one that never did. */
  fault?: RevisionFault;
}

/** Records of one value, summed over windows. */
export interface ValueSums {
  /** In the source topic. */
  source: number;
  /** In the results. */
  windows: number;
  /** In windows that could not be out yet. */
  open: number;
  /** Missing from the results because they came too late. */
  late: number;
}

export interface WindowsVerdict {
  /** Windows with a result, and how many of these were corrected. */
  windows: number;
  corrected: number;
  open: { windows: number; records: number /** End of the first, epoch ms. */; firstEnd: number };
  late: {
    /** Dropped as too late, as the results tell. */
    told: number;
    /** Missing from windows that are otherwise right. */
    missing: number;
    /** Whether the one explains the other. */
    agrees: boolean;
  };
  /** In ascending order of windows. */
  differences: WindowDifference[];
  /** How many of the differences a result that is still to come can mend: windows without one, or with too few records. */
  mendable: number;
  values: Map<string, ValueSums>;
}

export interface Comparison {
  /** Wall-clock time, epoch ms: a window without a result is open until it is over. */
  now: number;
  /** Windows that start before it are left out, epoch ms. */
  since: number;
  /** Records dropped as too late in that time, by the results. */
  lateDropped: number;
  /** Revisions that were replaced may have been removed since, so that one that is not there means nothing. */
  compacted: boolean;
}

/** How long after the end of a window its result may still be on its way, in ms. */
export const grace = 1_000;

/**
 * Compares each window of a ledger with its result.
 *
 * A record that came too late is in no result. The results tell how many there were, not which: windows that lack as
 * many records as were dropped, and are right otherwise, are taken as explained.
 */
export function compareWindows(ledger: WindowLedger, comparison: Comparison): WindowsVerdict {
  const { now, since, lateDropped, compacted } = comparison;
  const values = new Map<string, ValueSums>();
  const open = { windows: 0, records: 0, firstEnd: Number.POSITIVE_INFINITY };
  const differences: WindowDifference[] = [];
  const short: WindowDifference[] = [];
  let [windows, corrected, missing] = [0, 0, 0];

  for (const window of ledger.windows()) {
    if (!window.asked || window.start < since) continue;
    const isOpen = window.counted === undefined && window.end + grace > now;
    const { more, fewer } = addUp(values, window, isOpen);
    if (isOpen) {
      open.windows += 1;
      open.records += fewer;
      open.firstEnd = Math.min(open.firstEnd, window.end);
      continue;
    }
    if (window.counted) windows += 1;
    if (window.revision > 0) corrected += 1;
    if (more > 0) differences.push({ kind: window.expected.size === 0 ? 'unfounded' : 'counts', window });
    else if (fewer > 0) {
      missing += fewer;
      short.push({ kind: window.counted ? 'counts' : 'missing', window });
    }
  }
  // Where the check begins in mid-topic, records that belong to windows before it may have been dropped since.
  const agrees = missing === lateDropped || (missing < lateDropped && since > Number.NEGATIVE_INFINITY);
  if (agrees) for (const { window } of short) markLate(values, window);
  else differences.push(...short);
  differences.push(...faultsOf(ledger, since).filter(({ kind }) => !compacted || kind !== 'skipped'));
  differences.sort((a, b) => a.window.start - b.window.start || a.window.end - b.window.end);
  const late = { told: lateDropped, missing, agrees };
  return { windows, corrected, open, late, differences, mendable: agrees ? 0 : short.length, values };
}

const sumsOf = (values: Map<string, ValueSums>, value: string): ValueSums => {
  let sums = values.get(value);
  if (!sums) {
    sums = { source: 0, windows: 0, open: 0, late: 0 };
    values.set(value, sums);
  }
  return sums;
};

/** Adds a window to the sums; returns how many records its result has more, and how many fewer, than it should. */
function addUp(values: Map<string, ValueSums>, { expected, counted }: LedgerWindow, isOpen: boolean) {
  let [more, fewer] = [0, 0];
  for (const [value, count] of expected) {
    const result = counted?.get(value) ?? 0;
    const sums = sumsOf(values, value);
    sums.source += count;
    sums.windows += result;
    if (isOpen) sums.open += count;
    more += Math.max(0, result - count);
    fewer += Math.max(0, count - result);
  }
  if (counted && counted !== expected) {
    for (const [value, result] of counted) {
      if (expected.has(value) || result === 0) continue;
      sumsOf(values, value).windows += result;
      more += result;
    }
  }
  return { more, fewer };
}

function markLate(values: Map<string, ValueSums>, { expected, counted }: LedgerWindow): void {
  for (const [value, count] of expected) sumsOf(values, value).late += count - (counted?.get(value) ?? 0);
}

function faultsOf(ledger: WindowLedger, since: number): WindowDifference[] {
  if (ledger.faults.length === 0) return [];
  const byPlace = new Map([...ledger.windows()].map((window) => [`${window.start}/${window.end}`, window]));
  return ledger.faults.flatMap((fault) => {
    const window = byPlace.get(`${fault.start}/${fault.end}`);
    return window?.asked && window.start >= since ? [{ kind: fault.kind, window, fault }] : [];
  });
}
