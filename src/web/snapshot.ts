import type { Pipeline } from '../records/pipelines.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { PipelineTotals, WindowStore } from '../records/window-store.ts';
import {
  type PipelineInfo,
  protocolVersion,
  type SnapshotMessage,
  type TotalsView,
  type WindowPoint,
} from './messages.ts';

/** What a page needs to know of a pipeline. */
export const infoOf = ({ name, title, window, labels, unknown }: Pipeline): PipelineInfo => ({
  name,
  title,
  window,
  labels,
  unknown,
});

/** A window as it is told to pages. */
export const pointOf = ({ start, end, revision, counts }: WindowCount): WindowPoint => ({
  start,
  end,
  revision,
  counts: Object.fromEntries(counts),
});

/** Totals as they are told to pages. */
export const totalsOf = ({ counts, windows, lateDropped }: PipelineTotals): TotalsView => ({
  counts: Object.fromEntries(counts),
  windows,
  lateDropped,
});

// Counts of one pipeline that a snapshot may hold. A pipeline of three keys gets its whole quarter of an hour, one of
// a thousand keys a few windows: what a page draws of those are totals.
const mostCounts = 3_000;

function withinBudget(windows: readonly WindowCount[]): readonly WindowCount[] {
  let left = mostCounts;
  let first = windows.length;
  for (; first > 0; first--) {
    left -= windows[first - 1]?.counts.size ?? 0;
    if (left < 0) break;
  }
  // The newest window is always told, however many keys it has.
  return windows.slice(Math.min(first, Math.max(0, windows.length - 1)));
}

/** The part of a snapshot that comes from the store. */
export async function snapshotOf(
  store: WindowStore,
  pipelines: readonly Pipeline[],
  history: number,
): Promise<Omit<SnapshotMessage, 'stream' | 'sequence' | 'time' | 'status' | 'delay'>> {
  const windows: Record<string, WindowPoint[]> = {};
  const totals: Record<string, TotalsView> = {};
  for (const { name } of pipelines) {
    windows[name] = withinBudget(await store.series(name, { limit: history })).map(pointOf);
    totals[name] = totalsOf(await store.totals(name));
  }
  return { type: 'snapshot', version: protocolVersion, pipelines: pipelines.map(infoOf), history, windows, totals };
}

/**
 * Tells what changed in the totals of pipelines since it was last asked, with 0 for keys that are gone. The first time
 * everything counts as changed.
 */
export function totalsChanges(
  store: WindowStore,
): (pipelines: Iterable<string>) => Promise<Record<string, TotalsView>> {
  const told = new Map<string, TotalsView>();
  return async (pipelines) => {
    const changed: Record<string, TotalsView> = {};
    for (const name of new Set(pipelines)) {
      const view = totalsOf(await store.totals(name));
      changed[name] = changeOf(told.get(name), view);
      told.set(name, view);
    }
    return changed;
  };
}

function changeOf(before: TotalsView | undefined, now: TotalsView): TotalsView {
  if (!before) return now;
  const changed = Object.entries(now.counts).filter(([key, count]) => before.counts[key] !== count);
  const gone = Object.keys(before.counts).filter((key) => !Object.hasOwn(now.counts, key));
  return { ...now, counts: Object.fromEntries([...changed, ...gone.map((key): [string, number] => [key, 0])]) };
}
