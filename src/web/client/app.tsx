import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { Header } from './components/header.tsx';
import { PipelineLine } from './components/pipeline-line.tsx';
import { Settings } from './components/settings.ts';
import type { PageProps } from './pages/page-props.ts';
import { BigScreen } from './pages/screen/big-screen.tsx';
import { currentTheme, keepLanguage, keepTheme, onSystemTheme, startLanguage, type Theme } from './preferences.ts';
import { conditionOf } from './state/condition.ts';
import type { FeedSocket } from './state/feed-socket.ts';
import type { Language } from './state/figures.ts';
import { useNavigation } from './state/route.ts';
import { words } from './state/words.ts';
import { useNow } from './use-now.ts';

// The big screen is there at once; the other pages come when somebody goes to them.
const ChartsPage = lazy(async () => ({ default: (await import('./pages/charts/charts-page.tsx')).ChartsPage }));
const TablesPage = lazy(async () => ({ default: (await import('./pages/tables/tables-page.tsx')).TablesPage }));
const PipelinePage = lazy(async () => ({ default: (await import('./pages/pipeline/pipeline-page.tsx')).PipelinePage }));
const DocsPage = lazy(async () => ({ default: (await import('./pages/docs/docs-page.tsx')).DocsPage }));

const pages = {
  screen: BigScreen,
  charts: ChartsPage,
  tables: TablesPage,
  pipeline: PipelinePage,
  docs: DocsPage,
} as const;

/** What is around every page: header, pipeline line, and the page itself between them. */
export function App({ feed }: { feed: FeedSocket }) {
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  const now = useNow(1_000);
  const navigation = useNavigation();
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

  const Page = pages[navigation.page ?? 'screen'];
  const props: PageProps = { feed, state, condition, now, navigation };
  // Children read colours from the style sheet while they render, so it is set before them, not in an effect after.
  document.documentElement.dataset.theme = theme;
  return (
    <Settings value={{ language, theme, t }}>
      <div className="page" data-condition={condition}>
        <Header
          condition={condition}
          state={state}
          now={now}
          navigation={navigation}
          onLanguage={() => chooseLanguage(language === 'zh' ? 'en' : 'zh')}
          onTheme={() => chooseTheme(theme === 'dark' ? 'light' : 'dark')}
        />
        <Suspense fallback={<main className="screen screen-empty">{t.loading}</main>}>
          <Page {...props} />
        </Suspense>
        <PipelineLine state={state} condition={condition} now={now} navigation={navigation} />
      </div>
    </Settings>
  );
}
