import { useMemo, useRef } from 'react';
import type { SumsAnswer } from '../../../answers.ts';
import { tokenOf } from '../../charts/style-sheet.ts';
import { Notice } from '../../components/notice.tsx';
import { useSettings } from '../../components/settings.ts';
import type { PageProps } from '../page-props.ts';
import { ChartPanel } from './chart-panel.tsx';
import { Controls } from './controls.tsx';
import { shareDrawing, timeDrawing } from './drawing.ts';
import { useChartData } from './use-chart-data.ts';
import { useSlots } from './use-slots.ts';
import type { Naming } from './values.ts';
import { type ChartView, queryOf, viewFrom } from './view.ts';
import { chartsWords } from './words.ts';
import './charts.css';
import './controls.css';
import './legend.css';

/** Any pipeline over any time. What is shown is in the address, and the address shows it again. */
export function ChartsPage({ feed, state, condition, now, navigation }: PageProps) {
  const { language } = useSettings();
  const t = chartsWords[language];
  const address = navigation.query.toString();
  const view = useMemo(() => viewFrom(new URLSearchParams(address)), [address]);
  const pipeline = state.pipelines.find(({ name }) => name === view.pipeline) ?? state.pipelines[0];
  if (!pipeline) {
    return (
      <main className="screen screen-empty">
        <Notice
          condition={condition === 'live' || condition === 'stale' ? 'empty' : condition}
          {...{ state, now }}
          onReconnect={feed.reconnect}
          over={false}
        />
      </main>
    );
  }
  // From the address as it is by then: two changes may come before the page is drawn anew.
  const change = (part: Partial<ChartView>) =>
    navigation.note(queryOf({ ...viewFrom(new URLSearchParams(location.search)), ...part }));
  return <PipelineCharts {...{ pipeline, state, view, now, t, change }} />;
}

interface PipelineChartsProps extends Pick<PageProps, 'state' | 'now'> {
  pipeline: PageProps['state']['pipelines'][number];
  view: ChartView;
  t: (typeof chartsWords)['zh'];
  change: (part: Partial<ChartView>) => void;
}

const none: never[] = [];

function PipelineCharts({ pipeline, state, view, now: clock, t, change }: PipelineChartsProps) {
  const { language } = useSettings();
  const naming = useMemo<Naming>(() => ({ language, unknownName: t.unknown, emptyName: t.empty }), [language, t]);
  const now = useHeld(clock, state.paused);
  const windows = state.windows.get(pipeline.name) ?? none;
  const values = state.totals.get(pipeline.name)?.counts.size ?? 0;
  const answers = useChartData({ view, pipeline, windows, values, naming, now, paused: state.paused });
  const { data, shares } = answers;

  const counts = shares?.now.counts ?? data?.sums ?? {};
  const slots = useSlots({ view, pipeline, naming, counts, groups: data?.groups });
  const input = { view, pipeline, naming, slots: slots.slots, language, t, tokenOf };
  const period = answers.shown;
  const drawing = data
    ? timeDrawing(data, data.before !== undefined, input)
    : shares && period
      ? shareDrawing({ counts, period, before: pastOf(shares.before) }, input)
      : undefined;
  return (
    <main className="charts-page">
      <Controls
        {...{ view, pipeline, naming }}
        pipelines={state.pipelines}
        groups={slots.groups}
        period={answers.period}
        onChange={change}
      />
      <ChartPanel
        // Scale and zoom of another pipeline are none of this one's.
        key={pipeline.name}
        {...{ view, pipeline, answers, drawing }}
        newest={windows.at(-1)?.end}
        onChange={change}
      />
    </main>
  );
}

/** What was counted before; undefined where nothing was, which makes no shares. */
const pastOf = (sums: SumsAnswer | undefined) =>
  sums && sums.from !== null && sums.to !== null && Object.keys(sums.counts).length > 0
    ? { counts: sums.counts, period: { from: sums.from, to: sums.to } }
    : undefined;

/** A value that stands still while it is held. */
function useHeld<T>(value: T, isHeld: boolean): T {
  const last = useRef(value);
  if (!isHeld) last.current = value;
  return last.current;
}
