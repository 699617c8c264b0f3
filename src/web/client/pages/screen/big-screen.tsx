import { Notice } from '../../components/notice.tsx';
import type { PageProps } from '../page-props.ts';
import { arrange } from './arrangement.ts';
import { ChartPanel } from './chart-panel.tsx';
import { LastSecond } from './last-second.tsx';
import { PipelinePanel } from './pipeline-panel.tsx';
import { TotalsPanel } from './totals-panel.tsx';

/** The panels of the pipelines that run, or a notice in their place while there is nothing to show. */
export function BigScreen({ feed, state, condition, now, navigation }: PageProps) {
  const { pipelines, windows, totals, history } = state;
  const { query, change } = navigation;
  const notice = condition === 'live' ? null : { condition, state, now, onReconnect: feed.reconnect };
  if (state.windowAt === undefined) {
    return <main className="screen screen-empty">{notice && <Notice {...notice} over={false} />}</main>;
  }
  const { gender, below, right } = arrange(pipelines);
  const own = gender ? (windows.get(gender.name) ?? []) : [];
  const showUnknown = query.has('unknown');
  const panelsOf = (list: typeof pipelines) =>
    list.map((pipeline) => (
      <PipelinePanel key={pipeline.name} pipeline={pipeline} totals={totals.get(pipeline.name)} />
    ));
  return (
    <main className="screen" data-gender={gender !== undefined} data-right={right.length > 0}>
      {notice && <Notice {...notice} over />}
      {gender && (
        <div className="side side-left">
          <LastSecond
            windows={own}
            pipeline={gender}
            showUnknown={showUnknown}
            onShowUnknown={(show) => change({ unknown: show ? '' : undefined })}
          />
          <TotalsPanel
            pipeline={gender}
            totals={totals.get(gender.name)}
            windows={own}
            now={now}
            ofToday={query.has('today')}
            onOfToday={(only) => change({ today: only ? '' : undefined })}
          />
        </div>
      )}
      {(gender || below.length > 0) && (
        <div className="middle">
          {gender && (
            <ChartPanel
              pipeline={gender}
              windows={own}
              history={history}
              showUnknown={showUnknown}
              rangeId={query.get('range') ?? ''}
              onRange={(range) => change({ range: range === '20' ? undefined : range })}
            />
          )}
          {below.length > 0 && <div className="below">{panelsOf(below)}</div>}
        </div>
      )}
      {right.length > 0 && <div className="side side-right">{panelsOf(right)}</div>}
    </main>
  );
}
