import { useEffect, useState } from 'react';
import { pageNames } from '../../page-names.ts';
import type { Condition } from '../state/condition.ts';
import type { FeedState } from '../state/feed.ts';
import type { Language } from '../state/figures.ts';
import { formatSpan, formatTime, formatWait } from '../state/format.ts';
import type { Navigation } from '../state/route.ts';
import type { Words } from '../state/words.ts';
import { Icon } from './icons.tsx';
import { PageLink } from './page-link.tsx';
import { useSettings } from './settings.ts';

interface HeaderProps {
  condition: Condition;
  state: FeedState;
  now: number;
  navigation: Navigation;
  onLanguage: () => void;
  onTheme: () => void;
}

// Windows that are this old when they come out are history that is being replayed; how old is no delay then.
const replayFrom = 3_600_000;

export function Header({ condition, state, now, navigation, onLanguage, onTheme }: HeaderProps) {
  const { t, language, theme } = useSettings();
  return (
    <header className="header">
      <h1>{t.title}</h1>
      <nav aria-label={t.pages}>
        {pageNames.map((name) => (
          <PageLink key={name} page={name} navigation={navigation}>
            {t.pageNames[name]}
          </PageLink>
        ))}
      </nav>
      <output className={`live dotted live-${condition}`}>
        <span className="live-dot" aria-hidden="true" />
        {liveTexts(condition, state, now, t, language).map((text) => (
          <span key={text}>{text}</span>
        ))}
      </output>
      <time className="clock">{formatTime(now)}</time>
      <button type="button" className="language" onClick={onLanguage} aria-label={t.language}>
        <span data-current={language === 'zh'}>中</span> / <span data-current={language === 'en'}>EN</span>
      </button>
      <button type="button" onClick={onTheme} aria-label={theme === 'dark' ? t.light : t.dark}>
        <Icon name="theme" />
      </button>
      <FullscreenButton />
    </header>
  );
}

function liveTexts(
  condition: Condition,
  { delay, windowAt }: FeedState,
  now: number,
  t: Words,
  language: Language,
): string[] {
  if (condition === 'stale') return [`${t.stale} ${formatWait(now - (windowAt ?? now), language)}`];
  if (condition !== 'live') return [t[condition]];
  if (delay === undefined) return [t.live];
  return delay >= replayFrom ? [t.replay] : [t.live, `${t.delay} ${formatSpan(delay, language)}`];
}

function FullscreenButton() {
  const { t } = useSettings();
  const [full, setFull] = useState(false);
  useEffect(() => {
    const onChange = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', onChange);
    return () => document.removeEventListener('fullscreenchange', onChange);
  }, []);
  if (!document.fullscreenEnabled) return null;
  const toggle = () => (full ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  return (
    <button
      type="button"
      className="fullscreen"
      // A browser may refuse; then the page stays as it is, and so does the button.
      onClick={() => toggle().catch(() => undefined)}
      aria-label={full ? t.leaveFullscreen : t.enterFullscreen}
    >
      <Icon name={full ? 'leaveFullscreen' : 'enterFullscreen'} />
    </button>
  );
}
