import type { Condition } from '../state/condition.ts';
import type { FeedState } from '../state/feed.ts';
import type { Language } from '../state/figures.ts';
import { formatWait } from '../state/format.ts';
import type { Words } from '../state/words.ts';
import { useSettings } from './settings.ts';

interface NoticeProps {
  condition: Exclude<Condition, 'live'>;
  state: FeedState;
  now: number;
  onReconnect: () => void;
  /** Over panels that still show what was known, or in their place. */
  over: boolean;
}

/** Why nothing moves, in a sentence, and what to do about it. */
export function Notice({ condition, state, now, onReconnect, over }: NoticeProps) {
  const { t, language } = useSettings();
  const [what, todo] = sentences(condition, state, now, t, language);
  return (
    <div className={over ? 'notice notice-over' : 'notice'} role="status" data-condition={condition}>
      {!over && <Sketch />}
      <div>
        <strong>{what}</strong>
        <p>{todo}</p>
        {condition === 'empty' && <code>dashctl up data/user_log.csv</code>}
      </div>
      {condition === 'reconnecting' && (
        <button type="button" onClick={onReconnect}>
          {t.retryNow}
        </button>
      )}
      {condition === 'failed' && (
        <button type="button" onClick={() => location.reload()}>
          {t.reload}
        </button>
      )}
    </div>
  );
}

function sentences(
  condition: Exclude<Condition, 'live'>,
  { link, windowAt }: FeedState,
  now: number,
  t: Words,
  language: Language,
): string[] {
  if (condition === 'connecting') return t.noticeConnecting;
  if (condition === 'empty') return t.noticeEmpty;
  if (condition === 'stale') return t.noticeStale(formatWait(now - (windowAt ?? now), language));
  if (condition === 'failed') return link.phase === 'failed' && link.reason === 'full' ? t.noticeFull : t.noticeVersion;
  return t.noticeReconnecting(link.phase === 'waiting' ? Math.max(1, Math.ceil((link.retryAt - now) / 1_000)) : 0);
}

/** The chart that will be here. */
function Sketch() {
  return (
    <svg className="sketch" viewBox="0 0 320 96" aria-hidden="true">
      <path className="sketch-axis" d="M1 8v80h318" />
      <path className="legend-female" d="M8 64c44 0 52-40 96-40s60 24 100 16 60-28 108-12" />
      <path className="legend-male" d="M8 72c40 0 64-16 104-16s60 20 96 20 64-24 104-20" />
    </svg>
  );
}
