import { Icon } from '../../components/icons.tsx';
import type { FeedSocket } from '../../state/feed-socket.ts';
import type { TablesWords } from './words.ts';

interface LiveProps {
  feed: FeedSocket;
  paused: boolean;
  follows: boolean;
  scrolled: boolean;
  t: TablesWords;
}

/** Whether new windows appear in the table, why not, and the switch. */
export function Live({ feed, paused, follows, scrolled, t }: LiveProps) {
  const moving = scrolled ? t.scrolledState : t.following;
  return (
    <span className="tables-live" data-state={paused ? 'paused' : undefined}>
      <span>{paused ? t.pausedState : follows ? moving : t.fixedState}</span>
      <button
        type="button"
        aria-label={paused ? t.resume : t.pause}
        onClick={() => (paused ? feed.resume() : feed.pause())}
      >
        <Icon name={paused ? 'resume' : 'pause'} />
      </button>
    </span>
  );
}
