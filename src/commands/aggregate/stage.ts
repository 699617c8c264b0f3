import type { KafkaConnection } from '../../kafka/connection.ts';
import { groupMembership } from '../../kafka/group-membership.ts';
import type { StartOffset } from '../../kafka/topics.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import type { ResultFormat } from '../../records/window-count.ts';
import type { WindowShape } from '../../records/window-shape.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { TopicStatus } from '../../window/topic-status.ts';
import { runTerm } from './term.ts';
import { ensureStageTopics, topicsOf } from './topics.ts';

/** What an aggregator is given. Times are ms. */
export interface AggregateOptions {
  connection: KafkaConnection;
  pipelines: readonly Pipeline[];
  groupId: string;
  /** Where to begin in a partition that the group has not read before. */
  from: StartOffset;
  /** Replaces the tumbling windows of the pipelines. */
  shape?: WindowShape;
  outOfOrderness: number;
  allowedLateness: number;
  resultFormat: ResultFormat;
  /** Count what the topics hold now, close all windows and return. */
  untilEnd: boolean;
  /** When open windows are kept in a changelog, and how often it is written: not for users, who have no better figures. */
  changelog?: { most: number; interval: number };
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

/**
 * Counts source topics in windows until the signal aborts, or until what was there is read (`untilEnd`).
 * Results and progress are committed in one transaction each time, so that whatever happens in between, a reader of
 * committed records finds each window once per revision. At a clean stop open windows stay open; the next run rebuilds
 * them from Kafka.
 */
export async function runAggregate(options: AggregateOptions, signal: AbortSignal): Promise<AggregateProgress> {
  const { connection, pipelines, groupId, logger } = options;
  const topics = topicsOf(pipelines);
  await ensureStageTopics(connection, pipelines);
  const membership = await groupMembership({ connection, groupId, topics, signal });
  let progress: AggregateProgress = { active: false, windows: 0, pipelines: new Map() };
  const waiting = new AbortController();
  void sayStandingBy(options, waiting.signal);
  try {
    for await (const term of membership) {
      waiting.abort();
      progress = await runTerm(options, term, progress, signal);
      if (signal.aborted || options.untilEnd) break;
      // Another has taken over, or the broker was away for longer than the session lasts.
      logger.info('no longer the active aggregator of the group, standing by until it is its turn');
      options.onProgress?.({ ...progress, active: false });
    }
  } finally {
    waiting.abort();
    await membership.leave();
  }
  return progress;
}

const standbyNotice = 1_000;

/** Tells the reader why nothing happens: another counts, or one that crashed has its seat until its session times out. */
async function sayStandingBy({ clock, groupId, logger }: AggregateOptions, taken: AbortSignal): Promise<void> {
  await clock.sleepUntil(clock.now() + standbyNotice, taken);
  if (!taken.aborted) logger.info(`another aggregator of the group ${groupId} counts or has just gone, standing by`);
}
