import { pageNames } from '../../page-names.ts';
import { type Condition, isReplay } from '../state/condition.ts';
import type { FeedState } from '../state/feed.ts';
import type { Language } from '../state/figures.ts';
import { formatSpan, formatTime, formatWait, formatZone } from '../state/format.ts';
import type { Navigation } from '../state/route.ts';
import type { Words } from '../state/words.ts';
import { Icon, type IconName } from './icons.tsx';
import { PageLink } from './page-link.tsx';
import { useSettings } from './settings.ts';
import { useMarks } from './use-alerts.ts';

export interface HeaderActions {
  pause: () => void;
  alerts: () => void;
  language: () => void;
  theme: () => void;
  fullscreen: () => void;
  help: () => void;
  leaveKiosk: () => void;
}

interface HeaderProps {
  condition: Condition;
  state: FeedState;
  now: number;
  navigation: Navigation;
  fullscreen: { possible: boolean; on: boolean };
  kiosk: boolean;
  actions: HeaderActions;
}

export function Header({ condition, state, now, navigation, fullscreen, kiosk, actions }: HeaderProps) {
  const { t } = useSettings();
  return (
    <header className="header">
      <h1>{t.title}</h1>
      {!kiosk && (
        <nav aria-label={t.pages}>
          {pageNames.map((name) => (
            <PageLink key={name} page={name} navigation={navigation}>
              {t.pageNames[name]}
            </PageLink>
          ))}
        </nav>
      )}
      <Live condition={condition} state={state} now={now} />
      <time className="clock">
        {formatTime(now)} <small>{formatZone(now)}</small>
      </time>
      {kiosk ? (
        <button type="button" className="button leave-kiosk" onClick={actions.leaveKiosk}>
          {t.leaveKiosk}
        </button>
      ) : (
        <Controls paused={state.paused} fullscreen={fullscreen} actions={actions} />
      )}
    </header>
  );
}

/** The light of the connection, in words too. */
function Live({ condition, state, now }: Pick<HeaderProps, 'condition' | 'state' | 'now'>) {
  const { t, language } = useSettings();
  const isMarked = useMarks();
  const marked = isMarked({ kind: 'delay' }) || isMarked({ kind: 'quiet' });
  const [word, detail] = liveTexts(condition, state, now, t, language);
  return (
    <div className={`live dotted live-${state.paused && condition === 'live' ? 'paused' : condition}`}>
      <span className="live-dot" aria-hidden="true" />
      <output>{word}</output>
      {detail && <span className={marked ? 'live-detail marked' : 'live-detail'}>{detail}</span>}
    </div>
  );
}

function liveTexts(
  condition: Condition,
  { delay, windowAt, paused }: FeedState,
  now: number,
  t: Words,
  language: Language,
): [word: string, detail?: string] {
  if (condition === 'stale') return [t.stale, formatWait(now - (windowAt ?? now), language)];
  if (condition !== 'live') return [t[condition]];
  if (paused) return [t.paused];
  if (delay === undefined) return [t.live];
  return isReplay(delay) ? [t.replay] : [t.live, `${t.delay} ${formatSpan(delay, language)}`];
}

function Controls({ paused, fullscreen, actions }: Pick<HeaderProps, 'fullscreen' | 'actions'> & { paused: boolean }) {
  const { t, language, theme } = useSettings();
  const button = (icon: IconName, name: string, onClick: () => void, className = '') => (
    <button type="button" className={`icon-button ${className}`} onClick={onClick} aria-label={name} title={name}>
      <Icon name={icon} />
    </button>
  );
  return (
    <div className="controls">
      <button type="button" className="language" onClick={actions.language} aria-label={`中 / EN: ${t.language}`}>
        <span data-current={language === 'zh'}>中</span> / <span data-current={language === 'en'}>EN</span>
      </button>
      {button(paused ? 'resume' : 'pause', paused ? t.resume : t.pause, actions.pause)}
      {button('bell', t.alertRules, actions.alerts)}
      {button('theme', theme === 'dark' ? t.light : t.dark, actions.theme)}
      {fullscreen.possible &&
        button(
          fullscreen.on ? 'leaveFullscreen' : 'enterFullscreen',
          fullscreen.on ? t.leaveFullscreen : t.enterFullscreen,
          actions.fullscreen,
          'fullscreen',
        )}
      {button('help', t.help, actions.help, 'help')}
    </div>
  );
}
