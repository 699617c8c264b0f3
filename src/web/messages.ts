import type { Label, Labels } from '../records/labels.ts';

/**
 * What the server tells a page over `/ws`, and what a page may ask. The browser's code imports these types alone.
 * All that is told is absolute (the count of a window, the total of a key), never a difference: a message that comes
 * twice, or after a snapshot that already holds it, changes nothing.
 */
export const protocolVersion = 2;

/** What a page needs to know of a pipeline to draw it. */
export interface PipelineInfo {
  name: string;
  title: Label;
  /** Length of a window in ms. */
  window: number;
  labels: Labels;
  unknown: readonly string[];
}

/** The counts of one window; `start` and `end` are epoch ms. */
export interface WindowPoint {
  start: number;
  end: number;
  revision: number;
  counts: Record<string, number>;
}

export interface TotalsView {
  counts: Record<string, number>;
  windows: number;
  lateDropped: number;
}

/** The totals that changed since the message before; a key with 0 is gone. */
export type TotalsChange = TotalsView;

/** What is known of one pipeline; without a counting stage in this process only where its records are. */
export interface PipelineStatus {
  topic: string;
  resultTopic: string;
  /** Records counted in windows that have closed. */
  counted?: number;
  /** Records behind, of the counting stage. */
  lag?: number;
  /** Event time, epoch ms. */
  watermark?: number;
  /** From the watermark to the clock, ms, when this was told; absent while nothing waits for it. */
  behind?: number;
  late?: number;
  rejected?: number;
}

/** What the replay knows. */
export interface ProduceStatus {
  /** The files as the reader named them, without their folders. */
  source: string;
  state: 'running' | 'paused' | 'done';
  rows: number;
  rejected: number;
  /** Rows per second, measured and asked for; null is as fast as possible. */
  rate: number;
  target: number | null;
  /** 0 to 100; null when the end is not known. */
  percent: number | null;
}

export interface BrokerStatus {
  address: string;
  embedded: boolean;
  /** Whether result topics can be read just now. */
  reachable: boolean;
  /** What an embedded one tells of itself: records per second, bytes on the disk. */
  rate?: number;
  logBytes?: number;
}

/** What the counting stage knows of all its pipelines together. */
export interface AggregateStatus {
  /** Another of its group may be the one that counts. */
  state: 'counting' | 'standby';
  /** Records per second. */
  rate: number;
  /** Windows brought out by this process, corrections included. */
  windows: number;
}

export interface StoreStatus {
  /** `memory`, `sqlite`, `mysql`, `postgres`. */
  kind: string;
  readOnly: boolean;
  /** Windows stored by this process. */
  windows: number;
  /** Result records behind. */
  lag?: number;
  /** Whether the database answers. */
  reachable: boolean;
}

/** What a stage complained of, in its latest words, without paths of the machine. */
export interface StageFault {
  /** Empty for what concerns the whole process. */
  stage: string;
  level: 'warn' | 'error';
  count: number;
  /** Epoch ms of the last one. */
  time: number;
  text: string;
}

/**
 * What the stages have done, for the line at the bottom and the pipeline page. A field is left out by a process that
 * cannot know it. Numbers of rows are those of one pipeline (the first), since each row is counted once in each.
 */
export interface StageStatus {
  /** CSV rows read, rejected ones included. */
  rowsRead?: number;
  rejected?: number;
  /** Records counted in windows that have closed; undefined when this process can no longer tell. */
  counted?: number | undefined;
  /** Sum over the windows that the store holds. */
  stored?: number;
  /** Records that came too late for any window. */
  late?: number;
  /** Records behind. */
  lag?: number;
  /** Event time, epoch ms. */
  watermark?: number;
  /** Result records that could not be read. */
  unreadable?: number;
  pipelines?: Record<string, PipelineStatus>;
  produce?: ProduceStatus;
  aggregate?: AggregateStatus;
  broker?: BrokerStatus;
  store?: StoreStatus;
  faults?: readonly StageFault[];
  /** Pages that are connected now. */
  pages?: number;
}

export interface SnapshotMessage {
  type: 'snapshot';
  version: number;
  /** Which run of the server the sequence numbers belong to. */
  stream: string;
  sequence: number;
  /** The server's clock, epoch ms. */
  time: number;
  pipelines: PipelineInfo[];
  /** How many windows of a pipeline a page keeps; the longest range it can offer follows from it. */
  history: number;
  /** The newest windows of each pipeline, ascending. */
  windows: Record<string, WindowPoint[]>;
  totals: Record<string, TotalsView>;
  status: StageStatus;
  /** From the end of the newest window to its publication, ms; absent while old windows are being read. */
  delay?: number;
}

export interface UpdateMessage {
  type: 'update';
  sequence: number;
  time: number;
  windows: Record<string, WindowPoint[]>;
  totals: Record<string, TotalsChange>;
  delay?: number;
}

export interface StatusMessage {
  type: 'status';
  sequence: number;
  time: number;
  status: StageStatus;
}

/** Sent when there is nothing else to tell, so that a page can tell quiet from cut off. */
export interface HeartbeatMessage {
  type: 'heartbeat';
  sequence: number;
  time: number;
}

export type ServerMessage = SnapshotMessage | UpdateMessage | StatusMessage | HeartbeatMessage;

/**
 * Sent when a page comes back from the background, and when it missed something: it is told every message after
 * `sequence`, in order, and then a heartbeat; or it gets a snapshot instead, when the server no longer has them all, is
 * another run, or would have more to tell than a snapshot holds. After a reconnection the address says the same
 * (`/ws?stream=…&after=…`); a page that knows nothing yet connects without it and gets a snapshot.
 */
export interface ResumeMessage {
  type: 'resume';
  stream: string;
  sequence: number;
}

export type ClientMessage = ResumeMessage;
