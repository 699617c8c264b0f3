import type { AddressInfo } from 'node:net';
import { totalOf } from '../../records/counts.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import type { WindowStore } from '../../records/window-store.ts';
import type { Clock } from '../../runtime/clock.ts';
import { DashctlError, errnoOf, messageOf } from '../../runtime/errors.ts';
import { isLoopback } from '../../runtime/is-loopback.ts';
import type { Logger } from '../../runtime/logger.ts';
import { isPassing } from '../../store/store-errors.ts';
import { createApp } from '../../web/app.ts';
import { createLive, type Live } from '../../web/live.ts';
import { loadPages } from '../../web/pages.ts';
import { notYetReading, type ReadingState } from '../../web/readiness.ts';
import { runSink, type SinkOptions, type SinkProgress } from '../sink/stage.ts';
import { wholeOf } from '../status/stage-status.ts';
import { tellChanges } from '../status/status-report.ts';
import { checkPageFlags, type PageFlags } from './page-flags.ts';

export interface ServerOptions extends PageFlags {
  pipelines: readonly Pipeline[];
  store: WindowStore;
  /** Language of the page until a reader chooses. */
  lang?: 'zh' | 'en';
  clock: Clock;
  logger: Logger;
}

/** A web server that listens. */
export interface PageServer {
  url: string;
  readonly clients: number;
  live: Live;
  /** Where the stage has come to that stores what pages show; for `runServe` to keep up to date. */
  reading: ReadingState;
  close(): Promise<void>;
}

/**
 * Opens the web server and says where.
 * @throws DashctlError `PORT_TAKEN`, or `USAGE` for a host that is not of this machine alone, or not of it at all.
 */
export async function openServer(options: ServerOptions): Promise<PageServer> {
  const { port, host, token, pipelines, store, lang = 'zh', clock, logger } = options;
  checkPageFlags(options);
  const pages = await loadPages(lang);
  if (pages.size === 0) logger.warn('the pages are not built (npm run build); only the API answers');
  const live = createLive({ store, pipelines, clock, logger });
  const reading = notYetReading();
  // With a token, a name that others gave to this machine lets nobody in: cookies go by the name.
  const localOnly = isLoopback(host) && token === undefined;
  const app = await createApp({ store, pipelines, live, pages, logger, localOnly, token, reading });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenError(error, host, port);
  }
  const { address, port: taken, family } = app.server.address() as AddressInfo;
  const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '[::1]' : address;
  const url = `http://${family === 'IPv6' && !reachable.startsWith('[') ? `[${reachable}]` : reachable}:${taken}`;
  logger.info(`page on ${url}${token === undefined ? '' : ' (which asks for the token)'}`);
  return {
    url,
    get clients() {
      return live.clients;
    },
    live,
    reading,
    close: () => app.close(),
  };
}

function listenError(error: unknown, host: string, port: number): unknown {
  const code = errnoOf(error);
  if (code === 'EADDRINUSE') {
    return new DashctlError('PORT_TAKEN', `port ${port} is taken`, {
      hint: `choose another, such as --port ${port < 65_535 ? port + 1 : 5_000}, or --port 0 for any free one`,
    });
  }
  if (code === 'EACCES') {
    return new DashctlError('USAGE', `this user may not open port ${port}`, { hint: 'choose one above 1023' });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new DashctlError('USAGE', `${host} is no address of this machine`, { hint: 'check --host' });
  }
  return error;
}

/** What is told of windows and of how many are stored. */
type Telling = Pick<Live, 'publish' | 'status' | 'currentStatus'>;

export interface ServeOptions extends Omit<SinkOptions, 'onStored'> {
  live: Telling;
  reading?: ReadingState;
}

/**
 * Stores what the result topics hold, and what comes, and tells the pages of it, until the signal aborts.
 * @throws DashctlError as `runSink` does.
 */
export async function runServe(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { pipelines, store, live, reading, logger } = options;
  const onProgress = (progress: SinkProgress) => {
    if (reading) Object.assign(reading, progress);
    options.onProgress?.(progress);
  };
  const whole = wholeOf(pipelines);
  const onStored: SinkOptions['onStored'] = async (windows, unreadable) => {
    // Pages are told after the store: a snapshot that is made meanwhile holds the windows, or the update does.
    live.publish(windows);
    try {
      await tellStored(whole, store, live, unreadable);
    } catch (error) {
      if (!isPassing(error)) throw error;
      logger.debug(`the database went away before it had told its totals: ${messageOf(error)}`);
    }
  };
  await runSink({ ...options, onStored, onProgress }, signal);
}

/** Each row is counted once in every pipeline that takes all, so one of them tells how many rows are stored. */
async function tellStored(
  pipeline: Pipeline | undefined,
  store: WindowStore,
  live: Telling,
  unreadable: number,
): Promise<void> {
  if (!pipeline) return;
  const { counts, lateDropped } = await store.totals(pipeline.name);
  const stored = totalOf(counts);
  tellChanges(live, { stored, late: lateDropped, unreadable });
}
