import type { OffsetToCommit } from '../../kafka/group-offsets.ts';
import type { GroupTerm } from '../../kafka/group-term.ts';
import type { TopicRecords } from '../../kafka/topic-sink.ts';
import type { TransactionalSink } from '../../kafka/transaction.ts';
import { encodeWindowCount, type ResultRecord } from '../../records/window-count.ts';
import { DashctlError, messageOf } from '../../runtime/errors.ts';
import type { ClosedWindow } from '../../window/window-counts.ts';
import type { PipelineChangelog } from './changelog.ts';
import type { Counting } from './counting.ts';
import type { AggregateOptions } from './stage.ts';
import { explainTooLarge } from './too-large.ts';
import { ensureStageTopics } from './topics.ts';

// While a backlog is drained, a transaction for every few windows would cost more than the counting.
const drainInterval = 500;
/** Results that wait for their transaction are bounded, however large the windows are. */
const mostPendingBytes = 4 * 1024 * 1024;
// Reading alone needs few commits: without them a restart only replays more.
const readingInterval = 5_000;
const retryPause = 500;

/** Windows that have come out but are not committed yet, and the commits that make them visible. */
export class PendingResults {
  readonly #options: AggregateOptions;
  readonly #sink: TransactionalSink;
  readonly #term: GroupTerm;
  readonly #changelogs: readonly PipelineChangelog[];
  #batches = new Map<string, ResultRecord[]>();
  #windows = 0;
  #bytes = 0;
  #hasRead = false;
  #lastCommit: number;

  constructor(
    options: AggregateOptions,
    sink: TransactionalSink,
    term: GroupTerm,
    changelogs: readonly PipelineChangelog[],
  ) {
    this.#options = options;
    this.#changelogs = changelogs;
    this.#sink = sink;
    this.#term = term;
    this.#lastCommit = options.clock.now();
  }

  /** Windows that wait. */
  get windows(): number {
    return this.#windows;
  }

  /** Takes note of records that were read: how far reading has come is to be kept also when no window comes out. */
  noteRead(records: number): void {
    this.#hasRead ||= records > 0;
  }

  /** Takes what a pipeline has brought out. */
  add({ pipeline, counts }: Counting, closed: readonly ClosedWindow[]): void {
    if (closed.length === 0) return;
    const { lateDropped } = counts.status();
    const records = this.#batches.get(pipeline.resultTopic) ?? [];
    for (const window of closed) {
      const record = encodeWindowCount({ pipeline: pipeline.name, lateDropped, ...window }, this.#options.resultFormat);
      records.push(record);
      this.#bytes += record.value.length;
    }
    this.#batches.set(pipeline.resultTopic, records);
    this.#windows += closed.length;
  }

  /** When to commit at the latest, epoch ms; undefined when there is nothing to commit. */
  get dueAt(): number | undefined {
    if (this.#windows > 0) return this.#lastCommit + drainInterval;
    return this.#hasRead ? this.#lastCommit + readingInterval : undefined;
  }

  /** Whether it is time to commit: at once for a live view, seldom while a backlog is drained. */
  isDue(isCaughtUp: boolean): boolean {
    const since = this.#options.clock.now() - this.#lastCommit;
    if (this.#windows === 0) return this.#hasRead && since >= readingInterval;
    return isCaughtUp || since >= drainInterval || this.#bytes >= mostPendingBytes;
  }

  /**
   * Commits what waits together with how far the group has come and what changelogs are given, in one transaction. An
   * attempt of which nothing became visible is repeated until `stop`.
   * @returns how many windows became visible.
   * @throws DashctlError `TAKEN_OVER`, `COMMIT_UNKNOWN`: then counting has to start again from what is committed.
   */
  async commit(
    offsets: readonly OffsetToCommit[],
    changes: readonly TopicRecords[],
    stop: AbortSignal,
  ): Promise<number> {
    const { clock, logger } = this.#options;
    const results: TopicRecords[] = [...this.#batches].map(([topic, records]) => ({ topic, records }));
    const batches = [...results, ...changes];
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#sink.commit({ batches, progress: { term: this.#term, offsets } });
        break;
      } catch (error) {
        if (!(await this.#canRepeat(error)) || stop.aborted) {
          throw await explainTooLarge(error, this.#options.connection, this.#batches);
        }
        if (attempt === 1) logger.warn(`results are not committed yet, trying again: ${messageOf(error)}`);
        await clock.sleepUntil(clock.now() + retryPause, stop);
        if (stop.aborted) throw error;
      }
    }
    const committed = this.#windows;
    this.#batches = new Map();
    this.#windows = 0;
    this.#bytes = 0;
    this.#hasRead = false;
    this.#lastCommit = clock.now();
    return committed;
  }

  /** Nothing became visible, and what stood in the way may pass; topics that were deleted are made again. */
  async #canRepeat(error: unknown): Promise<boolean> {
    if (!(error instanceof DashctlError)) return false;
    if (error.code === 'COMMIT_ABORTED') return true;
    if (error.code !== 'TOPIC_UNKNOWN') return false;
    const { connection, pipelines, logger } = this.#options;
    logger.warn('a topic was deleted while it was in use; it is created again');
    const kept = this.#changelogs.filter(({ isKept }) => isKept);
    const names = kept.map(({ topic }) => topic);
    // If it is one of these, the present changes alone make no whole: a restart would notice, and replay instead.
    for (const changelog of kept) changelog.beginAnew();
    // A broker that is away just now answers the next attempt, or the one after it.
    await ensureStageTopics(connection, pipelines, names).catch((failure: unknown) => {
      if (!(failure instanceof DashctlError) || failure.code !== 'BROKER_UNREACHABLE') throw failure;
    });
    return true;
  }
}
