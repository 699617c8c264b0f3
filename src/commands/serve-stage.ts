import type { AddressInfo } from 'node:net';
import type { KafkaConnection } from '../kafka/connection.ts';
import { type SourceBatch, type SourceRecord, topicSource } from '../kafka/topic-source.ts';
import { type Pipeline, takesEveryRow } from '../records/pipelines.ts';
import { decodeWindowCount, type WindowCount } from '../records/window-count.ts';
import type { WindowStore } from '../records/window-store.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { DashctlError, errnoOf } from '../runtime/errors.ts';
import { isLoopback } from '../runtime/is-loopback.ts';
import type { Logger } from '../runtime/logger.ts';
import { createApp } from '../web/app.ts';
import { createLive, type Live } from '../web/live.ts';
import { loadPages } from '../web/pages.ts';

export interface ServerOptions {
  /** 0 takes a free one. */
  port: number;
  host: string;
  /** Listen also where other machines can come in. */
  insecure?: boolean;
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
  close(): Promise<void>;
}

/**
 * Refuses to show the page, which has no login, to other machines unless that was asked for.
 * @throws DashctlError `USAGE`.
 */
export function checkHost(host: string, insecure: boolean): void {
  if (insecure || isLoopback(host)) return;
  throw new DashctlError('USAGE', `--host ${host} would show the page to other machines, and it has no login`, {
    hint: 'add --insecure to allow that, or leave out --host',
  });
}

/**
 * Opens the web server and says where.
 * @throws DashctlError `PORT_TAKEN`, or `USAGE` for a host that is not of this machine alone, or not of it at all.
 */
export async function openServer(options: ServerOptions): Promise<PageServer> {
  const { port, host, pipelines, store, lang = 'zh', clock, logger } = options;
  checkHost(host, options.insecure === true);
  const pages = await loadPages(lang);
  if (pages.size === 0) logger.warn('the pages are not built (npm run build); only the API answers');
  const live = createLive({ store, pipelines, clock, logger });
  const app = await createApp({ store, pipelines, live, pages, logger, localOnly: isLoopback(host) });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenError(error, host, port);
  }
  const { address, port: taken, family } = app.server.address() as AddressInfo;
  const reachable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '[::1]' : address;
  const url = `http://${family === 'IPv6' && !reachable.startsWith('[') ? `[${reachable}]` : reachable}:${taken}`;
  logger.info(`page on ${url}`);
  return {
    url,
    get clients() {
      return live.clients;
    },
    live,
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

export interface ServeOptions {
  connection: KafkaConnection;
  pipelines: readonly Pipeline[];
  store: WindowStore;
  live: Live;
  logger: Logger;
  clock?: Clock;
  onProgress?: (progress: ServeProgress) => void;
  /** Where the result records come from; Kafka unless a test brings its own. */
  source?: AsyncIterable<SourceBatch>;
}

/** Where the reading of result topics stands. */
export interface ServeProgress {
  /** Window records stored by this run, corrections included. */
  windows: number;
  /** Records that could not be read. */
  unreadable: number;
  /** Next offset to be stored, by `topic/partition`. */
  positions: ReadonlyMap<string, number>;
  /** Result records behind. */
  lag: number;
  /** From the end of the newest window to its storing, ms. */
  delay?: number;
}

/**
 * Reads the result topics of the pipelines from their beginning, stores the windows and tells the pages, until the
 * signal aborts. Records that cannot be read are logged, counted and passed over.
 */
export async function runServe(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { connection, pipelines, store, live, logger, clock = systemClock, onProgress } = options;
  const byTopic = Map.groupBy(pipelines, ({ resultTopic }) => resultTopic);
  const source = options.source ?? topicSource({ connection, topics: [...byTopic.keys()], from: 'earliest', signal });
  const positions = new Map<string, number>();
  const behind = new Map<string, number>();
  const report = unreadableReport(logger);
  let windows = 0;
  let delay: number | undefined;
  for await (const batch of source) {
    if (signal.aborted) return;
    const decoded = decode(batch, byTopic.get(batch.topic) ?? [], report.note);
    if (decoded.length > 0) {
      // Pages are told after the store: a snapshot that is made meanwhile holds the windows, or the update does.
      await store.put(decoded);
      live.publish(decoded);
      windows += decoded.length;
      delay = clock.now() - decoded.reduce((newest, { end }) => Math.max(newest, end), 0);
    }
    const partition = `${batch.topic}/${batch.partition}`;
    positions.set(partition, batch.nextOffset);
    behind.set(partition, Math.max(0, batch.readableEnd - batch.nextOffset));
    if (decoded.length > 0) {
      await tellStored(pipelines.find(takesEveryRow) ?? pipelines[0], store, live, report.count());
    }
    const lag = [...behind.values()].reduce((sum, records) => sum + records, 0);
    onProgress?.({ windows, unreadable: report.count(), positions, lag, ...(delay === undefined ? {} : { delay }) });
  }
}

function decode(
  { topic, partition, records }: SourceBatch,
  pipelines: readonly Pipeline[],
  unreadable: (place: string, reason: string) => void,
): WindowCount[] {
  return records.flatMap((record) => {
    const window = decodeRecord(record, pipelines);
    if (!('invalid' in window)) return window;
    unreadable(`${topic}/${partition} at offset ${record.offset}`, window.invalid);
    return [];
  });
}

function decodeRecord(record: SourceRecord, pipelines: readonly Pipeline[]): WindowCount | { invalid: string } {
  // Two pipelines may share a result topic; the record says whose it is. The lab's own records say nothing.
  const pipeline = pipelines.find(({ name }) => name === record.headers.pipeline) ?? pipelines[0];
  if (!pipeline || !record.value) return { invalid: 'it has no value' };
  return decodeWindowCount(
    {
      key: record.key?.toString() ?? null,
      value: record.value.toString(),
      timestamp: record.timestamp,
      headers: record.headers,
    },
    { pipeline: pipeline.name, window: pipeline.window },
  );
}

const mostLines = 20;

/** Logs the first unreadable records by their place; a topic full of them must not fill the disk with lines. */
function unreadableReport(logger: Logger) {
  let count = 0;
  return {
    count: () => count,
    note(place: string, reason: string) {
      count += 1;
      if (count <= mostLines) logger.warn(`unreadable record in ${place}: ${reason}`);
      if (count === mostLines) logger.warn('further unreadable records are only counted');
    },
  };
}

/** Each row is counted once in every pipeline that takes all, so one of them tells how many rows are stored. */
async function tellStored(
  pipeline: Pipeline | undefined,
  store: WindowStore,
  live: Live,
  unreadable: number,
): Promise<void> {
  if (!pipeline) return;
  const { counts, lateDropped } = await store.totals(pipeline.name);
  const stored = counts.values().reduce((sum, count) => sum + count, 0);
  live.status({ stored, late: lateDropped, unreadable });
}
