import type { Pipeline } from '../records/pipelines.ts';

/**
 * All that the terminal view shows, as plain values. Whoever runs the stages fills one and hands it over a few times a
 * second; arrays and maps may be shared and go on changing, the view only reads them. Times are epoch ms.
 */
export interface DashboardState {
  /** What the clock at the top right shows. */
  now: number;
  /** The CSV as the reader named it; null when rows come from elsewhere. */
  source: string | null;
  connection: ConnectionState;
  /** ms from the end of a window to its result being here; null when not known yet. */
  delay: number | null;
  /** In the order of the keys 1, 2, 3 … */
  pipelines: readonly PipelineState[];
  /** A stage that does not run in this process is null. */
  produce: ProduceState | null;
  aggregate: AggregateState | null;
  sink: SinkState | null;
  serve: ServeState | null;
  broker: BrokerState | null;
  /** Oldest first; the view shows the last lines that there is room for. */
  log: readonly LogLine[];
  error: { message: string; hint: string | null } | null;
}

/** `stopping` is shown from the moment that work is being drained. That data has stalled, the view finds by itself. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'stopping' | 'failed';

export interface PipelineState
  extends Pick<Pipeline, 'name' | 'title' | 'labels' | 'unknown' | 'topic' | 'resultTopic' | 'window'> {
  /** Closed windows, oldest first, at least the last 120. A window that is not there is a gap, a key that is not is 0. */
  windows: readonly WindowCounts[];
  /** Value → records of today, unknown values too. */
  totals: ReadonlyMap<string, number>;
}

/** A closed window: its start in epoch ms, and value → records. */
export interface WindowCounts {
  start: number;
  counts: ReadonlyMap<string, number>;
}

export interface ProduceState {
  state: 'running' | 'paused' | 'done';
  /** Rows per second, measured. */
  rate: number;
  /** Rows per second that are asked for; null is as fast as possible. */
  target: number | null;
  /** Rows of each of the last seconds, oldest first. */
  history: readonly number[];
  rows: number;
  /** 0 to 100; null when the end is not known, as for stdin or a loop. */
  percent: number | null;
  /** ms; null when not known. */
  eta: number | null;
  rejected: number;
}

export interface AggregateState {
  /** Records per second. */
  rate: number;
  /** Records of each of the last seconds, oldest first. */
  history: readonly number[];
  /** Windows that were emitted. */
  windows: number;
  /** Records that are in the source topics and not counted yet. */
  lag: number;
  /** Records that came too late for their window. */
  late: number;
  /** Records whose value cannot be counted. */
  rejected: number;
  /** ms from the watermark to the clock; null while there is no watermark. */
  watermarkDelay: number | null;
}

export interface SinkState {
  /** Windows that were stored. */
  windows: number;
  /** Where they are stored, as a name: `sqlite`, `memory`, `mysql` … */
  where: string;
}

export interface ServeState {
  url: string;
  /** Browsers that are connected now. */
  clients: number;
}

export interface BrokerState {
  /** host:port */
  address: string;
  /** Whether the broker is part of this process. */
  embedded: boolean;
  /** What it tells of itself; null of a broker that is elsewhere. */
  traffic: {
    /** Records that come in per second, over all topics. */
    rate: number;
    /** All logs on the disk. */
    logBytes: number;
  } | null;
}

export interface LogLine {
  time: number;
  level: 'debug' | 'info' | 'warn' | 'error';
  text: string;
}

/** What a key asks for. A second `quit` is sent when the reader asks again while the first is being carried out. */
export type DashboardCommand = 'quit' | 'pause' | 'resume' | 'faster' | 'slower' | 'open';
