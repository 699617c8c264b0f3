import type { BrokerStats } from '../broker/broker.ts';
import type { Pipeline } from '../records/pipelines.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { WindowStore } from '../records/window-store.ts';
import type { ConnectionState, DashboardState, LogLine, PipelineState } from '../tui/dashboard-state.ts';
import type { AggregateProgress } from './aggregate-stage.ts';
import type { ProduceProgress } from './produce-tally.ts';
import { rateMeter } from './rate-meter.ts';

/** Everything that `up` knows of its stages; they write into it, the terminal view and the page's bottom line read it. */
export interface UpStatus {
  source: string | null;
  connection: ConnectionState;
  delay: number | null;
  produce: Readonly<ProduceProgress> | undefined;
  pace: { target: number; paused: boolean };
  produceEnded: boolean;
  loop: boolean;
  aggregate: AggregateProgress | undefined;
  /** Windows stored by this run. */
  stored: number;
  storedIn: string;
  serve: { url: string; clients: number } | undefined;
  broker: { address: string; embedded: boolean; stats?: () => BrokerStats } | undefined;
}

const shownWindows = 240;
const endless = Number.POSITIVE_INFINITY;

/** Sums of the aggregate stage over its topics. */
export function aggregateSums(progress: AggregateProgress | undefined) {
  const figures = { records: 0, lag: 0, late: 0, rejected: 0, filtered: 0 };
  const sums = { ...figures, windows: progress?.windows ?? 0, watermark: Number.POSITIVE_INFINITY };
  for (const { records, lag, lateDropped, rejected, filtered, watermark } of progress?.pipelines.values() ?? []) {
    sums.records += records;
    sums.rejected += rejected;
    sums.filtered += filtered;
    sums.lag += lag;
    sums.late += lateDropped;
    sums.watermark = Math.min(sums.watermark, watermark);
  }
  return { ...sums, watermark: Number.isFinite(sums.watermark) ? sums.watermark : undefined };
}

/** Makes the states that the terminal view draws; keeps the rates of the last minute. */
export function dashboardStates(pipelines: readonly Pipeline[], store: WindowStore, log: readonly LogLine[]) {
  const produced = rateMeter();
  const aggregated = rateMeter();
  const received = rateMeter();
  let drawn: { stored: number; pipelines: PipelineState[] } | undefined;
  /** Asked of the store only when it holds more than was drawn: the view is drawn more often than that. */
  const pipelineStates = async (stored: number) => {
    if (drawn?.stored === stored) return drawn.pipelines;
    const states = await Promise.all(pipelines.map((pipeline) => pipelineState(pipeline, store)));
    drawn = { stored, pipelines: states };
    return states;
  };

  return async (status: UpStatus, now: number): Promise<DashboardState> => {
    const sums = aggregateSums(status.aggregate);
    produced.observe(status.produce?.rows ?? 0, now);
    aggregated.observe(sums.records, now);
    return {
      now,
      source: status.source,
      connection: status.connection,
      delay: status.delay,
      pipelines: await pipelineStates(status.stored),
      produce: status.produce ? produceState(status, status.produce, produced, now) : null,
      aggregate: {
        rate: aggregated.rate(now),
        history: aggregated.history(now),
        windows: sums.windows,
        lag: sums.lag,
        late: sums.late,
        rejected: sums.rejected,
        watermarkDelay: sums.watermark === undefined ? null : now - sums.watermark,
      },
      sink: { windows: status.stored, where: status.storedIn },
      serve: status.serve ?? null,
      broker: status.broker ? brokerState(status.broker, received, now) : null,
      log,
      error: null,
    };
  };
}

function brokerState(
  { address, embedded, stats }: NonNullable<UpStatus['broker']>,
  meter: ReturnType<typeof rateMeter>,
  now: number,
): DashboardState['broker'] {
  if (!stats) return { address, embedded, traffic: null };
  const { recordsIn, logBytes } = stats();
  meter.observe(recordsIn, now);
  return { address, embedded, traffic: { rate: meter.rate(now), logBytes } };
}

async function pipelineState(pipeline: Pipeline, store: WindowStore): Promise<PipelineState> {
  const { name, title, labels, unknown, topic, resultTopic, window } = pipeline;
  const kept: WindowCount[] = await store.series(name, { limit: shownWindows });
  // Longer windows than the pipeline's overlap; each is drawn where one of that length with the same end would be.
  const windows = kept.map(({ start, end, counts }) => ({ start: Math.max(start, end - window), counts }));
  const totals = await store.totals(name);
  return { name, title, labels, unknown, topic, resultTopic, window, windows, totals: totals.counts };
}

function produceState(
  { pace, produceEnded, loop }: UpStatus,
  progress: Readonly<ProduceProgress>,
  meter: ReturnType<typeof rateMeter>,
  now: number,
): DashboardState['produce'] {
  const { rows, rejected, bytes, totalBytes } = progress;
  const rate = meter.rate(now);
  const part = totalBytes && !loop ? bytes / totalBytes : undefined;
  const rowsLeft = part ? rows / part - rows : undefined;
  return {
    state: produceEnded ? 'done' : pace.paused ? 'paused' : 'running',
    rate,
    target: pace.target === endless ? null : pace.target,
    history: meter.history(now),
    rows,
    percent: part === undefined ? null : part * 100,
    eta: rowsLeft === undefined || rate <= 0 || produceEnded ? null : (rowsLeft / rate) * 1_000,
    rejected,
  };
}
