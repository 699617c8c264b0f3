import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Pipeline } from '../records/pipelines.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { WindowStore } from '../records/window-store.ts';
import type { Clock } from '../runtime/clock.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { type Audience, audience, beats } from './audience.ts';
import type { ServerMessage, StageStatus, StatusMessage, UpdateMessage } from './messages.ts';
import type { Position } from './position.ts';
import { pointOf, snapshotOf, totalsChanges } from './snapshot.ts';
import { textFrame } from './text-frame.ts';
import { toldMessages } from './told-messages.ts';

export interface LiveOptions {
  store: WindowStore;
  pipelines: readonly Pipeline[];
  clock: Clock;
  logger: Logger;
  /** Windows of a pipeline that a page keeps; a quarter of an hour of seconds unless told otherwise. */
  history?: number;
  maxClients?: number;
  /** Bytes that may wait for a client before it is passed over. */
  maxBuffered?: number;
  /** Bytes of the messages that are kept for pages that come back. */
  maxKept?: number;
  /** How often a page hears that the server is there, ms. */
  heartbeatInterval?: number;
  /** Windows that come within so many ms go out together. */
  windowSpacing?: number;
}

/** Tells pages what the stages bring out. */
export interface Live {
  /** Tells all pages of windows that the store holds already. Returns at once; what comes fast goes out together. */
  publish(windows: readonly WindowCount[]): void;
  /** Merges what a stage knows into the status that pages show; each stage gives its own fields. */
  status(part: StageStatus): void;
  /**
   * Takes over an accepted websocket and the connection under it. A page that comes back says where it was, and is told
   * what came since.
   */
  attach(socket: WebSocket, connection: Duplex, position?: Position): void;
  readonly clients: number;
  readonly currentStatus: StageStatus;
  close(): void;
}

// The status goes along with windows where it can: what is told at once costs each page one write.
const statusSpacing = { withWindows: 200, alone: 400 };
/** A snapshot tells the time too, so it does not keep long. */
const snapshotLife = 100;
/** Windows that one update may hold; beyond it a snapshot is the smaller message. */
const mostWindowsInUpdate = 200;
/** So many bytes of messages are told again without a thought to whether a snapshot would be smaller. */
const fewBytes = 256_000;

/** A message that has no number yet. */
type Untold = Omit<UpdateMessage, 'sequence'> | Omit<StatusMessage, 'sequence'>;

