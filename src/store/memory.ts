import type { WindowStore } from '../records/window-store.ts';
import { type KeptWindows, keptWindows } from './kept-windows.ts';

export interface MemoryStoreOptions {
  /** Windows kept of each pipeline; an hour of one-second windows unless told otherwise. */
  capacity?: number;
  /** Counts kept in the windows of a pipeline together: windows with many keys are kept for less long. */
  mostCounts?: number;
  /** Whether windows that are no longer kept stay as sums per minute and hour; nobody may ask for those otherwise. */
  keepsSums?: boolean;
}

/**
 * Keeps the newest windows of each pipeline in memory, and the totals over all that it has ever been given.
 * Totals stay exact through corrections, since a window that can still be corrected is still kept: the allowed
 * lateness is a minute, the capacity an hour. A window older than all that is kept could be new or a repetition;
 * it is left out and counted as ignored. Windows that are no longer kept stay as sums per minute and hour. Of windows
 * that overlap, totals are made of those that hold each record once.
 */
export function memoryStore(options: MemoryStoreOptions = {}): WindowStore {
  const { capacity = 3_600, mostCounts = 400_000, keepsSums = true } = options;
  const pipelines = new Map<string, KeptWindows>();
  const stored = new Map<string, number>();
  return {
    async put(windows, positions = new Map()) {
      for (const window of windows) {
        const kept = pipelines.get(window.pipeline) ?? keptWindows({ capacity, mostCounts, keepsSums });
        pipelines.set(window.pipeline, kept);
        kept.put(window);
      }
      for (const [partition, position] of positions) stored.set(partition, position);
    },
    positions: async () => new Map(stored),
    series: async (pipeline, query = {}) => pipelines.get(pipeline)?.series(pipeline, query) ?? [],
    count: async (pipeline, query = {}) => pipelines.get(pipeline)?.series(pipeline, query).length ?? 0,
    totals: async (pipeline) =>
      pipelines.get(pipeline)?.totals() ?? { counts: new Map(), windows: 0, lateDropped: 0, ignored: 0 },
    pipelines: async () => [...pipelines.keys()].sort(),
    prune: async (before) => pipelines.values().reduce((sum, kept) => sum + kept.prune(before), 0),
    close: async () => pipelines.clear(),
  };
}
