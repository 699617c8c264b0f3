import fc from 'fast-check';
import { builtInPipelines, type Pipeline } from '../../../src/records/pipelines.ts';
import type { WindowCount } from '../../../src/records/window-count.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { storedRanges } from '../../../src/web/history/stored-range.ts';
import { windowAt } from '../../store/_contract.ts';

const [first] = builtInPipelines;
if (!first) throw new Error('there is no pipeline');
export const gender: Pipeline = first;

/** Some day's midnight, in seconds. */
export const midnight = 1_700_006_400;

/** Seconds of three days that have windows: single ones and runs of them. */
const seconds = fc
  .array(fc.record({ at: fc.integer({ min: 0, max: 3 * 86_400 }), length: fc.integer({ min: 1, max: 90 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((runs) => [...new Set(runs.flatMap(({ at, length }) => Array.from({ length }, (_, index) => at + index)))]);

export const windowsOfDays = seconds.map((starts) =>
  starts.sort((a, b) => a - b).map((at) => windowAt(midnight + at, { 0: at % 7, [at % 3]: 1 + (at % 5) })),
);

/** A time of those days, epoch ms. */
export const timeOfDays = fc
  .integer({ min: -3_600_000, max: 3 * 86_400_000 + 200_000 })
  .map((at) => midnight * 1_000 + at);

/** What was counted in windows that start in `[from, to)`, added up one by one. */
export function addedUp(windows: readonly WindowCount[], from: number, to: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { start, counts } of windows) {
    if (start < from || start >= to) continue;
    for (const [key, count] of counts) if (count > 0) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

/** Counts without those that are 0. */
export const counted = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** A store with these windows, those before a time taken out. */
export async function storeOf(windows: readonly WindowCount[], prunedBefore?: number) {
  const store = memoryStore({ capacity: 100_000, mostCounts: 10_000_000 });
  await store.put(windows);
  if (prunedBefore !== undefined) await store.prune(prunedBefore);
  return { store, stored: await storedRanges(store)(gender) };
}
