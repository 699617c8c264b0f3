import { oldestStart } from '../../records/stored-windows.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { withHint } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { isPassing } from '../../store/store-errors.ts';

export interface RetentionOptions {
  store: WindowStore;
  /** Windows are kept for so long after their end, in ms. */
  retain: number;
  logger: Logger;
  clock?: Clock | undefined;
}

const interval = 60_000;
/** A stop waits for so much at most, in ms of windows. */
const step = 3_600_000;

/**
 * Takes windows out of a store that are older than they need to be kept, until the signal aborts: at once, then every
 * minute. It works beside whoever writes, whose turn comes after each of the store's small transactions.
 */
export async function keepRetention(options: RetentionOptions, signal: AbortSignal): Promise<void> {
  const { store, retain, logger, clock = systemClock } = options;
  let pruned: number | undefined;
  while (!signal.aborted) {
    const before = clock.now() - retain;
    try {
      pruned ??= await oldestOf(store, before);
      let windows = 0;
      while (pruned < before && !signal.aborted) {
        const until = Math.min(pruned + step, before);
        windows += await store.prune(until);
        pruned = until;
      }
      if (windows > 0) logger.debug(`took out ${windows} windows, which stay in the sums per minute and hour`);
    } catch (error) {
      // Storing goes on or waits by its own rules; what is too old now still is in a minute.
      const line = `windows older than --retain were not taken out: ${withHint(error)}`;
      if (isPassing(error)) logger.debug(line);
      else logger.warn(line);
    }
    await clock.sleepUntil(clock.now() + interval, signal);
  }
}

/** Where the first window of all starts that may be too old. */
async function oldestOf(store: WindowStore, before: number): Promise<number> {
  const starts: number[] = [];
  for (const pipeline of await store.pipelines()) {
    const [newest] = await store.series(pipeline, { to: before, limit: 1 });
    if (newest) starts.push(await oldestStart(store, pipeline, newest.start));
  }
  return Math.min(before, ...starts);
}
