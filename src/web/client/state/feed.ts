import {
  type PipelineInfo,
  protocolVersion,
  type ServerMessage,
  type SnapshotMessage,
  type StageStatus,
  type UpdateMessage,
  type WindowPoint,
} from '../../messages.ts';
import { isConsistent } from './completeness.ts';

/** How the page stands with its server. `attempt` counts tries since it was last connected. */
export type Link =
  | { phase: 'connecting'; attempt: number }
  | { phase: 'open' }
  | { phase: 'waiting'; attempt: number; retryAt: number }
  | { phase: 'failed'; reason: 'version' | 'full' };

export interface Totals {
  counts: ReadonlyMap<string, number>;
  windows: number;
  lateDropped: number;
}

/** All that the page knows. Times called `…At` are of the browser's clock unless they say otherwise. */
export interface FeedState {
  link: Link;
  /** Run of the server that the number belongs to. */
  stream: string;
  /** Number of the last message of those that came without a gap; undefined until there has been a snapshot. */
  sequence: number | undefined;
  /** A message was missed: what comes after it is of no use before it is told again. */
  gap: boolean;
  pipelines: readonly PipelineInfo[];
  history: number;
  windows: ReadonlyMap<string, readonly WindowPoint[]>;
  totals: ReadonlyMap<string, Totals>;
  status: StageStatus;
  /** From the end of the newest window to its publication, ms. */
  delay: number | undefined;
  /** When the newest window came out, by the server's clock. */
  toldAt: number | undefined;
  /** The same by the browser's. */
  windowAt: number | undefined;
  /** When the stages' numbers last agreed. */
  agreedAt: number | undefined;
  /** The reader holds windows and totals as they were; everything else goes on. */
  paused: boolean;
  /** Windows that came since. */
  waiting: number;
}

export type FeedEvent = { type: 'message'; message: ServerMessage; at: number } | { type: 'link'; link: Link };

export const initialFeed: FeedState = {
  link: { phase: 'connecting', attempt: 0 },
  stream: '',
  sequence: undefined,
  gap: false,
  pipelines: [],
  history: 0,
  windows: new Map(),
  totals: new Map(),
  status: {},
  delay: undefined,
  toldAt: undefined,
  windowAt: undefined,
  agreedAt: undefined,
  paused: false,
  waiting: 0,
};

/** The state after an event. */
export function reduceFeed(state: FeedState, event: FeedEvent): FeedState {
  if (event.type === 'link') return { ...state, link: event.link };
  const { message, at } = event;
  if (message.type === 'snapshot') return agreeing(afterSnapshot(state, message, at), at);
  // Until the snapshot is here there is nothing that a change could change.
  if (state.sequence === undefined) return state;
  // A connection that begins without one goes on where the last one ended.
  const open: FeedState = state.link.phase === 'connecting' ? { ...state, link: { phase: 'open' } } : state;
  if (message.type === 'heartbeat') return aged({ ...open, gap: message.sequence !== state.sequence }, message, at);
  // Told twice: what was asked for was on its way already.
  if (message.sequence <= state.sequence) return open;
  if (message.sequence !== state.sequence + 1) return { ...open, gap: true };
  const counted: FeedState = { ...open, sequence: message.sequence };
  if (message.type === 'status') return agreeing(aged({ ...counted, status: message.status }, message, at), at);
  return agreeing(aged(afterUpdate(counted, message), message, at), at);
}

// The two clocks may differ, and messages that were missed come late; how long ago by the server's clock holds in both.
const aged = (state: FeedState, { time }: ServerMessage, at: number): FeedState => ({
  ...state,
  windowAt: state.toldAt === undefined ? undefined : at - Math.max(0, time - state.toldAt),
});

const agreeing = (state: FeedState, at: number): FeedState =>
  isConsistent(state.status) ? { ...state, agreedAt: at } : state;

function afterSnapshot(state: FeedState, snapshot: SnapshotMessage, at: number): FeedState {
  if (snapshot.version !== protocolVersion) return { ...state, link: { phase: 'failed', reason: 'version' } };
  const windows = new Map(Object.entries(snapshot.windows));
  const newest = newestEnd(windows.values());
  const known: FeedState = {
    ...state,
    link: { phase: 'open' },
    stream: snapshot.stream,
    sequence: snapshot.sequence,
    gap: false,
    pipelines: snapshot.pipelines,
    history: snapshot.history,
    windows,
    totals: new Map(
      Object.entries(snapshot.totals).map(([name, totals]) => [
        name,
        { ...totals, counts: new Map(Object.entries(totals.counts)) },
      ]),
    ),
    status: snapshot.status,
    delay: snapshot.delay,
    toldAt: newest === undefined ? undefined : newest + (snapshot.delay ?? 0),
    agreedAt: undefined,
  };
  return aged(known, snapshot, at);
}

function afterUpdate(state: FeedState, update: UpdateMessage): FeedState {
  const windows = new Map(state.windows);
  for (const [name, points] of Object.entries(update.windows)) {
    windows.set(name, merge(windows.get(name) ?? [], points, state.history));
  }
  const totals = new Map(state.totals);
  for (const [name, change] of Object.entries(update.totals)) {
    const counts = new Map(totals.get(name)?.counts);
    for (const [key, count] of Object.entries(change.counts)) {
      if (count === 0) counts.delete(key);
      else counts.set(key, count);
    }
    totals.set(name, { ...change, counts });
  }
  return { ...state, windows, totals, delay: update.delay, toldAt: update.time };
}

const isBefore = (a: WindowPoint, b: WindowPoint) => a.start < b.start || (a.start === b.start && a.end < b.end);

// A window may hold ten thousand keys, of which a page draws a few. A quarter of an hour of them would fill its memory.
const mostCounts = 30_000;

/** The newest windows, no more than `most`, that hold so many counts together; the newest one however many it holds. */
function newestOf(windows: readonly WindowPoint[], most: number): WindowPoint[] {
  const earliest = Math.max(0, windows.length - most);
  let first = windows.length;
  for (let left = mostCounts; first > earliest; first--) {
    left -= Object.keys(windows[first - 1]?.counts ?? {}).length;
    if (left < 0) break;
  }
  return windows.slice(Math.min(first, Math.max(0, windows.length - 1)));
}

/** Windows with further ones put in their places; a lower revision never replaces a higher one. */
function merge(windows: readonly WindowPoint[], points: readonly WindowPoint[], most: number): WindowPoint[] {
  const merged = [...windows];
  for (const point of points) {
    const position = merged.findLastIndex((window) => !isBefore(point, window));
    const present = merged[position];
    if (!present || present.start !== point.start || present.end !== point.end) merged.splice(position + 1, 0, point);
    else if (present.revision <= point.revision) merged[position] = point;
  }
  return newestOf(merged, most);
}

function newestEnd(series: Iterable<readonly WindowPoint[]>): number | undefined {
  const ends = [...series].flatMap((windows) => windows.at(-1)?.end ?? []);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}
