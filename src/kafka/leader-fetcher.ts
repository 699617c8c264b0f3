import { DashctlError } from '../runtime/errors.ts';
import { errorCodes } from './apis.ts';
import type { BrokerLink } from './broker-link.ts';
import { committedBatches } from './committed-batches.ts';
import { refusal } from './errors.ts';
import type { FetchQueue } from './fetch-queue.ts';
import { decodeFetch, encodeFetch, type FetchedPartition, fetchApiKey, newestFetch } from './fetch-request.ts';
import type { FetcherDelay } from './reading-delay.ts';
import { type Fetched, type SourcePartition, standing } from './source-partition.ts';
import { partitionKey } from './topics.ts';

/** What the fetcher of a leader needs of the source that it belongs to. */
export interface FetcherContext {
  readCommitted: boolean;
  /** Most bytes of a partition in a reply. */
  maxBytes: number;
  /** The reader keeps no part of a reply that it has done with: the next but one is put in its place. */
  reusesReplies: boolean;
  queue: FetchQueue;
  /** The partitions that this leader has now. */
  ownPartitions(): SourcePartition[];
  /** Its offset is not, or no longer, in the log: where to read on must be looked up. */
  onOutside(partition: SourcePartition): void;
  /** The leader is not what it was: metadata must be read again. */
  onMoved(partition: SourcePartition): void;
  onFetched(): void;
  /** Told of each request and its answer. */
  delay: FetcherDelay;
}

/** How long a leader holds a fetch that it has nothing for. Held means: there is nothing, up to this moment. */
const longPoll = 1_000;
// Held for longer than it should be, it may hold news back: the partitions no longer count as read to the end.
const latestReply = longPoll + 1_500;
const fetchTimeout = 10_000;
const mostPartitionsAtFull = 8;

const moved: ReadonlySet<number> = new Set([
  errorCodes.unknownTopicOrPartition,
  errorCodes.leaderNotAvailable,
  errorCodes.notLeader,
  errorCodes.replicaNotAvailable,
  errorCodes.kafkaStorageError,
  errorCodes.fencedLeaderEpoch,
  errorCodes.unknownLeaderEpoch,
]);

/**
 * Reads from one leader until it has no partitions left. While the reader works on one reply, the next is fetched.
 * @throws what the connection throws, and DashctlError for what the broker will not let us read.
 */
export async function fetchFrom(link: BrokerLink, context: FetcherContext): Promise<void> {
  const { queue, ownPartitions, delay } = context;
  const version = link.version(fetchApiKey, newestFetch);
  let taken: Promise<void> = Promise.resolve();
  // One is filled while the reader works on the other.
  const rooms = [replyRoom(), replyRoom()] as const;
  for (let turn = 0; ; turn++) {
    const partitions = ownPartitions().filter(({ offset }) => offset !== null);
    if (partitions.length === 0) return;
    const asked = new Map(
      partitions.map((partition) => [partitionKey(partition), { partition, at: partition.offset }]),
    );
    // How things stand at first is asked without waiting: a reader that waits for news wants to know that there are none.
    const isFirst = turn === 0 || partitions.some(({ caughtUp }) => caughtUp === undefined);
    const room = context.reusesReplies ? rooms[turn % 2 === 0 ? 0 : 1] : undefined;
    delay.asked();
    const replies = await fetchOnce(link, version, rotate(partitions, turn), isFirst ? 0 : longPoll, context, room);
    const offered = Promise.withResolvers<void>();
    delay.answered(offered.promise);
    context.onFetched();
    const items: Fetched[] = [];
    for (const reply of replies) {
      const { partition, at } = asked.get(partitionKey(reply)) ?? {};
      // Another leader may have answered for it in the meantime.
      if (!partition || partition.offset !== at) continue;
      if (reply.errorCode === errorCodes.none) take(partition, reply, context.readCommitted, items);
      else if (reply.errorCode === errorCodes.offsetOutOfRange) context.onOutside(partition);
      else if (moved.has(reply.errorCode)) context.onMoved(partition);
      else throw refusal(`cannot read ${partitionKey(reply)}`, reply.errorCode);
    }
    await taken;
    taken = queue.offer(items);
    offered.resolve(taken);
  }
}

