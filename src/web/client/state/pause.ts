import type { WindowPoint } from '../../messages.ts';
import type { FeedState } from './feed.ts';

/** What a reader who has paused goes on looking at, and how many windows of each pipeline came meanwhile. */
export interface Pause {
  held: Pick<FeedState, 'pipelines' | 'history' | 'windows' | 'totals'>;
  came: ReadonlyMap<string, number>;
}

/** Holds what is known now. */
export const pauseAt = ({ pipelines, history, windows, totals }: FeedState): Pause => ({
  held: { pipelines, history, windows, totals },
  came: new Map(),
});

/** The pause after something new is known. */
export function pauseAfter(pause: Pause, before: FeedState, after: FeedState): Pause {
  if (before.windows === after.windows) return pause;
  const came = new Map(pause.came);
  for (const [name, windows] of after.windows) {
    const newer = countAfter(windows, before.windows.get(name)?.at(-1)?.end);
    if (newer > 0) came.set(name, (came.get(name) ?? 0) + newer);
  }
  return { ...pause, came };
}

/** What the page shows while it is paused: numbers stand still, what it tells of its connection does not. */
export const shownDuring = (pause: Pause, known: FeedState): FeedState => ({
  ...known,
  ...pause.held,
  paused: true,
  // Pipelines count the same seconds.
  waiting: Math.max(0, ...pause.came.values()),
});

const countAfter = (windows: readonly WindowPoint[], end = Number.NEGATIVE_INFINITY): number =>
  windows.length - 1 - windows.findLastIndex((window) => window.end <= end);
