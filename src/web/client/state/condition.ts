import type { FeedState } from './feed.ts';

/** What the page tells its reader about itself; each is drawn. */
export type Condition = 'connecting' | 'empty' | 'live' | 'stale' | 'reconnecting' | 'failed';

// What is stale is marked within three seconds; drawing takes a part of them.
const grace = 1_800;
const leastStep = 1_000;
/** Newest windows of a pipeline that tell how often one comes. */
const lookedAt = 20;

/** How often windows come, ms: windows that overlap come more often than they are long. */
function stepOf({ pipelines, windows }: FeedState): number {
  const steps = pipelines.map(({ name, window }) => {
    const ends = (windows.get(name) ?? []).slice(-lookedAt).map(({ end }) => end);
    const between = ends.slice(1).map((end, index) => end - (ends[index] ?? end));
    return Math.min(window, ...between.filter((step) => step > 0));
  });
  return Math.max(leastStep, Math.min(...steps));
}

/** When the newest window will be stale unless another one comes, by the browser's clock. */
export const staleAt = (state: FeedState): number | undefined =>
  state.windowAt === undefined ? undefined : state.windowAt + stepOf(state) + grace;

/** The condition at a moment of the browser's clock. */
export function conditionOf(state: FeedState, now: number): Condition {
  const { link, sequence } = state;
  if (link.phase === 'failed') return 'failed';
  if (link.phase === 'waiting' || (link.phase === 'connecting' && link.attempt > 0)) return 'reconnecting';
  if (sequence === undefined) return 'connecting';
  const limit = staleAt(state);
  if (limit === undefined) return 'empty';
  return now >= limit ? 'stale' : 'live';
}

/** Whether windows that are this old (ms) when they come out are history that is being replayed: that is no delay. */
export const isReplay = (delay: number): boolean => delay >= 3_600_000;
