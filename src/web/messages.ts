/**
 * What the server tells a page over `/ws`, and what a page may ask. The browser's code imports these types alone.
 * All that is told is absolute (the count of a window, the total of a key), never a difference: a message that comes
 * twice, or after a snapshot that already holds it, changes nothing.
 */
export const protocolVersion = 1;

/** A name in both languages of the page. */
export interface Label {
  zh: string;
  en: string;
}

/** What a page needs to know of a pipeline to draw it. */
export interface PipelineInfo {
  name: string;
  title: Label;
  /** Length of a window in ms. */
  window: number;
  labels: Record<string, Label>;
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

/**
 * What the stages have done, for the line at the bottom of the page. A field is left out by a process that cannot
 * know it. Numbers of rows are those of one pipeline (the first), since each row is counted once in each.
 */
export interface StageStatus {
  /** CSV rows read, rejected ones included. */
  rowsRead?: number;
  rejected?: number;
  /** Records counted in windows that have closed. */
  counted?: number;
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
}

export interface SnapshotMessage {
  type: 'snapshot';
  version: number;
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

/** A page that missed something, or comes back from the background, asks for a snapshot. */
export interface ClientMessage {
  type: 'resync';
}
