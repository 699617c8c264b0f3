import type { KafkaConnection } from '../../kafka/connection.ts';
import type { GroupTerm } from '../../kafka/group-membership.ts';
import { partitionKey, startOffsets, type TopicPartition, topicOffsets } from '../../kafka/topics.ts';
import { decodePosition, freshPosition, type SavedPosition } from '../../window/saved-position.ts';
import { joinCommits, type PipelineCommit, splitCommit } from '../../window/shared-commit.ts';
import type { CommitPoint, TopicCounts } from '../../window/topic-counts.ts';
import type { AggregateOptions } from './stage.ts';

/** Positions of pipelines that share a topic with those that count, but do not count now; by partition key and name. */
export type OtherPositions = ReadonlyMap<string, ReadonlyMap<string, PipelineCommit>>;

/** What earlier runs have left. */
interface SavedPositions {
  /** Of those that count now, by name and partition. */
  saved: Map<string, Map<number, SavedPosition>>;
  others: OtherPositions;
}

/** Where each pipeline left its partitions, or where the options say to begin. */
export async function savedPositions(
  { connection, from, pipelines }: Pick<AggregateOptions, 'connection' | 'from' | 'pipelines'>,
  term: GroupTerm,
  topics: readonly string[],
): Promise<SavedPositions> {
  const committed = await term.committed();
  const begin = await startOffsets(connection, topics, from);
  const saved = new Map(pipelines.map(({ name }) => [name, new Map<number, SavedPosition>()]));
  const others = new Map<string, Map<string, PipelineCommit>>();
  for (const { topic, partition, offset } of begin) {
    const key = partitionKey({ topic, partition });
    const found = committed.get(key);
    const names = pipelines.filter((pipeline) => pipeline.topic === topic).map(({ name }) => name);
    const left = found ? splitCommit(found.offset, found.metadata, names[0] ?? '') : new Map<string, PipelineCommit>();
    for (const name of names) {
      const own = left.get(name);
      saved.get(name)?.set(partition, own ? decodePosition(own.offset, own.metadata) : freshPosition(offset));
      left.delete(name);
    }
    others.set(key, left);
  }
  return { saved, others };
}

/** What is to be committed of a topic, given the counters of its pipelines by name. */
export function commitsOf(
  topic: string,
  counters: ReadonlyMap<string, Pick<TopicCounts, 'commitPoints'>>,
  others: OtherPositions,
): (CommitPoint & { topic: string })[] {
  const points = [...counters].flatMap(([name, counts]) => counts.commitPoints().map((point) => ({ name, point })));
  return [...Map.groupBy(points, ({ point }) => point.partition)].map(([partition, own]) => ({
    topic,
    ...joinCommits(
      new Map(own.map(({ name, point }) => [name, point])),
      others.get(partitionKey({ topic, partition })) ?? new Map(),
    ),
  }));
}

/** The ends of all partitions that hold something, by `topic/partition`. */
export async function endOffsets(connection: KafkaConnection, topics: readonly string[]): Promise<Map<string, number>> {
  const offsets = await topicOffsets(connection, topics);
  return new Map(offsets.map((end) => [partitionKey(end), end.high]));
}

/** Strikes off what has been read to its agreed end. */
export const noteRead = (until: Map<string, number>, batch: TopicPartition & { nextOffset: number }): void => {
  const key = partitionKey(batch);
  const end = until.get(key);
  if (end !== undefined && batch.nextOffset >= end) until.delete(key);
};
