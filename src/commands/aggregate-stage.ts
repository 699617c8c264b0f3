import type { KafkaConnection } from '../kafka/connection.ts';
import { type GroupTerm, groupMembership } from '../kafka/group-membership.ts';
import { type TopicSink, topicSink } from '../kafka/topic-sink.ts';
import { type SourceBatch, topicSource } from '../kafka/topic-source.ts';
import { ensureTopics, partitionKey, type StartOffset, topicOffsets } from '../kafka/topics.ts';
import type { Pipeline } from '../records/pipelines.ts';
import { keyReader } from '../records/record-key.ts';
import { encodeWindowCount, type ResultFormat } from '../records/window-count.ts';
import type { Clock } from '../runtime/clock.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { SavedPosition } from '../window/saved-position.ts';
import { type TopicCounts, type TopicCountsOptions, type TopicStatus, topicCounts } from '../window/topic-counts.ts';
import type { ClosedWindow } from '../window/window-counts.ts';
import { commitsOf, savedPositions } from './aggregate-positions.ts';
import { rejectedValuesReport } from './rejected-values.ts';

/** What an aggregator is given. Times are ms. */
export interface AggregateOptions {
  connection: KafkaConnection;
  pipelines: readonly Pipeline[];
  groupId: string;
  /** Where to begin in a partition that the group has not read before. */
  from: StartOffset;
  /** Replaces the window length of the pipelines. */
  window?: number;
  outOfOrderness: number;
  allowedLateness: number;
  resultFormat: ResultFormat;
  /** Count what the topics hold now, close all windows and return. */
  untilEnd: boolean;
  clock: Clock;
  logger: Logger;
  onProgress?: (progress: AggregateProgress) => void;
}

/** Where an aggregator stands. */
export interface AggregateProgress {
  /** Whether this process counts, or stands by while another of its group does. */
  active: boolean;
  /** Windows brought out by this run, corrections included. */
  windows: number;
  /** By name. */
  pipelines: ReadonlyMap<string, TopicStatus>;
}

/** A pipeline at work: its counter and how many windows it has brought out. */
interface Counting {
  pipeline: Pipeline;
  counts: TopicCounts;
  /** First offset that it is given of a partition, until reading has come that far. */
  begins: Map<number, number>;
}

// Every round could be committed; while a backlog is drained that would cost more than it saves.
const commitInterval = 1_000;

/**
 * Counts source topics in windows until the signal aborts, or until what was there is read (`untilEnd`).
 * Results are written before progress is committed: a crash between the two repeats a window under the same key, and
 * never loses one. At a clean stop open windows stay open; the next run rebuilds them from Kafka.
 */
export async function runAggregate(options: AggregateOptions, signal: AbortSignal): Promise<AggregateProgress> {
  const { connection, pipelines, groupId, logger } = options;
  const topics = topicsOf(pipelines);
  await ensureTopics(connection, [...topics, ...pipelines.map(({ resultTopic }) => resultTopic)]);
  const sink = await topicSink({ connection });
  const membership = await groupMembership({ connection, groupId, topics, signal });
  let progress: AggregateProgress = { active: false, windows: 0, pipelines: new Map() };
  const waiting = new AbortController();
  void sayStandingBy(options, waiting.signal);
  try {
    for await (const term of membership) {
      waiting.abort();
      progress = await runTerm(options, term, sink, signal);
      if (signal.aborted || options.untilEnd) break;
      logger.info('another aggregator of the group has taken over, standing by');
      options.onProgress?.({ ...progress, active: false });
    }
  } finally {
    waiting.abort();
    await membership.leave();
    await sink.close();
  }
  return progress;
}

const standbyNotice = 1_000;

/** Tells the reader why nothing happens: another counts, or one that crashed has its seat until its session times out. */
async function sayStandingBy({ clock, groupId, logger }: AggregateOptions, taken: AbortSignal): Promise<void> {
  await clock.sleepUntil(clock.now() + standbyNotice, taken);
  if (!taken.aborted) logger.info(`another aggregator of the group ${groupId} counts or has just gone, standing by`);
}