type ReplyRoom = (size: number) => Buffer;

/** A buffer for one reply after the other, as large as the largest. */
function replyRoom(): ReplyRoom {
  let buffer = Buffer.alloc(0);
  return (size) => {
    if (size > buffer.length) buffer = Buffer.allocUnsafeSlow(size);
    return buffer;
  };
}

// A reply has room for so many partitions; each gets to be the first in turn (KIP-74).
const rotate = <T>(items: readonly T[], turn: number): T[] => {
  const start = turn % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
};

async function fetchOnce(
  link: BrokerLink,
  version: number,
  partitions: readonly SourcePartition[],
  maxWait: number,
  { readCommitted, maxBytes, queue }: FetcherContext,
  room: ReplyRoom | undefined,
): Promise<FetchedPartition[]> {
  const overdue = setTimeout(() => {
    for (const partition of partitions) fallBehind(partition, queue);
  }, latestReply);
  try {
    const body = encodeFetch(
      {
        maxWait,
        maxBytes: maxBytes * Math.min(partitions.length, mostPartitionsAtFull),
        maxPartitionBytes: maxBytes,
        readCommitted,
        partitions: partitions.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset ?? 0 })),
      },
      version,
    );
    const request = { apiKey: fetchApiKey, apiVersion: version, apiName: 'Fetch', body: [body], ...(room && { room }) };
    const reply = decodeFetch(await link.exchange({ ...request, timeout: fetchTimeout }), version);
    link.throttle(reply.throttle);
    if (reply.errorCode !== errorCodes.none) throw refusal('cannot fetch', reply.errorCode);
    return reply.partitions;
  } finally {
    clearTimeout(overdue);
  }
}

/** Tells the reader, unless it knows, that a partition may hold more than was read. */
export function fallBehind(partition: SourcePartition, queue: FetchQueue): void {
  if (partition.caughtUp !== true) return;
  partition.caughtUp = false;
  queue.push(standing(partition, false));
}

/** Moves a partition on past what was fetched of it, and notes it for the reader if it is news. */
function take(partition: SourcePartition, reply: FetchedPartition, readCommitted: boolean, items: Fetched[]): void {
  const { bytes, highWatermark, lastStableOffset, abortedTransactions } = reply;
  const from = partition.offset ?? 0;
  const { batches, nextOffset } = readBatches(partition, bytes, from, readCommitted ? abortedTransactions : null);
  const readableEnd = readCommitted && lastStableOffset >= 0 ? lastStableOffset : highWatermark;
  const caughtUp = nextOffset >= readableEnd;
  const wasHeldBack = partition.readableEnd < partition.highWatermark;
  const isHeldBack = readableEnd < highWatermark;
  partition.highWatermark = highWatermark;
  partition.readableEnd = readableEnd;
  if (nextOffset === from && caughtUp === partition.caughtUp && isHeldBack === wasHeldBack) return;
  partition.offset = nextOffset;
  partition.caughtUp = caughtUp;
  items.push({ partition, from, bytes, batches, nextOffset, highWatermark, readableEnd, caughtUp });
}

function readBatches(partition: SourcePartition, ...rest: Parameters<typeof committedBatches>) {
  try {
    return committedBatches(...rest);
  } catch (error) {
    throw damaged(partition, error);
  }
}

/** The error for records that cannot be decoded. */
export const damaged = (partition: SourcePartition, cause: unknown) =>
  new DashctlError(
    'BROKER_REFUSED',
    `cannot decode ${partitionKey(partition)}: ${cause instanceof Error ? cause.message : cause}`,
    {
      hint: 'read on after it with -o',
      cause,
    },
  );
