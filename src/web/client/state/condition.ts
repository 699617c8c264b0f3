import type { FeedState } from './feed.ts';

/** What the page tells its reader about itself; each is drawn. */
export type Condition = 'connecting' | 'empty' | 'live' | 'stale' | 'reconnecting' | 'failed';

const leastQuiet = 3_000;

/** How long no window may come before the page says so: three windows, and three seconds at least. */
const quietLimit = ({ pipelines }: FeedState) =>
  Math.max(leastQuiet, 3 * Math.min(...pipelines.map(({ window }) => window)));

/** The condition at a moment of the browser's clock. */
export function conditionOf(state: FeedState, now: number): Condition {
  const { link, sequence, windowAt } = state;
  if (link.phase === 'failed') return 'failed';
  if (link.phase === 'waiting' || (link.phase === 'connecting' && link.attempt > 0)) return 'reconnecting';
  if (sequence === undefined) return 'connecting';
  if (windowAt === undefined) return 'empty';
  return now - windowAt > quietLimit(state) ? 'stale' : 'live';
}
