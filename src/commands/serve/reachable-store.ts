import type { WindowStore } from '../../records/window-store.ts';
import { isPassing } from '../../store/store-errors.ts';

/** A store, and whether it answered when it was last asked. */
export interface ReachableStore {
  store: WindowStore;
  readonly reachable: boolean;
}

/** Watches the calls of a store that come again and again. */
export function reachableStore(store: WindowStore): ReachableStore {
  let reachable = true;
  const watched =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        const result = await call(...args);
        reachable = true;
        return result;
      } catch (error) {
        // Others last, and end the stage.
        if (isPassing(error)) reachable = false;
        throw error;
      }
    };
  return {
    store: {
      ...store,
      put: watched(store.put),
      positions: watched(store.positions),
      series: watched(store.series),
      count: watched(store.count),
      totals: watched(store.totals),
    },
    get reachable() {
      return reachable;
    },
  };
}
