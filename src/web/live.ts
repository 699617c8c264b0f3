import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Pipeline } from '../records/pipelines.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { WindowStore } from '../records/window-store.ts';
import type { Clock } from '../runtime/clock.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { type Audience, audience } from './audience.ts';
import type { ServerMessage, StageStatus, TotalsView } from './messages.ts';
import { changeOf, pointOf, snapshotOf } from './snapshot.ts';

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
}

/** Tells pages what the stages bring out. */
export interface Live {
  /** Tells all pages of windows that the store holds already. Returns at once; what comes fast goes out together. */
  publish(windows: readonly WindowCount[]): void;
  /** Merges what a stage knows into the status that pages show; each stage gives its own fields. */
  status(part: StageStatus): void;
  /** Takes over an accepted websocket. */
  attach(socket: WebSocket): void;
  readonly clients: number;
  readonly currentStatus: StageStatus;
  close(): void;
}

// Spacing is measured by the monotonic clock: someone may set the other one back. A window a second needs no more than this; while a backlog is read it keeps pages from drowning.
const windowSpacing = 50;
const statusSpacing = 250;
const heartbeatInterval = 5_000;
/** A snapshot tells the time too, so it does not keep long. */
const snapshotLife = 100;
/** Windows that one update may hold; beyond it a snapshot is the smaller message. */
const mostWindowsInUpdate = 200;

/** The websocket hub: one serialisation of each message for all clients, a snapshot for those who need one. */
export function createLive(options: LiveOptions): Live {
  const { store, pipelines, clock, logger, history = 900 } = options;
  const names = new Set(pipelines.map(({ name }) => name));
  const told = new Map<string, TotalsView>();
  const stream = randomUUID();
  let pending: WindowCount[] = [];
  let status: StageStatus = {};
  let statusChanged = false;
  let sequence = 0;
  let delay: number | undefined;
  let flushed = Number.NEGATIVE_INFINITY;
  let timer: { at: number; handle: NodeJS.Timeout } | undefined;
  let closed = false;
  let lastSnapshot: { sequence: number; at: number; text: Promise<string> } | undefined;

  const text = (message: ServerMessage) => JSON.stringify(message);

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

  const makeSnapshot = async () =>
    text({
      ...(await snapshotOf(store, pipelines, history)),
      stream,
      sequence,
      time: clock.now(),
      status,
      ...(delay === undefined ? {} : { delay }),
    });

  // Many pages come back at once after a restart; they share one snapshot.
  const snapshot = () => {
    const now = performance.now();
    if (!lastSnapshot || lastSnapshot.sequence !== sequence || now - lastSnapshot.at > snapshotLife) {
      lastSnapshot = { sequence, at: now, text: makeSnapshot() };
    }
    return lastSnapshot.text;
  };

  const clients: Audience = audience({
    maxClients: options.maxClients ?? 1_000,
    maxBuffered: options.maxBuffered ?? 1_000_000,
    requestSnapshot: (deliver) =>
      inOrder(async () => {
        const made = snapshot();
        deliver(await made.catch(() => undefined));
        await made;
      }),
  });

  const schedule = (spacing: number) => {
    const now = performance.now();
    const at = Math.max(now, flushed + spacing);
    if (closed || (timer && timer.at <= at)) return;
    clearTimeout(timer?.handle);
    timer = { at, handle: setTimeout(flush, at - now) };
  };

  function flush() {
    timer = undefined;
    flushed = performance.now();
    inOrder(async () => {
      if (pending.length > 0) await tellWindows();
      if (statusChanged) {
        statusChanged = false;
        sequence += 1;
        clients.tell(text({ type: 'status', sequence, time: clock.now(), status }));
      }
    });
  }

  async function tellWindows() {
    const windows = pending;
    pending = [];
    const totals = await changedTotals(windows).catch((error: unknown) => {
      // Nobody has heard of these windows: everybody gets them with all others as soon as that is possible.
      clients.tellSnapshot();
      throw error;
    });
    sequence += 1;
    delay = clock.now() - windows.reduce((newest, { end }) => Math.max(newest, end), 0);
    if (windows.length > mostWindowsInUpdate) return clients.tellSnapshot();
    const points = Object.fromEntries(
      Object.keys(totals).map((name) => [name, windows.filter(({ pipeline }) => pipeline === name).map(pointOf)]),
    );
    clients.tell(text({ type: 'update', sequence, time: clock.now(), windows: points, totals, delay }));
  }

  async function changedTotals(windows: readonly WindowCount[]) {
    const changed: Record<string, TotalsView> = {};
    for (const name of new Set(windows.map(({ pipeline }) => pipeline))) {
      const { view, change } = changeOf(told.get(name), await store.totals(name));
      told.set(name, view);
      changed[name] = change;
    }
    return changed;
  }

  const heartbeat = setInterval(() => {
    clients.beat(text({ type: 'heartbeat', sequence, time: clock.now() }));
  }, heartbeatInterval);
  heartbeat.unref();

  return {
    publish(windows) {
      const shown = windows.filter(({ pipeline }) => names.has(pipeline));
      if (shown.length === 0) return;
      pending.push(...shown);
      schedule(windowSpacing);
    },
    status(part) {
      status = { ...status, ...part };
      statusChanged = true;
      schedule(statusSpacing);
    },
    attach: (socket) => clients.attach(socket),
    get clients() {
      return clients.size;
    },
    get currentStatus() {
      return status;
    },
    close() {
      closed = true;
      clearInterval(heartbeat);
      clearTimeout(timer?.handle);
      clients.close();
    },
  };
}
