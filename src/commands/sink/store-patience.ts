import { type Clock, systemClock } from '../../runtime/clock.ts';
import { withHint } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { isPassing } from '../../store/store-errors.ts';

const [shortestPause, longestPause] = [250, 5_000];

/**
 * Does what needs a database, again and again while that is away, and says so once. Resolves with false when the signal
 * aborts and the database is still not there.
 * @throws what lasts, such as a full disk.
 */
export async function withPatience(
  work: () => Promise<void>,
  { logger, clock = systemClock }: { logger: Logger; clock?: Clock | undefined },
  signal: AbortSignal,
): Promise<boolean> {
  let since: number | undefined;
  for (let pause = shortestPause; ; pause = Math.min(longestPause, pause * 2)) {
    // Asked before the work: a stop that comes meanwhile still gets a last try.
    const isLast = signal.aborted;
    try {
      await work();
      if (since !== undefined) {
        logger.info(`the store is back after ${((performance.now() - since) / 1_000).toFixed(1)} s`);
      }
      return true;
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (since === undefined) {
        logger.warn(`${withHint(error)}; waiting for it, nothing is lost meanwhile`);
      }
      since ??= performance.now();
    }
    if (isLast) return false;
    await clock.sleepUntil(clock.now() + pause, signal);
  }
}
