import { systemClock } from '../runtime/clock.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { BrokerLink } from './broker-link.ts';
import type { KafkaClient } from './client.ts';
import type { FetchQueue } from './fetch-queue.ts';
import { type FetcherContext, fallBehind, fetchFrom } from './leader-fetcher.ts';
import type { FetcherDelay, ReadingDelay } from './reading-delay.ts';
import { type SourcePartition, sourcePartition, standing } from './source-partition.ts';
import {
  earliest,
  type LedPartition,
  listOffsets,
  partitionKey,
  partitionsOf,
  requireTopics,
  type StartOffset,
  timestampOf,
} from './topics.ts';

/** Keeps every partition of a source with the broker that leads it now. */
export interface PartitionLeaders {
  /** Looks up where to begin, and begins. */
  start(from: StartOffset | ReadonlyMap<string, number>): Promise<void>;
  stop(): void;
}

interface PartitionLeadersOptions {
  client: KafkaClient;
  logger: Logger;
  queue: FetchQueue;
  topics: readonly string[];
  /** Only partitions with these numbers. */
  only: readonly number[] | undefined;
  readCommitted: boolean;
  maxBytes: number;
  reusesReplies: boolean;
  delay: ReadingDelay;
}

// New partitions, and topics made again, are found so late at most; one small request.
const metadataAge = 5_000;
// A broker that has just started may not list all of its topics yet; after this long, they are gone.
const missingPatience = 3_000;
const shortestPause = 100;
const longestPause = 2_000;

