import type { Pipeline } from '../../records/pipelines.ts';
import type { WindowCount } from '../../records/window-count.ts';
import type { WindowStore } from '../../records/window-store.ts';
import type { DashboardState, LogLine, PipelineState } from '../../tui/dashboard-state.ts';
import type { StageFigures, UpStatus } from '../status/stage-figures.ts';

const shownWindows = 240;

interface DashboardSources {
  pipelines: readonly Pipeline[];
  store: WindowStore;
  figures: StageFigures;
  log: readonly LogLine[];
}

/** Makes the states that the terminal view draws. */
export function dashboardStates({ pipelines, store, figures, log }: DashboardSources) {
  let drawn: { stored: number; pipelines: PipelineState[] } | undefined;
  /** Asked of the store only when it holds more than was drawn: the view is drawn more often than that. */
  const pipelineStates = async (stored: number) => {
    if (drawn?.stored === stored) return drawn.pipelines;
    const states = await Promise.all(pipelines.map((pipeline) => pipelineState(pipeline, store)));
    drawn = { stored, pipelines: states };
    return states;
  };

  return async (status: UpStatus, now: number): Promise<DashboardState> => ({
    now,
    source: status.source,
    connection: status.connection,
    delay: status.delay,
    ...figures.at(now),
    pipelines: await pipelineStates(status.stored),
    log,
    error: null,
  });
}

async function pipelineState(pipeline: Pipeline, store: WindowStore): Promise<PipelineState> {
  const { name, title, labels, unknown, topic, resultTopic, window } = pipeline;
  const kept: WindowCount[] = await store.series(name, { limit: shownWindows });
  // Longer windows than the pipeline's overlap; each is drawn where one of that length with the same end would be.
  const windows = kept.map(({ start, end, counts }) => ({ start: Math.max(start, end - window), counts }));
  const totals = await store.totals(name);
  return { name, title, labels, unknown, topic, resultTopic, window, windows, totals: totals.counts };
}
