import type { GroupTerm } from '../../kafka/group-membership.ts';
import { readingDelay } from '../../kafka/reading-delay.ts';
import type { TopicRecords } from '../../kafka/topic-sink.ts';
import { type ScanBatch, topicScan } from '../../kafka/topic-source.ts';
import { transactionalSink } from '../../kafka/transactional-sink.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { DashctlError, messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { TopicCounts } from '../../window/topic-counts.ts';
import type { TopicStatus } from '../../window/topic-status.ts';
import type { ClosedWindow } from '../../window/window-counts.ts';
import { countersOf, firstOffsets, startCounting, takeBatch } from './counting.ts';
import { commitsOf, endOffsets, noteRead, savedPositions } from './positions.ts';
import { rejectedValuesReport } from './rejected-values.ts';
import { restorePipelines } from './restore.ts';
import { PendingResults } from './results.ts';
import type { AggregateOptions, AggregateProgress } from './stage.ts';
import { ensureStageTopics, topicsOf } from './topics.ts';
import { earlier, earliestDue, nextBatch, nextOf, whenKnown } from './waiting.ts';

// Longer than any round takes; what is left open by a crash is ended by whoever takes over, not by this.
const transactionTimeout = 60_000;
/** How long the commit at a stop may take. */
const lastCommitPatience = 5_000;
const restartPause = 500;

/** Counts for as long as this process is the active one of its group. `before` is how far earlier terms have come. */
export async function runTerm(
  options: AggregateOptions,
  term: GroupTerm,
  before: AggregateProgress,
  signal: AbortSignal,
): Promise<AggregateProgress> {
  const { clock, logger } = options;
  let progress = before;
  let warnedOf: string | undefined;
  for (;;) {
    if (signal.aborted || term.signal.aborted) return progress;
    const tell = (current: AggregateProgress) => {
      progress = current;
      options.onProgress?.(current);
    };
    try {
      await countFromCommitted(options, term, progress.windows, tell, signal);
      return progress;
    } catch (error) {
      // Whoever has the role next goes on from what is committed; a user who stops this one is told what is not.
      if (term.signal.aborted && (!signal.aborted || isUncertain(error))) return progress;
      if (signal.aborted || !(isUncertain(error) || isPassing(error))) throw error;
      // The next sink settles the transaction first, so that the offsets say what came of it.
      if (warnedOf !== messageOf(error)) logger.warn(`${messageOf(error)}; counting goes on from what is committed`);
      warnedOf = messageOf(error);
      await clock.sleepUntil(clock.now() + restartPause, AbortSignal.any([signal, term.signal]));
      if (error instanceof DashctlError && error.code === 'TOPIC_UNKNOWN') await createTopics(options);
    }
  }
}

const isUncertain = (error: unknown): boolean =>
  error instanceof DashctlError && (error.code === 'COMMIT_UNKNOWN' || error.code === 'TAKEN_OVER');

/** A broker that goes away while a term begins, or a topic, is back in a while: what was there at the start may return. */
const isPassing = (error: unknown): boolean =>
  error instanceof DashctlError &&
  (error.code === 'BROKER_UNREACHABLE' || error.code === 'TOPIC_UNKNOWN' || isRetriable(error.cause));

const isRetriable = (cause: unknown): boolean =>
  cause instanceof Error && cause.name === 'KafkaJSProtocolError' && 'retriable' in cause && cause.retriable === true;

/** Makes the topics that were deleted; a failure shows again where they are used. */
async function createTopics({ connection, pipelines }: AggregateOptions): Promise<void> {
  await ensureStageTopics(connection, pipelines).catch((error: unknown) => {
    if (!isPassing(error)) throw error;
  });
}

