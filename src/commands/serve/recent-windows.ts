import type { Pipeline } from '../../records/pipelines.ts';
import type { SeriesQuery, WindowStore } from '../../records/window-store.ts';
import { memoryStore } from '../../store/memory.ts';

/** As many as pages begin with, with room. */
const capacity = 1_000;

/**
 * A store that keeps its newest windows in memory as well: pages and the terminal view ask for them all the time, and a
 * database would have to put thousands of rows together each time. Older ones, sums and totals it asks itself. Whoever
 * fills it has to put all that comes, beginning with what `positions` says.
 */
export function withRecentWindows(store: WindowStore, pipelines: readonly Pipeline[]): WindowStore {
  const recent = memoryStore({ capacity, keepsSums: false });
  let isFilled = false;
  const isOfRecent = ({ from, to, limit, resolution = 'window' }: SeriesQuery) =>
    isFilled &&
    resolution === 'window' &&
    from === undefined &&
    to === undefined &&
    (limit ?? capacity + 1) <= capacity;

  return {
    ...store,
    async positions() {
      // Asked for first: what is stored after them is put once more, and changes nothing.
      const positions = await store.positions();
      for (const { name } of pipelines) await recent.put(await store.series(name, { limit: capacity }));
      isFilled = true;
      return positions;
    },
    async put(windows, positions) {
      await store.put(windows, positions);
      await recent.put(windows);
    },
    series: (pipeline, query = {}) =>
      isOfRecent(query) ? recent.series(pipeline, query) : store.series(pipeline, query),
  };
}
