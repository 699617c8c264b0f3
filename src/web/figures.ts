import { totalOf } from '../records/counts.ts';
import type { Pipeline } from '../records/pipelines.ts';
import type { PipelineTotals, WindowStore } from '../records/window-store.ts';
import type { Live } from './live.ts';
import type { PipelineStatus } from './messages.ts';
import type { ReadingState } from './readiness.ts';

/** Answers of one route with one status. */
export interface Answered {
  route: string;
  status: number;
  count: number;
  seconds: number;
}

export interface FigureSources {
  store: WindowStore;
  pipelines: readonly Pipeline[];
  live: Live;
  reading: Readonly<ReadingState>;
  /** Why pages cannot show what there is. */
  reasons: () => Promise<string[]>;
  answers: ReadonlyMap<string, Answered>;
}

/** A value, undefined when it is not known, and its labels in the order of the figure's. */
type Value = readonly [value: number | undefined, ...labels: string[]];

/** A figure that is told to scrapers. */
export interface Figure {
  kind: 'gauge' | 'counter';
  name: string;
  help: string;
  labels?: readonly string[];
  values: () => Iterable<Value> | Promise<Iterable<Value>>;
}

const toSeconds = (time: number | undefined) => (time === undefined ? undefined : time / 1_000);

/** All figures beside those of the process itself. */
export const figuresOf = (sources: FigureSources): Figure[] => [
  ...serverFigures(sources),
  ...stageFigures(sources),
  ...pipelineFigures(sources),
  ...storedFigures(sources),
];

function serverFigures({ live, reasons, answers }: FigureSources): Figure[] {
  const labels = ['route', 'status'];
  const of = (value: (answered: Answered) => number) =>
    answers.values().map((each): Value => [value(each), each.route, String(each.status)]);
  return [
    {
      ...{ kind: 'gauge', name: 'ready', help: '1 when /readyz says so' },
      values: async () => [[(await reasons()).length === 0 ? 1 : 0]],
    },
    {
      ...{ kind: 'gauge', name: 'websocket_clients', help: 'Pages that are connected' },
      values: () => [[live.clients]],
    },
    {
      ...{ kind: 'counter', name: 'http_answers_total', help: 'Answers sent', labels },
      values: () => of(({ count }) => count),
    },
    {
      ...{ kind: 'counter', name: 'http_answer_seconds_total', help: 'Time that answers took', labels },
      values: () => of(({ seconds }) => seconds),
    },
  ];
}

function stageFigures({ live, reading }: FigureSources): Figure[] {
  const gauge = (name: string, help: string, value: () => number | undefined): Figure => ({
    ...{ kind: 'gauge', name, help },
    values: () => [[value()]],
  });
  const counter = (...figure: Parameters<typeof gauge>): Figure => ({ ...gauge(...figure), kind: 'counter' });
  const status = () => live.currentStatus;
  return [
    counter(
      'results_stored_total',
      'Window records stored by this process, corrections included',
      () => reading.windows,
    ),
    counter('results_unreadable_total', 'Result records that could not be read', () => reading.unreadable),
    gauge('results_lag_records', 'Result records that are not stored yet', () => reading.lag),
    gauge('delay_seconds', 'From the end of the newest window to its storing', () => toSeconds(reading.delay)),
    counter('rows_read_total', 'CSV rows read, rejected ones included', () => status().rowsRead),
    counter('rows_rejected_total', 'CSV rows and values that were rejected', () => status().rejected),
    gauge('lag_records', 'Records behind, of the counting stage', () => status().lag),
    gauge('watermark_seconds', 'Event time up to which windows are out', () => toSeconds(status().watermark)),
  ];
}

function pipelineFigures({ live }: FigureSources): Figure[] {
  const of = (
    kind: Figure['kind'],
    name: string,
    help: string,
    value: (status: PipelineStatus) => number | undefined,
  ): Figure => ({
    ...{ kind, name: `pipeline_${name}`, help, labels: ['pipeline'] },
    values: () =>
      Object.entries(live.currentStatus.pipelines ?? {}).map(([name, status]): Value => [value(status), name]),
  });
  return [
    of('gauge', 'lag_records', 'Records behind, of the counting stage', ({ lag }) => lag),
    of('gauge', 'watermark_seconds', 'Event time up to which windows are out', (status) => toSeconds(status.watermark)),
    of('counter', 'values_rejected_total', 'Records whose value cannot be counted', ({ rejected }) => rejected),
  ];
}

/** What the store knows of each pipeline; nothing while it does not answer. */
function storedFigures({ store, pipelines }: FigureSources): Figure[] {
  const of = (
    kind: Figure['kind'],
    name: string,
    help: string,
    value: (pipeline: string) => Promise<number | undefined>,
  ): Figure => ({
    ...{ kind, name: `pipeline_${name}`, help, labels: ['pipeline'] },
    values: async () => {
      const values = pipelines.map(async (pipeline): Promise<Value> => [await value(pipeline.name), pipeline.name]);
      return await Promise.all(values).catch(() => []);
    },
  });
  const ofTotals =
    (value: (totals: PipelineTotals) => number) =>
    async (pipeline: string): Promise<number> =>
      value(await store.totals(pipeline));
  const newestEnd = async (pipeline: string) => toSeconds((await store.series(pipeline, { limit: 1 }))[0]?.end);
  return [
    of(
      'gauge',
      'windows',
      'Windows that were ever stored',
      ofTotals(({ windows }) => windows),
    ),
    of(
      'gauge',
      'records',
      'Records counted in them',
      ofTotals(({ counts }) => totalOf(counts)),
    ),
    of(
      'gauge',
      'values',
      'Different values',
      ofTotals(({ counts }) => counts.size),
    ),
    of(
      'counter',
      'late_dropped_total',
      'Records that came too late for any window',
      ofTotals(({ lateDropped }) => lateDropped),
    ),
    of('gauge', 'newest_window_end_seconds', 'End of the newest window', newestEnd),
  ];
}
