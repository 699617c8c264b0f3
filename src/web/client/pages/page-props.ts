import type { Condition } from '../state/condition.ts';
import type { FeedState } from '../state/feed.ts';
import type { FeedSocket } from '../state/feed-socket.ts';
import type { Navigation } from '../state/route.ts';

/** What every page is given. */
export interface PageProps {
  feed: FeedSocket;
  state: FeedState;
  condition: Condition;
  /** The browser's clock, epoch ms, renewed each second. */
  now: number;
  navigation: Navigation;
}
