import { type BatchBody, openBatch } from './batch-body.ts';
import type { BatchHeader } from './batch-header.ts';
import { connectClient } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { fetchQueue } from './fetch-queue.ts';
import { damaged } from './leader-fetcher.ts';
import { partitionLeaders } from './partition-leaders.ts';
import { type ReadingDelay, readingDelay } from './reading-delay.ts';
import { decodeRecords, type SourceRecord } from './record-batch-decoder.ts';
import { type RecordScan, recordScan } from './record-scan.ts';
import type { Fetched } from './source-partition.ts';
import type { StartOffset, TopicPartition } from './topics.ts';

export type { SourceRecord } from './record-batch-decoder.ts';

/** Records of one partition in order, or news of it. */
export interface SourceBatch extends Batch {
  records: readonly SourceRecord[];
}

/** The same for readers that keep no records, valid until they ask for the next one. */
export interface ScanBatch extends Batch {
  records: RecordScan;
}

interface Batch extends TopicPartition {
  /** Where to read on after it; markers of transactions count as offsets, too. */
  nextOffset: number;
  highWatermark: number;
  /** The end of what may be read: the high watermark, or where the first open transaction begins. */
  readableEnd: number;
  /** Everything that could be read when the broker answered has been read, down to markers and aborted records. */
  caughtUp: boolean;
}

export interface TopicSourceOptions {
  connection: KafkaConnection;
  /** Read with all partitions that they have or get. */
  topics: readonly string[];
  /** Only these partitions of the topics. */
  partitions?: readonly number[];
  /** Where to begin; with a map of offsets by `topic/partition`, at the start of those it leaves out. */
  from: StartOffset | ReadonlyMap<string, number>;
  /** Ends the iteration. */
  signal: AbortSignal;
  /** Leaves out what transactions have not committed; on unless told. */
  readCommitted?: boolean;
  /** Most bytes of a partition in one reply. */
  maxBytes?: number;
  /** Tells from then on how old what was yielded may be. */
  delay?: ReadingDelay;
}

const defaultMaxBytes = 1 << 20;
// Small batches are joined up to this many records, so that a reader is not woken for each of them.
const joinedRecords = 4_096;

/**
 * Reads topics without a consumer group, for as long as the signal lets it. Yields records as they come, and a batch
 * without records when `caughtUp` changes: at first for partitions with nothing to read, then whenever the connection
 * to a leader is lost and again when it is back. Outlives restarts and moves of brokers.
 * @throws DashctlError `TOPIC_UNKNOWN`, `BROKER_UNREACHABLE` at the start; `BROKER_REFUSED` also later, when the
 * broker forbids reading or records are damaged.
 */
export const topicSource = (options: TopicSourceOptions): AsyncGenerator<SourceBatch, void, undefined> =>
  readTopics(options, sourceBatches, false);

/** Reads topics as `topicSource` does, but makes no objects of records: for those who go through millions. */
export const topicScan = (options: TopicSourceOptions): AsyncGenerator<ScanBatch, void, undefined> =>
  readTopics(options, scanBatches, true);

async function* readTopics<T>(
  options: TopicSourceOptions,
  batchesOf: (fetched: Fetched) => Iterable<T>,
  reusesReplies: boolean,
): AsyncGenerator<T, void, undefined> {
  const { connection, topics, partitions, from, signal, readCommitted = true, maxBytes = defaultMaxBytes } = options;
  const { delay = readingDelay() } = options;
  if (signal.aborted) return;
  const client = await connectClient(connection, signal).catch((error: unknown) => {
    if (signal.aborted) return null;
    throw error;
  });
  if (!client) return;
  const queue = fetchQueue();
  const end = () => queue.end();
  signal.addEventListener('abort', end, { once: true });
  const { logger } = connection;
  delay.watch(() => queue.hasNews());
  const leaders = partitionLeaders({
    client,
    logger,
    queue,
    topics,
    only: partitions,
    readCommitted,
    maxBytes,
    reusesReplies,
    delay,
  });
  try {
    await leaders.start(from);
    if (signal.aborted) return;
    for (let fetched = await queue.next(); fetched; fetched = await queue.next()) {
      for (const batch of batchesOf(fetched)) yield batch;
    }
  } finally {
    signal.removeEventListener('abort', end);
    queue.end();
    leaders.stop();
    client.close();
  }
}

/** Decodes what was fetched piece by piece: records take many times the room of their bytes. */
function* sourceBatches(fetched: Fetched): Generator<SourceBatch> {
  const { partition, bytes } = fetched;
  for (const { batches, ...batch } of pieces(fetched)) {
    const records: SourceRecord[] = [];
    try {
      for (const each of batches) decodeRecords(bytes, each, fetched.from, records);
    } catch (error) {
      throw damaged(partition, error);
    }
    yield { ...batch, records };
  }
}

function* scanBatches(fetched: Fetched): Generator<ScanBatch> {
  const explain = (cause: unknown) => damaged(fetched.partition, cause);
  for (const { batches, ...batch } of pieces(fetched)) {
    let bodies: BatchBody[];
    try {
      bodies = batches.map((each) => openBatch(fetched.bytes, each));
    } catch (error) {
      throw explain(error);
    }
    yield { ...batch, records: recordScan(bodies, fetched.from, explain) };
  }
}

/** Cuts what was fetched into pieces of whole batches. */
function* pieces(fetched: Fetched): Generator<Batch & { batches: readonly BatchHeader[] }> {
  const { batches, nextOffset, caughtUp, highWatermark, readableEnd } = fetched;
  const { topic, partition } = fetched.partition;
  let piece: BatchHeader[] = [];
  let records = 0;
  for (const batch of batches) {
    piece.push(batch);
    records += batch.recordCount;
    if (records < joinedRecords || batch === batches.at(-1)) continue;
    const end = batch.nextOffset;
    yield { topic, partition, batches: piece, nextOffset: end, highWatermark, readableEnd, caughtUp: false };
    piece = [];
    records = 0;
  }
  yield { topic, partition, batches: piece, nextOffset, highWatermark, readableEnd, caughtUp };
}
