import { useEffect, useState, useSyncExternalStore } from 'react';
import { BigScreen } from './components/big-screen.tsx';
import { Header } from './components/header.tsx';
import { PipelineLine } from './components/pipeline-line.tsx';
import { Settings } from './components/settings.ts';
import { currentTheme, keepLanguage, keepTheme, onSystemTheme, startLanguage, type Theme } from './preferences.ts';
import { conditionOf } from './state/condition.ts';
import type { FeedSocket } from './state/feed-socket.ts';
import type { Language } from './state/figures.ts';
import { words } from './state/words.ts';
import { useNow } from './use-now.ts';

/** The page: header, big screen, pipeline line. */
export function App({ feed }: { feed: FeedSocket }) {
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  const now = useNow(1_000);
  const [language, setLanguage] = useState(startLanguage);
  const [theme, setTheme] = useState(currentTheme);
  const t = words[language];
  const condition = conditionOf(state, now);

  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = t.title;
  }, [language, t]);
  useEffect(() => onSystemTheme(() => setTheme(currentTheme())), []);

  const chooseTheme = (chosen: Theme) => {
    keepTheme(chosen);
    setTheme(chosen);
  };
  const chooseLanguage = (chosen: Language) => {
    keepLanguage(chosen);
    setLanguage(chosen);
  };

  // Children read colours from the style sheet while they render, so it is set before them, not in an effect after.
  document.documentElement.dataset.theme = theme;
  return (
    <Settings value={{ language, theme, t }}>
      <div className="page" data-condition={condition}>
        <Header
          condition={condition}
          state={state}
          now={now}
          onLanguage={() => chooseLanguage(language === 'zh' ? 'en' : 'zh')}
          onTheme={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
        />
        <BigScreen state={state} condition={condition} now={now} onReconnect={feed.reconnect} />
        <PipelineLine state={state} condition={condition} now={now} />
      </div>
    </Settings>
  );
}