/** The websocket hub: each message is put into bytes once for all pages; who missed some gets those, or a snapshot. */
export function createLive(options: LiveOptions): Live {
  const { store, pipelines, clock, logger, history = 900, heartbeatInterval = 5_000 } = options;
  // Measured by the monotonic clock: someone may set the other one back. A window a second needs no spacing; while a
  // backlog is read it keeps pages from drowning.
  const { windowSpacing = 50 } = options;
  const names = new Set(pipelines.map(({ name }) => name));
  const changedTotals = totalsChanges(store);
  const stream = randomUUID();
  const told = toldMessages(options.maxKept ?? 4_000_000);
  let pending: WindowCount[] = [];
  let windowsAt = Number.NEGATIVE_INFINITY;
  let status: StageStatus = {};
  let statusChanged = false;
  let statusAt = Number.NEGATIVE_INFINITY;
  let delay: number | undefined;
  let timer: { at: number; handle: NodeJS.Timeout } | undefined;
  let closed = false;
  let lastSnapshot: { sequence: number; at: number; frame: Promise<Buffer> } | undefined;
  let snapshotBytes = 0;

  const frameOf = (message: ServerMessage) => textFrame(JSON.stringify(message));

  // Snapshots and updates are made one after the other: a client that joins with snapshot n gets update n + 1 next.
  let queue = Promise.resolve();
  const inOrder = (work: () => Promise<void>) => {
    queue = queue
      .then(() => (closed ? undefined : work()))
      .catch((error) => {
        const line = `pages were not told: ${messageOf(error)}`;
        // A database that is away is no fault of this program, and comes back.
        if (error instanceof DashctlError && error.code === 'STORE_UNREACHABLE') logger.warn(line);
        else logger.error({ err: error }, line);
      });
  };

  const makeSnapshot = async () => {
    const frame = frameOf({
      ...(await snapshotOf(store, pipelines, history)),
      stream,
      sequence: told.last,
      time: clock.now(),
      status,
      ...(delay === undefined ? {} : { delay }),
    });
    snapshotBytes = frame.length;
    return frame;
  };

  // Many pages come back at once after a restart; they share one snapshot.
  const snapshot = () => {
    const now = performance.now();
    if (!lastSnapshot || lastSnapshot.sequence !== told.last || now - lastSnapshot.at > snapshotLife) {
      lastSnapshot = { sequence: told.last, at: now, frame: makeSnapshot() };
    }
    return lastSnapshot.frame;
  };

  const heartbeat = () => frameOf({ type: 'heartbeat', sequence: told.last, time: clock.now() });

  const clients: Audience = audience({
    maxClients: options.maxClients ?? 4_096,
    maxBuffered: options.maxBuffered ?? 128_000,
    placeOf: (position) => (position.stream === stream ? position.sequence : undefined),
    missedSince(sequence) {
      const missed = told.after(sequence);
      const bytes = missed?.reduce((sum, { length }) => sum + length, 0) ?? 0;
      return bytes <= Math.max(fewBytes, snapshotBytes) ? missed : undefined;
    },
    requestSnapshot: (deliver) =>
      inOrder(async () => {
        const made = snapshot();
        deliver(await made.catch(() => undefined));
        await made;
      }),
    heartbeat,
  });

  /** What no message tells: whoever is there gets a snapshot, and so does whoever comes back from before. */
  const tellSnapshot = () => {
    told.skip();
    clients.tellSnapshot();
  };

  const schedule = () => {
    const due = Math.min(
      pending.length > 0 ? windowsAt + windowSpacing : Number.POSITIVE_INFINITY,
      statusChanged ? statusAt + statusSpacing.alone : Number.POSITIVE_INFINITY,
    );
    const now = performance.now();
    const at = Math.max(now, due);
    if (closed || at === Number.POSITIVE_INFINITY || (timer && timer.at <= at)) return;
    clearTimeout(timer?.handle);
    timer = { at, handle: setTimeout(flush, at - now) };
  };

  function flush() {
    timer = undefined;
    inOrder(async () => {
      try {
        const hasWindows = pending.length > 0 && performance.now() >= windowsAt + windowSpacing;
        const update = hasWindows ? await updateOfPending() : undefined;
        const spacing = hasWindows ? statusSpacing.withWindows : statusSpacing.alone;
        const isStatusDue = statusChanged && performance.now() >= statusAt + spacing;
        tell([...(update ? [update] : []), ...(isStatusDue ? [changedStatus()] : [])]);
      } finally {
        schedule();
      }
    });
  }

  function tell(untold: readonly Untold[]) {
    if (untold.length === 0) return;
    const has = told.last;
    const frames = untold.map((message) => {
      const frame = frameOf({ ...message, sequence: told.last + 1 });
      told.add(frame);
      return frame;
    });
    clients.tell(Buffer.concat(frames), has);
  }

  function changedStatus(): Untold {
    statusChanged = false;
    statusAt = performance.now();
    return { type: 'status', time: clock.now(), status };
  }

  /** What to tell of the windows that came; undefined when a snapshot tells it. */
  async function updateOfPending(): Promise<Untold | undefined> {
    const windows = pending;
    pending = [];
    windowsAt = performance.now();
    const totals = await changedTotals(windows.map(({ pipeline }) => pipeline)).catch((error: unknown) => {
      // Nobody has heard of these windows: everybody gets them with all others as soon as that is possible.
      tellSnapshot();
      throw error;
    });
    delay = clock.now() - windows.reduce((newest, { end }) => Math.max(newest, end), 0);
    if (windows.length > mostWindowsInUpdate) {
      tellSnapshot();
      return undefined;
    }
    const points = Object.fromEntries(
      Object.keys(totals).map((name) => [name, windows.filter(({ pipeline }) => pipeline === name).map(pointOf)]),
    );
    return { type: 'update', time: clock.now(), windows: points, totals, delay };
  }

  const beating = setInterval(() => {
    // Whoever was told something a moment ago knows that the server is there.
    const isQuiet = performance.now() - Math.max(windowsAt, statusAt) > heartbeatInterval / 2;
    clients.beat(isQuiet ? heartbeat() : undefined);
  }, heartbeatInterval / beats);
  beating.unref();

  return {
    publish(windows) {
      const shown = windows.filter(({ pipeline }) => names.has(pipeline));
      if (shown.length === 0) return;
      pending.push(...shown);
      schedule();
    },
    status(part) {
      status = { ...status, ...part };
      statusChanged = true;
      schedule();
    },
    attach: (socket, connection, position) => clients.attach(socket, connection, position),
    get clients() {
      return clients.size;
    },
    get currentStatus() {
      return status;
    },
    close() {
      closed = true;
      clearInterval(beating);
      clearTimeout(timer?.handle);
      clients.close();
    },
  };
}