/** Rebuilds the open windows from what the group has committed, and counts on from there. */
async function countFromCommitted(
  options: AggregateOptions,
  term: GroupTerm,
  windowsBefore: number,
  tell: (progress: AggregateProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const { connection, pipelines, groupId, clock, logger, untilEnd } = options;
  const stop = AbortSignal.any([signal, term.signal]);
  // Opened before the offsets are asked for: it ends what a former holder has left open, which may move them.
  const transactionalId = `dashctl-aggregate-${groupId}`;
  const patience = new AbortController();
  const loosePatience = () => setTimeout(() => patience.abort(), lastCommitPatience).unref();
  // Whoever has lost the role has nothing to wait for.
  term.signal.addEventListener('abort', () => patience.abort(), { once: true });
  if (signal.aborted) loosePatience();
  else signal.addEventListener('abort', loosePatience, { once: true });
  const sink = await transactionalSink({
    ...{ connection, transactionalId, timeout: transactionTimeout },
    signal: patience.signal,
  });
  const reading = new AbortController();
  let batches: AsyncIterator<ScanBatch, unknown> | undefined;
  try {
    const topics = topicsOf(pipelines);
    const found = await unlessStopped(savedPositions(options, term, topics), stop);
    const until = untilEnd ? await unlessStopped(endOffsets(connection, topics), stop) : undefined;
    if (!found || stop.aborted) return;
    const { saved, others } = found;
    const restored = await unlessStopped(restorePipelines(options, saved, stop), stop);
    if (!restored || stop.aborted) return;
    const counting = pipelines.flatMap((pipeline) => {
      const own = restored.get(pipeline.name);
      return own ? [startCounting(options, pipeline, own)] : [];
    });
    const byTopic = Map.groupBy(counting, ({ pipeline }) => pipeline.topic);
    const from = firstOffsets(counting);
    const delay = readingDelay();
    const source = topicScan({ connection, topics, from, delay, signal: AbortSignal.any([stop, reading.signal]) });
    const iterator = source[Symbol.asyncIterator]();
    batches = iterator;
    const changelogs = counting.map(({ changelog }) => changelog);
    const results = new PendingResults(options, sink, term, changelogs);

    let windows = windowsBefore;
    const reported = new Map<string, number>();
    const reportRejected = rejectedValuesReport(options);
    const progress = (): AggregateProgress => ({
      active: true,
      windows,
      pipelines: new Map(counting.map(({ pipeline, counts }) => [pipeline.name, counts.status()])),
    });
    const bringOut = (close: (counts: TopicCounts) => ClosedWindow[]) => {
      for (const each of counting) results.add(each, close(each.counts));
      for (const { pipeline, counts } of counting) {
        reportLate(pipeline, counts.status(), reported, logger);
        reportRejected(pipeline.name, pipeline.topic, counts);
      }
    };
    const commit = async ({ atEnd = false } = {}) => {
      const changes: TopicRecords[] = [];
      for (const { changelog, counts } of counting) changes.push(await changelog.changes(counts, { atEnd }));
      const offsets = [...byTopic].flatMap(([topic, sharing]) => commitsOf(topic, countersOf(sharing), others));
      windows += await results.commit(offsets, changes, stop).catch((error: unknown) => {
        if (signal.aborted) return explainLastCommit(error);
        throw error;
      });
    };

    tell(progress());
    let pending = nextOf(iterator);
    while (!stop.aborted) {
      const windowsDue = whenKnown(earliestDue(counting), clock.now(), delay.current);
      const due = earlier(windowsDue, results.dueAt);
      const batch = await nextBatch(pending, due, clock, stop);
      if (batch?.done) break;
      if (batch) {
        for (const each of byTopic.get(batch.value.topic) ?? []) takeBatch(each, batch.value, from);
        results.noteRead(batch.value.records.atMost);
        pending = nextOf(iterator);
        if (until) noteRead(until, batch.value);
      }
      if (stop.aborted) break;
      if (until?.size === 0) {
        bringOut((counts) => counts.closeAll());
        break;
      }
      bringOut((counts) => counts.advance(clock.now() - delay.current));
      const current = progress();
      if (results.isDue(isCaughtUp(current))) await commit();
      // What is not committed yet is not out for anybody else.
      if (results.windows === 0) tell({ ...current, windows });
    }
    for (const { pipeline, counts } of counting) {
      reportRejected(pipeline.name, pipeline.topic, counts, { atEnd: true });
    }
    // Whoever has lost the role must not move the offsets of the one who has it now.
    if (!term.signal.aborted) await commit({ atEnd: true });
    tell(progress());
  } finally {
    // A source that waits for its reader ends only when it is told so; what it fails with now is nobody's concern.
    reading.abort();
    batches?.return?.().catch(() => {});
    signal.removeEventListener('abort', loosePatience);
    await sink.close();
  }
}

/** What the work comes to, or undefined as soon as nobody wants it any more. */
async function unlessStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  const done = new AbortController();
  const stopped = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true, signal: done.signal });
  });
  return await Promise.race([work, stopped]).finally(() => done.abort());
}

function explainLastCommit(error: unknown): never {
  if (isUncertain(error)) throw error;
  throw new DashctlError('BROKER_REFUSED', `the last progress was not committed: ${messageOf(error)}`, {
    hint: 'nothing is lost: the next start goes on from the commit before',
    cause: error,
  });
}
const isCaughtUp = ({ pipelines }: AggregateProgress) => [...pipelines.values()].every(({ caughtUp }) => caughtUp);

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