/** Counts for as long as this process is the active one of its group. */
async function runTerm(
  options: AggregateOptions,
  term: GroupTerm,
  sink: TopicSink,
  signal: AbortSignal,
): Promise<AggregateProgress> {
  const { connection, pipelines, clock, logger, untilEnd } = options;
  const topics = topicsOf(pipelines);
  const { saved, others } = await savedPositions(options, term, topics);
  const counting = new Map<string, Counting>();
  for (const pipeline of pipelines) {
    const positions = saved.get(pipeline.name) ?? new Map<number, SavedPosition>();
    const begins = new Map([...positions].map(([partition, { offset }]) => [partition, offset]));
    counting.set(pipeline.name, { pipeline, counts: topicCounts(countsOptions(options, pipeline), positions), begins });
  }
  const until = untilEnd ? await endOffsets(connection, topics) : undefined;
  const stop = AbortSignal.any([signal, term.signal]);
  const ended = new AbortController();
  const from = new Map<string, number>();
  for (const { name, topic } of pipelines) {
    for (const [partition, { offset }] of saved.get(name) ?? []) {
      const key = partitionKey({ topic, partition });
      from.set(key, Math.min(offset, from.get(key) ?? offset));
    }
  }
  const byTopic = Map.groupBy(counting.values(), ({ pipeline }) => pipeline.topic);
  const source = topicSource({ connection, topics, from, signal: AbortSignal.any([stop, ended.signal]) });
  const batches = source[Symbol.asyncIterator]();

  let windows = 0;
  let lastCommit = Number.NEGATIVE_INFINITY;
  let uncommitted = false;
  const reported = new Map<string, number>();
  const reportRejected = rejectedValuesReport(options);
  const progress = (): AggregateProgress => ({
    active: true,
    windows,
    pipelines: new Map([...counting].map(([name, { counts }]) => [name, counts.status()])),
  });
  const commit = async () => {
    lastCommit = clock.now();
    uncommitted = false;
    await term.commit([...byTopic].flatMap(([topic, sharing]) => commitsOf(topic, countersOf(sharing), others)));
  };
  const bringOut = async (close: (counts: TopicCounts) => ClosedWindow[]) => {
    const emitted = await emit(counting.values(), close, sink, options);
    windows += emitted;
    for (const { pipeline, counts } of counting.values()) {
      reportLate(pipeline, counts.status(), reported, logger);
      reportRejected(pipeline.name, pipeline.topic, counts);
    }
    return emitted > 0;
  };

  options.onProgress?.(progress());
  let pending = batches.next();
  while (!stop.aborted) {
    const due = earliestDue(counting.values());
    const batch = await nextBatch(pending, due, clock, stop);
    if (batch?.done) break;
    if (batch) {
      for (const counter of byTopic.get(batch.value.topic) ?? []) takeBatch(counter, batch.value);
      uncommitted ||= batch.value.records.length > 0;
      pending = batches.next();
      if (until) noteRead(until, batch.value);
    }
    if (stop.aborted) break;
    if (until?.size === 0) {
      await bringOut((counts) => counts.closeAll());
      break;
    }
    const emitted = await bringOut((counts) => counts.advance(clock.now()));
    const current = progress();
    // Where conditions leave everything out no window comes out, and the place in the topic is to be kept all the same.
    const isTime = clock.now() - lastCommit >= commitInterval;
    if ((emitted && isCaughtUp(current)) || (isTime && (emitted || uncommitted))) await commit();
    options.onProgress?.(current);
  }
  ended.abort();
  await batches.return?.();
  for (const { pipeline, counts } of counting.values()) {
    reportRejected(pipeline.name, pipeline.topic, counts, { atEnd: true });
  }
  // Whoever has lost the role must not move the offsets of the one who has it now.
  if (!term.signal.aborted) {
    await commit().catch((error: unknown) => {
      throw new DashctlError('BROKER_REFUSED', `the last progress was not committed: ${messageOf(error)}`, {
        hint: 'nothing is lost: the next start goes on from the commit before',
        cause: error,
      });
    });
  }
  return progress();
}

