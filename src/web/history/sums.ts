import { addCounts } from '../../records/counts.ts';
import { windowsWithin } from '../../records/stored-windows.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { piecesOf } from './pieces.ts';
import { type StoredRange, withinStored } from './stored-range.ts';

export interface RangeSums {
  from: number | null;
  to: number | null;
  counts: ReadonlyMap<string, number>;
}

/** What was counted in a time: in windows that start in it, and where those are gone in the minutes or hours that do. */
export async function readSums(
  store: WindowStore,
  pipeline: string,
  stored: StoredRange | undefined,
  asked: { from?: number | undefined; to?: number | undefined },
): Promise<RangeSums> {
  if (!stored) return { from: null, to: null, counts: new Map() };
  const { from, to, pieces } = piecesOf(asked.from ?? stored.from, asked.to ?? stored.to, stored);
  const counts = new Map<string, number>();
  for (const piece of pieces) {
    const range = { ...withinStored(stored, piece), resolution: piece.resolution };
    for await (const page of windowsWithin(store, pipeline, range)) {
      for (const window of page) addCounts(counts, window.counts);
    }
  }
  return { from, to, counts };
}