export function partitionLeaders(options: PartitionLeadersOptions): PartitionLeaders {
  const { client, logger, queue, topics, only, readCommitted, maxBytes, reusesReplies, delay } = options;
  const partitions = new Map<string, SourcePartition>();
  const fetching = new Set<number>();
  const stopped = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let leading = false;
  let leadAgain = false;
  let failures = 0;
  let lostAt: number | null = null;

  const isWanted = ({ partition }: LedPartition) => !only || only.includes(partition);

  /** Finds leaders and offsets for those without, until all have them; one runs at a time. */
  const lead = async () => {
    leadAgain = true;
    if (leading) return;
    leading = true;
    for (let attempt = 0; leadAgain && !stopped.signal.aborted; attempt++) {
      const tries = Math.max(failures, attempt);
      if (tries > 0) {
        const pause = Math.min(shortestPause * 2 ** (tries - 1), longestPause);
        await systemClock.sleepUntil(Date.now() + pause, stopped.signal);
      }
      leadAgain = false;
      try {
        await refresh();
        for (const { leader } of partitions.values()) {
          if (leader >= 0 && !fetching.has(leader) && !stopped.signal.aborted) void runFetcher(leader);
        }
      } catch (error) {
        failures++;
        noteLoss(error);
      }
      leadAgain ||= [...partitions.values()].some(({ leader, offset }) => leader < 0 || offset === null);
    }
    leading = false;
  };

  const refresh = async () => {
    const led = partitionsOf(await client.metadata(topics)).filter(isWanted);
    const listed = new Set(led.map(partitionKey));
    for (const found of led) {
      const key = partitionKey(found);
      const partition = partitions.get(key) ?? sourcePartition(found, found.leader);
      partitions.set(key, partition);
      partition.leader = found.leader;
      partition.missingSince = null;
    }
    for (const [key, partition] of partitions) if (!listed.has(key)) noteMissing(key, partition);
    await findOffsets();
  };

  /** Partitions that are new, or whose offset was not in the log, are read from their start. */
  const findOffsets = async () => {
    const unknown = [...partitions.values()].filter(({ offset, leader }) => offset === null && leader >= 0);
    if (unknown.length === 0) return;
    const starts = await listOffsets(client, unknown, earliest);
    for (const partition of unknown) {
      const key = partitionKey(partition);
      const start = starts.get(key) ?? 0;
      const { outside } = partition;
      partition.offset = start;
      partition.outside = null;
      if (outside === null) continue;
      if (outside < start) logger.warn(`${start - outside} records of ${key} were deleted before they could be read`);
      else logger.warn(`${key} has no offset ${outside} (was the topic created anew?); reading it from its start`);
    }
  };

  const noteMissing = (key: string, partition: SourcePartition) => {
    const now = Date.now();
    partition.leader = -1;
    partition.missingSince ??= now;
    fallBehind(partition, queue);
    if (now - partition.missingSince < missingPatience) return;
    partitions.delete(key);
    // Nothing is left to be read, so nobody should wait for it.
    queue.push(standing(partition, true));
    logger.warn(`${key} was deleted; it is read again when it is created again`);
  };

  const runFetcher = async (node: number) => {
    fetching.add(node);
    const times = delay.fetcher();
    let link: BrokerLink | undefined;
    try {
      link = await client.open(node);
      await fetchFrom(link, contextOf(node, times));
    } catch (error) {
      // Of an open link, kafkajs's errors are about the connection; all others are the broker's word or a fault.
      const isLost = !link || (error instanceof Error && error.name.startsWith('KafkaJS'));
      if (!isLost) queue.end(error instanceof Error ? error : new Error(messageOf(error)));
      else if (!stopped.signal.aborted) {
        failures++;
        noteLoss(error, link?.address);
      }
      for (const partition of partitions.values()) if (partition.leader === node) disown(partition);
    }
    times.ended();
    link?.close();
    fetching.delete(node);
    if (!stopped.signal.aborted) void lead();
  };

  const disown = (partition: SourcePartition) => {
    partition.leader = -1;
    fallBehind(partition, queue);
  };

  const noteLoss = (error: unknown, address = 'Kafka') => {
    if (lostAt !== null) return;
    lostAt = Date.now();
    logger.warn(`lost the connection to ${address} (${messageOf(error)}), trying to get it back`);
  };

  const noteFetched = () => {
    failures = 0;
    if (lostAt === null || [...partitions.values()].some(({ leader }) => leader < 0)) return;
    logger.info(`reading from Kafka again after ${((Date.now() - lostAt) / 1_000).toFixed(1)} s`);
    lostAt = null;
  };

  const contextOf = (node: number, times: FetcherDelay): FetcherContext => ({
    delay: times,
    readCommitted,
    maxBytes,
    reusesReplies,
    queue,
    ownPartitions: () => [...partitions.values()].filter(({ leader }) => leader === node),
    onMoved(partition) {
      // The cluster may go on naming the old leader for a while: it is asked again with pauses, as after a failure.
      failures++;
      disown(partition);
      void lead();
    },
    onOutside(partition) {
      partition.outside = partition.offset;
      partition.offset = null;
      fallBehind(partition, queue);
      void lead();
    },
    onFetched: noteFetched,
  });

  return {
    async start(from) {
      const led = partitionsOf(await requireTopics(client, topics)).filter(isWanted);
      const missing = only?.find((number) => !led.some(({ partition }) => partition === number));
      if (missing !== undefined) {
        throw new DashctlError('TOPIC_UNKNOWN', `${topics.join(', ')} has no partition ${missing}`);
      }
      const time = isStart(from) ? timestampOf(from) : earliest;
      const unnamed = led.filter((found) => isStart(from) || !from.has(partitionKey(found)));
      const starts = await listOffsets(client, unnamed, time, readCommitted ? 1 : 0);
      for (const found of led) {
        const key = partitionKey(found);
        const partition = sourcePartition(found, found.leader);
        partition.offset = (isStart(from) ? undefined : from.get(key)) ?? starts.get(key) ?? 0;
        partitions.set(key, partition);
      }
      for (const node of new Set(led.map(({ leader }) => leader))) void runFetcher(node);
      timer = setInterval(() => void lead(), metadataAge);
    },
    stop() {
      stopped.abort();
      clearInterval(timer);
    },
  };
}

const isStart = (from: StartOffset | ReadonlyMap<string, number>): from is StartOffset => !(from instanceof Map);