const countsOptions = (options: AggregateOptions, pipeline: Pipeline): TopicCountsOptions => ({
  size: options.window ?? pipeline.window,
  outOfOrderness: options.outOfOrderness,
  allowedLateness: options.allowedLateness,
  keyOf: keyReader(pipeline),
});

const countersOf = (sharing: readonly Counting[]) =>
  new Map(sharing.map(({ pipeline, counts }) => [pipeline.name, counts]));

const topicsOf = (pipelines: readonly Pipeline[]): string[] => [...new Set(pipelines.map(({ topic }) => topic))];

const isCaughtUp = ({ pipelines }: AggregateProgress) => [...pipelines.values()].every(({ caughtUp }) => caughtUp);

/** The ends of all partitions that hold something, by `topic/partition`. */
async function endOffsets(connection: KafkaConnection, topics: readonly string[]): Promise<Map<string, number>> {
  const offsets = await topicOffsets(connection, topics);
  return new Map(offsets.map((end) => [partitionKey(end), end.high]));
}

const noteRead = (until: Map<string, number>, batch: SourceBatch) => {
  const key = partitionKey(batch);
  const end = until.get(key);
  if (end !== undefined && batch.nextOffset >= end) until.delete(key);
};

/** A topic is read once, from the first record that one of its pipelines needs: others may begin later. */
function takeBatch({ counts, begins }: Counting, batch: SourceBatch): void {
  const begin = begins.get(batch.partition) ?? 0;
  if (batch.nextOffset > begin) begins.delete(batch.partition);
  const [first] = batch.records;
  const isBefore = first !== undefined && first.offset < begin;
  counts.take(isBefore ? { ...batch, records: batch.records.filter(({ offset }) => offset >= begin) } : batch);
}

function earliestDue(counting: Iterable<Counting>): number | undefined {
  let earliest: number | undefined;
  for (const { counts } of counting) {
    const due = counts.nextDue();
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}

/** The pending batch when it comes before `due`, else undefined. */
async function nextBatch(
  pending: Promise<IteratorResult<SourceBatch, unknown>>,
  due: number | undefined,
  clock: Clock,
  stop: AbortSignal,
): Promise<IteratorResult<SourceBatch, unknown> | undefined> {
  if (due === undefined) return pending;
  const settled = new AbortController();
  const wake = clock.sleepUntil(due, AbortSignal.any([settled.signal, stop])).then(() => undefined);
  try {
    return await Promise.race([pending, wake]);
  } finally {
    settled.abort();
  }
}

/** Writes the windows that are out, all pipelines in one go; returns how many. */
async function emit(
  counting: Iterable<Counting>,
  close: (counts: TopicCounts) => ClosedWindow[],
  sink: TopicSink,
  { resultFormat }: AggregateOptions,
): Promise<number> {
  const batches = [];
  let emitted = 0;
  for (const { pipeline, counts } of counting) {
    const closed = close(counts);
    if (closed.length === 0) continue;
    const { lateDropped } = counts.status();
    const records = closed.map((window) =>
      encodeWindowCount({ pipeline: pipeline.name, lateDropped, ...window }, resultFormat),
    );
    batches.push({ topic: pipeline.resultTopic, records });
    emitted += records.length;
  }
  if (batches.length > 0) await sink.sendAll(batches);
  return emitted;
}

/** Says once per round how many records came too late for any window. */
function reportLate(
  { name, topic }: Pipeline,
  { lateDropped }: TopicStatus,
  reported: Map<string, number>,
  logger: Logger,
): void {
  const before = reported.get(name) ?? 0;
  if (lateDropped > before) logger.warn(`${lateDropped - before} records of ${topic} came too late for their window`);
  reported.set(name, lateDropped);
}
