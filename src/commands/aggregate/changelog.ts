import { createHash, randomBytes } from 'node:crypto';
import type { TopicRecords } from '../../kafka/topic-sink.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { shapeOf } from '../../records/window-shape.ts';
import { DashctlError, messageOf } from '../../runtime/errors.ts';
import { changelogInterval, mostReplayed, needsChangelog } from '../../window/changelog-rule.ts';
import type { ChangelogRecord } from '../../window/changelog-snapshot.ts';
import type { ChangelogWriter } from '../../window/changelog-writer.ts';
import type { ChangelogMark } from '../../window/saved-position.ts';
import type { TopicCounts } from '../../window/topic-counts.ts';
import type { AggregateOptions } from './stage.ts';
import { ensureChangelog } from './topics.ts';

const longestTopic = 249;

/**
 * The changelog of a group's pipeline, named as Kafka Streams names its own. A group's name may be any text, a topic's
 * may not: then a hash keeps groups apart that look alike after what is left out.
 */
export function changelogTopic(groupId: string, pipeline: string): string {
  const name = `${groupId}-${pipeline}-changelog`;
  if (name.length <= longestTopic && /^[A-Za-z0-9._-]+$/.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  const readable = `${groupId}-${pipeline}`.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  return `${readable.slice(0, longestTopic - 23)}-${hash}-changelog`;
}

/** What counts must have in common for the one to go on from the other's. */
export const fingerprintOf = ({ shape }: Pick<AggregateOptions, 'shape'>, pipeline: Pipeline): string =>
  JSON.stringify([shape ?? shapeOf(pipeline), pipeline.topic, pipeline.field ?? null, pipeline.whereValue ?? []]);

/** Keeps the open windows of a pipeline in a topic, for as long as a restart would need too many records for them. */
export class PipelineChangelog {
  readonly topic: string;
  readonly #options: AggregateOptions;
  readonly #pipeline: string;
  readonly #writer: ChangelogWriter;
  // The first commit of a term writes it: one that is short, or ends in a crash, must not leave the next more to replay.
  #writtenAt = Number.NEGATIVE_INFINITY;
  #isRefused = false;

  constructor(options: AggregateOptions, pipeline: string, writer: ChangelogWriter) {
    this.topic = changelogTopic(options.groupId, pipeline);
    this.#options = options;
    this.#pipeline = pipeline;
    this.#writer = writer;
  }

  get isKept(): boolean {
    return this.#writer.present !== undefined;
  }

  /** The snapshot that a commit of the partition has to name. */
  readonly mark = (partition: number): ChangelogMark | undefined => {
    const { present } = this.#writer;
    const next = present?.covered.get(partition);
    return present && next !== undefined ? { snapshot: present.id, next } : undefined;
  };

  /**
   * What has to be written in the transaction of the next commit, none unless it is time. Whoever asks has to commit it
   * or to start again from what is committed.
   */
  async changes(counts: TopicCounts, { atEnd = false } = {}): Promise<TopicRecords> {
    const { clock, logger, changelog, pipelines } = this.#options;
    const { most = mostReplayed, interval = changelogInterval } = changelog ?? {};
    const { isKept } = this;
    // A restart replays all pipelines: each may take its part of the time.
    const isNeeded = needsChangelog(isKept, counts.replayLength(), most / pipelines.length);
    if (!isNeeded && isKept) {
      logger.info(`${this.#pipeline}: a restart needs few records again, ${this.topic} is cleared`);
      return this.#records(this.#writer.clear());
    }
    if (!isNeeded || (isKept && !atEnd && clock.now() - this.#writtenAt < interval)) return this.#records([]);
    const state = atEnd && !isKept ? undefined : counts.state();
    if (!state || (!isKept && !(await this.#create()))) return this.#records([]);
    this.#writtenAt = clock.now();
    return this.#records(this.#writer.write(state, randomBytes(8).toString('hex')));
  }

  /** Writes all of it with the next commit: the topic is gone, or may be. */
  beginAnew(): void {
    this.#writer.beginAnew();
  }

  #records(records: readonly ChangelogRecord[]): TopicRecords {
    const timestamp = this.#options.clock.now();
    return { topic: this.topic, records: records.map((record) => ({ ...record, timestamp })) };
  }

  /** Without the right to create a topic counting goes on as it is: a restart takes longer. */
  async #create(): Promise<boolean> {
    if (this.#isRefused) return false;
    const { connection, logger } = this.#options;
    try {
      await ensureChangelog(connection, this.topic);
      logger.info(`${this.#pipeline}: a restart would need many records, open windows are kept in ${this.topic}`);
      return true;
    } catch (error) {
      if (!(error instanceof DashctlError)) throw error;
      // A broker that is away is asked again with the next commit.
      if (error.code !== 'BROKER_REFUSED') return false;
      this.#isRefused = true;
      logger.warn(`${this.#pipeline}: no changelog, a restart will take long: ${messageOf(error)}`);
      return false;
    }
  }
}
