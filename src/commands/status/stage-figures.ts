import type { BrokerStats } from '../../broker/broker.ts';
import type { ConnectionState, DashboardState } from '../../tui/dashboard-state.ts';
import type { AggregateProgress } from '../aggregate/stage.ts';
import type { ProduceProgress } from '../produce/tally.ts';
import { type RateMeter, rateMeter } from './rate-meter.ts';

/** Everything that `up` knows of its stages; they write into it, the terminal view and the pages read it. */
export interface UpStatus {
  source: string | null;
  connection: ConnectionState;
  delay: number | null;
  produce: Readonly<ProduceProgress> | undefined;
  pace: { target: number; paused: boolean };
  produceEnded: boolean;
  loop: boolean;
  aggregate: AggregateProgress | undefined;
  /** Windows stored by this run, and result records that are not stored yet. */
  stored: number;
  storeLag: number;
  storedIn: string;
  /** Whether results can be read from the broker. */
  connected: boolean;
  serve: { url: string; clients: number } | undefined;
  broker: { address: string; embedded: boolean; stats?: () => BrokerStats } | undefined;
}

/** The figures of stages at a moment, as the terminal view draws them and pages are told of them. */
export type StageMoment = Pick<DashboardState, 'produce' | 'sink' | 'serve' | 'broker'> & {
  aggregate: NonNullable<DashboardState['aggregate']>;
};

/** What stages come to, with the rates of the last minute: one for all who show it. */
export interface StageFigures {
  at(now: number): StageMoment;
  close(): void;
}

const endless = Number.POSITIVE_INFINITY;

/** What the replay is doing. */
export const replayState = ({ pace, produceEnded }: UpStatus) =>
  produceEnded ? 'done' : pace.paused ? 'paused' : 'running';

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

// Rates are of whole seconds; what is looked at less often is counted to the wrong one.
const measuring = 100;

/** Measures rates until it is closed. */
export function stageFigures(status: UpStatus): StageFigures {
  const produced = rateMeter();
  const aggregated = rateMeter();
  const received = rateMeter();
  const at = (now: number): StageMoment => {
    const sums = aggregateSums(status.aggregate);
    produced.observe(status.produce?.rows ?? 0, now);
    aggregated.observe(sums.records, now);
    return {
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
    };
  };
  const timer = setInterval(() => at(Date.now()), measuring);
  timer.unref();
  return { at, close: () => clearInterval(timer) };
}

function brokerState(
  { address, embedded, stats }: NonNullable<UpStatus['broker']>,
  meter: RateMeter,
  now: number,
): DashboardState['broker'] {
  if (!stats) return { address, embedded, traffic: null };
  const { recordsIn, logBytes } = stats();
  meter.observe(recordsIn, now);
  return { address, embedded, traffic: { rate: meter.rate(now), logBytes } };
}

function produceState(
  status: UpStatus,
  progress: Readonly<ProduceProgress>,
  meter: RateMeter,
  now: number,
): DashboardState['produce'] {
  const { pace, produceEnded, loop } = status;
  const { rows, rejected, bytes, totalBytes } = progress;
  const rate = meter.rate(now);
  const part = totalBytes && !loop ? bytes / totalBytes : undefined;
  const rowsLeft = part ? rows / part - rows : undefined;
  return {
    state: replayState(status),
    rate,
    target: pace.target === endless ? null : pace.target,
    history: meter.history(now),
    rows,
    percent: part === undefined ? null : part * 100,
    eta: rowsLeft === undefined || rate <= 0 || produceEnded ? null : (rowsLeft / rate) * 1_000,
    rejected,
  };
}
