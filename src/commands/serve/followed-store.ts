import type { WindowStore } from '../../records/window-store.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

interface FollowedStoreOptions {
  logger: Logger;
  clock?: Clock;
  signal: AbortSignal;
}

// A sink stores what it reads at most this much later, unless it has much to catch up with.
const patience = 5_000;
const [shortestPause, longestPause] = [10, 250];

/**
 * A store that somebody else fills: putting windows into it means waiting until they are there, so that whoever is told
 * of them finds them. When nobody seems to store them, that is said once, and they are only told of.
 */
export function followedStore(store: WindowStore, options: FollowedStoreOptions): WindowStore {
  const { logger, clock = systemClock, signal } = options;
  let isBehind = false;

  const isStored = async (positions: ReadonlyMap<string, number>) => {
    const stored = await store.positions();
    return positions.entries().every(([name, next]) => (stored.get(name) ?? 0) >= next);
  };

  return {
    ...store,
    async put(windows, positions = new Map()) {
      if (windows.length === 0) return;
      // Once it has been said, whoever watches the pages should not wait for it each time.
      const deadline = clock.now() + (isBehind ? 0 : patience);
      for (let pause = shortestPause; !(await isStored(positions)); pause = Math.min(longestPause, pause * 2)) {
        if (signal.aborted) return;
        if (clock.now() < deadline) {
          await clock.sleepUntil(clock.now() + pause, signal);
          continue;
        }
        if (!isBehind) logger.warn('windows come that nobody stores; is "dashctl sink" running with this --store?');
        isBehind = true;
        return;
      }
      if (isBehind) logger.info('windows are stored again');
      isBehind = false;
    },
    prune: async () => 0,
    close: () => store.close(),
  };
}
