import { totalOf } from '../../records/counts.ts';
import { storedWindows } from '../../records/stored-windows.ts';
import type { WindowStore } from '../../records/window-store.ts';
import type { Clock } from '../../runtime/clock.ts';
import { DashctlError } from '../../runtime/errors.ts';
import {
  type StoredDifference,
  type StoredDifferenceKind,
  type StoredVerdict,
  storedComparison,
} from '../../window/compare-stored.ts';
import type { WindowLedger } from '../../window/window-ledger.ts';

export interface StoredCheckOptions {
  store: WindowStore;
  /** What the store calls the pipeline. */
  pipeline: string;
  ledger: WindowLedger;
  /** Windows that start before it are left out, epoch ms. */
  since: number;
  /** How long to wait for windows that are still to be stored, in ms. What is waited is taken off. */
  patience: { left: number };
  clock: Clock;
}

const pause = 200;

/** What a sink that is behind can still mend. */
const mendable: ReadonlySet<StoredDifferenceKind> = new Set(['missing', 'behind']);

/**
 * Compares the results of a pipeline with what a store holds of them.
 * @throws DashctlError of the store, `INTERRUPTED` when the signal aborts.
 */
export async function checkStored(options: StoredCheckOptions, signal: AbortSignal): Promise<StoredVerdict> {
  const { patience, clock } = options;
  const deadline = clock.now() + patience.left;
  for (;;) {
    const verdict = await compareOnce(options, signal);
    const { differences } = verdict;
    const isMended = differences.length === 0 || !differences.every(({ kind }) => mendable.has(kind));
    patience.left = Math.max(0, deadline - clock.now());
    if (isMended || patience.left === 0) return verdict;
    await clock.sleepUntil(Math.min(deadline, clock.now() + pause), signal);
  }
}

async function compareOnce({ store, pipeline, ledger, since }: StoredCheckOptions, signal: AbortSignal) {
  const comparison = storedComparison(ledger, since);
  const { from, to } = comparison.range;
  if (from >= to) return comparison.verdict();
  for await (const page of storedWindows(store, pipeline, { from, to })) {
    requireGoingOn(signal, pipeline);
    comparison.takeWindows(page);
  }
  const minutes = comparison.minutes();
  if (minutes.size > 0) {
    const span = { from: Math.min(...minutes), to: Math.max(...minutes) + 1 };
    for await (const page of storedWindows(store, pipeline, { ...span, resolution: 'minute' })) {
      requireGoingOn(signal, pipeline);
      comparison.takeMinutes(page.filter(({ start }) => minutes.has(start)));
    }
  }
  return comparison.verdict();
}

function requireGoingOn(signal: AbortSignal, pipeline: string): void {
  if (signal.aborted) throw new DashctlError('INTERRUPTED', `interrupted while reading what is stored of ${pipeline}`);
}

/** A difference between store and results in one line. */
export function storedDifferenceText(difference: StoredDifference, resultTopic: string): string {
  const { kind, start, end, stored, counted } = difference;
  const window = `window ${start}/${end}`;
  if (kind === 'missing') return `${window} of ${resultTopic} is not stored`;
  if (kind === 'unfounded')
    return `${window} is stored with ${total(stored)} records, but ${resultTopic} has no such window`;
  if (kind === 'behind') {
    return `${window} is stored with revision ${stored?.revision}, ${resultTopic} has revision ${counted?.revision}`;
  }
  const [value = '', right = 0, wrong = 0] = differingValues(difference)[0] ?? [];
  if (kind === 'sums') {
    return `the minute ${new Date(start).toISOString()}, whose windows were pruned, is stored with ${wrong} of "${value}", ${resultTopic} has ${right}`;
  }
  const revisions = `revision ${stored?.revision}, ${resultTopic} has revision ${counted?.revision}`;
  if (stored?.revision !== counted?.revision) return `${window} is stored with ${revisions}`;
  return `${window} is stored with ${wrong} of "${value}", ${resultTopic} has ${right}`;
}

/** What to do about it. */
export function storedHint({ kind, stored, counted }: StoredDifference, { windows }: StoredVerdict): string {
  if (kind === 'missing' && windows === 0)
    return 'is this the --store of "dashctl sink"? --until-end stores what is there';
  if (kind === 'missing' || kind === 'behind') return 'is "dashctl sink" running? --wait gives it more time';
  if (kind === 'sums') return 'did corrections come after --retain? keep windows for longer than they may be corrected';
  if (kind === 'counts' && (stored?.revision ?? 0) > (counted?.revision ?? 0))
    return 'is it still being counted? try again';
  return 'does something else write to this store, or do several clusters share it?';
}

/** The values whose counts differ: value, count by the result, count by the store. */
export function differingValues({ stored, counted }: StoredDifference): [string, number, number][] {
  const values = new Set([...(counted?.counts.keys() ?? []), ...(stored?.counts.keys() ?? [])]);
  return [...values]
    .map((value): [string, number, number] => [value, counted?.counts.get(value) ?? 0, stored?.counts.get(value) ?? 0])
    .filter(([, right, wrong]) => right !== wrong)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

const total = (stored: StoredDifference['stored']) => (stored ? totalOf(stored.counts) : 0);
