import { useId, useMemo, useState } from 'react';
import type { ValuesAnswer, WindowsAnswer } from '../../../answers.ts';
import type { PipelineInfo } from '../../../messages.ts';
import { useSettings } from '../../components/settings.ts';
import type { FeedState } from '../../state/feed.ts';
import { formatNamedZone } from '../../state/format.ts';
import type { PageProps } from '../page-props.ts';
import { valueColumns } from './cells.ts';
import { Filters } from './filters.tsx';
import { Live } from './live.tsx';
import { Pager } from './pager.tsx';
import { RowsRegion } from './rows-region.tsx';
import { type StateKind, TableState } from './table-state.tsx';
import { tabId } from './tabs.tsx';
import { TitleLine } from './title-line.tsx';
import { useRows } from './use-rows.ts';
import { ValuesTable } from './values-table.tsx';
import { followsNewest, isFiltered, readView, type TablesView, writeView } from './view.ts';
import { WindowsTable } from './windows-table.tsx';
import { tablesWords } from './words.ts';
import './tables.css';
import './rows.css';
import './tables-parts.css';

/** Windows and values as tables, sorted, filtered and paged by the server; the address holds the view. */
export function TablesPage(props: PageProps) {
  const { state, navigation } = props;
  const { language } = useSettings();
  const address = navigation.query.toString();
  const view = useMemo(() => readView(new URLSearchParams(address)), [address]);
  const pipeline = state.pipelines.find(({ name }) => name === view.pipeline) ?? state.pipelines[0];
  return (
    <main className="tables-page">
      <div className="panel tables-panel">
        {pipeline ? (
          <Tables {...props} view={view} pipeline={pipeline} />
        ) : (
          <TableState kind={state.sequence === undefined ? 'connecting' : 'empty'} t={tablesWords[language]} />
        )}
      </div>
    </main>
  );
}

type Answer = WindowsAnswer | ValuesAnswer;
type TablesProps = PageProps & { view: TablesView; pipeline: PipelineInfo };

function Tables({ feed, state, now, navigation, view, pipeline }: TablesProps) {
  const { language } = useSettings();
  const t = tablesWords[language];
  const area = useId();
  const [scrolled, setScrolled] = useState(false);
  const onView = (changed: TablesView) => navigation.note(writeView(changed));
  const reversed = view.from !== undefined && view.to !== undefined && view.from > view.to;
  const follows = followsNewest(view, now);
  // Rows must not move under the eyes of somebody who reads further down.
  const held = state.paused || (follows && scrolled);
  const many = view.tab === 'windows' && !valueColumns(pipeline, language, t.unknown);
  const rows = useRows<Answer>(view, reversed ? undefined : pipeline.name, { follows, held, many });
  const answer = rows.answer && isOf(rows.answer, view, pipeline.name) ? rows.answer : undefined;
  const zone = formatNamedZone(now);
  // Messages come many times a second, rows every few.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `onView` does the same each time
  const table = useMemo(() => {
    if (!answer || answer.rows.length === 0) return undefined;
    const common = { view, pipeline, zone, language, t, onView };
    if ('total' in answer) return <ValuesTable {...common} answer={answer} />;
    return <WindowsTable {...common} answer={answer} />;
  }, [answer, view, pipeline, zone, language, t]);
  const totals = state.totals.get(pipeline.name);
  const known = useMemo(() => valuesOf(totals), [totals]);

  return (
    <>
      <TitleLine {...{ view, pipeline, now, area, t, onView }} pipelines={state.pipelines} language={language} />
      <Filters {...{ view, pipeline, known, zone, language, t, onView }} />
      <div className="tables-area" id={area} role="tabpanel" aria-labelledby={tabId(view.tab)}>
        {rows.error && table && <TableState kind="stale" rows={rows} t={t} />}
        {answer && 'truncated' in answer && answer.truncated && <p className="tables-note">{t.truncated}</p>}
        {table && !reversed ? (
          <RowsRegion
            label={`${pipeline.title[language]}: ${t.captions[view.tab]}`}
            busy={rows.loading}
            view={view}
            onScrolled={setScrolled}
          >
            {table}
          </RowsRegion>
        ) : (
          <TableState kind={reversed ? 'reversed' : kindOf(answer, view, rows)} {...{ rows, view, t, onView }} />
        )}
      </div>
      <footer className="tables-footer">
        <Pager view={view} count={answer?.count ?? 0} t={t} onView={onView} />
        <Live {...{ feed, follows, scrolled, t }} paused={state.paused} />
      </footer>
    </>
  );
}

/** Whether an answer is of what is asked now, so that its rows may stand until the next one is there. */
const isOf = (answer: Answer, { tab, resolution }: TablesView, pipeline: string) =>
  answer.pipeline === pipeline &&
  ('total' in answer ? tab === 'values' : tab === 'windows' && answer.resolution === resolution);

function kindOf(answer: Answer | undefined, view: TablesView, { error }: { error: unknown }): StateKind {
  if (!answer) return error === undefined ? 'loading' : 'failed';
  if (answer.count > 0) return 'beyond';
  return isFiltered(view) ? 'unmatched' : 'empty';
}

/** Values of a pipeline, those with most records first. */
const valuesOf = (totals: ReturnType<FeedState['totals']['get']>): string[] =>
  [...(totals?.counts ?? [])].sort(([, a], [, b]) => b - a).map(([key]) => key);
