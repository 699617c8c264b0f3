import type { KafkaConnection } from '../../kafka/connection.ts';
import { type SourceBatch, topicSource } from '../../kafka/topic-source.ts';
import { partitionKey } from '../../kafka/topics.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import type { WindowCount } from '../../records/window-count.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { nextBatch, nextOf } from '../aggregate/waiting.ts';
import { gatheredWindows } from './gathered.ts';
import { resultReader } from './result-reader.ts';
import { keepRetention } from './retention.ts';
import { withPatience } from './store-patience.ts';
import { namesWith, renewedNames, type StoredPlaces, storedPlaces } from './stored-places.ts';

export interface SinkOptions {
  connection: KafkaConnection;
  pipelines: readonly Pipeline[];
  store: WindowStore;
  logger: Logger;
  clock?: Clock | undefined;
  /** Takes windows out of the store so long after their end, in ms. */
  retain?: number | undefined;
  /** Store what the topics hold now, and return. */
  untilEnd?: boolean;
  /** Told of windows when they are stored; what comes next waits for it. */
  onStored?: (windows: readonly WindowCount[], unreadable: number) => Promise<void>;
  onProgress?: (progress: SinkProgress) => void;
  /** Where the result records come from; Kafka unless a test brings its own. */
  source?: AsyncIterable<SourceBatch>;
}

/** Where the storing of result topics stands. */
export interface SinkProgress {
  /** Window records stored by this run, corrections included. */
  windows: number;
  /** Records that could not be read. */
  unreadable: number;
  /** Next offset to be stored, by `topic/partition`. */
  positions: ReadonlyMap<string, number>;
  /** Result records behind. */
  lag: number;
  /** Whether the broker of each partition answers; news of records says so, too. */
  connected: boolean;
  /** From the end of the newest window to its storing, ms. */
  delay?: number;
  /** All that the topics held at the start is stored. */
  caughtUp: boolean;
}

/** What comes in so many ms is stored together, once something was stored; the first after a pause at once. */
const spacing = 50;

/**
 * Reads the result topics of the pipelines on from where the store says, and stores their windows together with how far
 * that came, until the signal aborts or, with `untilEnd`, what was there is stored. While the database is away nothing
 * more is read. Resolves when everything that was read is stored.
 * @throws DashctlError of the topic source, and of the store when waiting does not help.
 */
export async function runSink(options: SinkOptions, signal: AbortSignal): Promise<SinkProgress> {
  const { pipelines, store, logger, clock = systemClock, retain, untilEnd = false } = options;
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const places = await placesOf(options, signal);
  const names = renewedNames(options, places);
  const retention = retain === undefined ? undefined : keepRetention({ store, retain, logger, clock }, until);
  const iterator = (options.source ?? resultsFrom(options, places, until))[Symbol.asyncIterator]();
  const reader = resultReader(pipelines, logger);
  const gathered = gatheredWindows(names.namesOf);
  const unread = new Map([...places.ends].filter(([key, end]) => end > (places.from.get(key) ?? 0)));
  const positions = new Map<string, number>();
  const lost = new Set<string>();
  const progress: SinkProgress = {
    ...{ windows: 0, unreadable: 0, positions, lag: 0, connected: true },
    caughtUp: unread.size === 0,
  };
  let stored = Number.NEGATIVE_INFINITY;

  const tell = () => {
    for (const [key, next] of gathered.read) positions.set(key, next);
    progress.unreadable = reader.unreadable;
    progress.lag = gathered.lag;
    progress.connected = lost.size === 0;
    progress.caughtUp ||= unread.size === 0;
    options.onProgress?.({ ...progress });
  };
  /** Stores what has been gathered; false when the database is away and nobody wants to wait for it any more. */
  const storeAll = async (atEnd: boolean): Promise<boolean> => {
    const { windows } = gathered;
    const next = gathered.positions({ atEnd });
    const isStored = await withPatience(() => store.put(windows, next), { logger, clock }, signal);
    if (!isStored) return false;
    stored = performance.now();
    progress.windows += windows.length;
    if (windows.length > 0) {
      progress.delay = clock.now() - windows.reduce((newest, { end }) => Math.max(newest, end), 0);
      await options.onStored?.(windows, reader.unreadable);
    }
    tell();
    gathered.clear();
    return true;
  };

  let isStored = true;
  try {
    for (let pending = nextOf(iterator); !signal.aborted && !(untilEnd && unread.size === 0); ) {
      const due = gathered.records > 0 ? clock.now() + Math.max(0, stored + spacing - performance.now()) : undefined;
      const next = await nextBatch(pending, due, clock, signal);
      if (next?.done) break;
      if (next) {
        const batch = next.value;
        const key = partitionKey(batch);
        if (names.isAnew(batch)) {
          if (gathered.records > 0) isStored = await storeAll(false);
          if (!isStored) break;
          await names.renew();
        }
        gathered.take(batch, reader.windowsOf(batch));
        if (isLoss(batch)) lost.add(key);
        else lost.delete(key);
        if (batch.nextOffset >= (unread.get(key) ?? 0)) unread.delete(key);
        if (gathered.records === 0) {
          tell();
          gathered.clear();
        }
      }
      const isDue = gathered.records > 0 && (!next || performance.now() >= stored + spacing);
      if (isDue || gathered.isFull) isStored = await storeAll(false);
      if (!isStored) break;
      // What is asked for while the database is away would have to be kept in memory.
      if (next) pending = nextOf(iterator);
    }
    if (isStored && gathered.hasNews) isStored = await storeAll(true);
    if (!isStored)
      logger.warn(`windows that are not stored: ${gathered.windows.length}; the next start reads them again`);
  } finally {
    stop.abort();
    // A source that waits for its reader ends only when it is told so; what it fails with now is nobody's concern.
    iterator.return?.()?.catch(() => {});
    await retention;
  }
  return progress;
}

/** A source says without records that it cannot know any more whether it has read everything. */
const isLoss = ({ records, caughtUp, nextOffset, readableEnd }: SourceBatch) =>
  records.length === 0 && !caughtUp && nextOffset >= readableEnd;

async function placesOf(
  { connection, pipelines, store, logger, source }: SinkOptions,
  signal: AbortSignal,
): Promise<StoredPlaces> {
  if (!source) return await storedPlaces({ connection, pipelines, store, logger }, signal);
  return { from: new Map(), ends: new Map(), namesOf: namesWith(pipelines, new Map()) };
}

function resultsFrom({ connection, pipelines }: SinkOptions, { from }: StoredPlaces, signal: AbortSignal) {
  const topics = [...new Set(pipelines.map(({ resultTopic }) => resultTopic))];
  return topicSource({ connection, topics, from, signal });
}
