import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { AlertRules } from './components/alert-rules.tsx';
import type { Command } from './components/commands.ts';
import { Header } from './components/header.tsx';
import { Help } from './components/help.tsx';
import { NotFound } from './components/not-found.tsx';
import { PipelineLine } from './components/pipeline-line.tsx';
import { Settings } from './components/settings.ts';
import { SkipLink } from './components/skip-link.tsx';
import { Strip } from './components/strip.tsx';
import { Marks, useAlerts } from './components/use-alerts.ts';
import { useCommands } from './components/use-commands.ts';
import { useFullscreen } from './components/use-fullscreen.ts';
import { useKiosk } from './components/use-kiosk.ts';
import { useLook } from './components/use-look.ts';
import type { PageProps } from './pages/page-props.ts';
import { BigScreen } from './pages/screen/big-screen.tsx';
import { conditionOf, staleAt } from './state/condition.ts';
import type { FeedSocket } from './state/feed-socket.ts';
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

/** What is around every page: header, what must be known first, the page itself, and the pipeline line. */
export function App({ feed }: { feed: FeedSocket }) {
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  const now = useNow(1_000, staleAt(state));
  const navigation = useNavigation();
  const look = useLook();
  const fullscreen = useFullscreen();
  const kiosk = useKiosk(navigation, fullscreen, state.link);
  const { rules, change, alerts, marks } = useAlerts(navigation, state, now);
  const [dialog, setDialog] = useState<'help' | 'alerts'>();
  const { language, theme } = look;
  const t = words[language];
  const condition = conditionOf(state, now);
  const { page } = navigation;

  const pageName = page === 'screen' ? '' : `${page ? t.pageNames[page] : t.notFound} · `;
  const title = `${alerts.length > 0 ? '⚠ ' : ''}${pageName}${t.title}`;
  useEffect(() => {
    document.title = title;
  }, [title]);

  const actions = {
    pause: state.paused ? feed.resume : feed.pause,
    alerts: () => setDialog('alerts'),
    language: look.switchLanguage,
    theme: look.switchTheme,
    fullscreen: fullscreen.on ? fullscreen.leave : fullscreen.enter,
    help: () => setDialog('help'),
    leaveKiosk: kiosk.leave,
    kiosk: kiosk.on ? kiosk.leave : kiosk.enter,
    unknown: () => navigation.change({ unknown: navigation.query.has('unknown') ? undefined : '' }),
  };
  useCommands((command: Command) => {
    if (command.name === 'page') navigation.go(command.page);
    else if (command.name === 'leave') {
      if (!kiosk.on) return false;
      kiosk.leave();
    } else if (command.name === 'unknown' && page !== 'screen') return false;
    // The documentation is scrolled by it.
    else if (command.name === 'pause' && page === 'docs') return false;
    else actions[command.name]();
    return true;
  });

  const Page = page && pages[page];
  const props: PageProps = { feed, state, condition, now, navigation };
  return (
    <Settings value={{ language, theme, t }}>
      <Marks value={marks}>
        <SkipLink />
        <div
          className="page"
          data-condition={condition}
          data-strip={state.paused || alerts.length > 0}
          data-kiosk={kiosk.on}
          data-idle={kiosk.idle}
        >
          <Header {...{ condition, state, now, navigation, fullscreen, actions }} kiosk={kiosk.on} />
          <Strip state={state} alerts={alerts} onResume={feed.resume} />
          <Suspense fallback={<main className="screen screen-empty">{t.loading}</main>}>
            {Page ? <Page {...props} /> : <NotFound navigation={navigation} />}
          </Suspense>
          <PipelineLine state={state} condition={condition} now={now} navigation={navigation} />
        </div>
        {dialog === 'help' && <Help onClose={() => setDialog(undefined)} onKiosk={kiosk.enter} />}
        {dialog === 'alerts' && (
          <AlertRules rules={rules} state={state} onChange={change} onClose={() => setDialog(undefined)} />
        )}
      </Marks>
    </Settings>
  );
}
