import type { KafkaConnection } from '../kafka/connection.ts';
import type { GroupTerm } from '../kafka/group-membership.ts';
import type { SourceBatch } from '../kafka/topic-source.ts';
import { startOffsets, topicOffsets } from '../kafka/topics.ts';
import { decodePosition, freshPosition, type SavedPosition } from '../window/saved-position.ts';
import type { AggregateOptions } from './aggregate-stage.ts';

/** Where each partition was left, or where the options say to begin; by topic and partition. */
export async function savedPositions(
  { connection, from }: AggregateOptions,
  term: GroupTerm,
  topics: readonly string[],
): Promise<Map<string, Map<number, SavedPosition>>> {
  const committed = await term.committed();
  const begin = await startOffsets(connection, topics, from);
  const saved = new Map<string, Map<number, SavedPosition>>();
  for (const { topic, partition, offset } of begin) {
    const found = committed.get(`${topic}/${partition}`);
    const positions = saved.get(topic) ?? new Map<number, SavedPosition>();
    positions.set(partition, found ? decodePosition(found.offset, found.metadata) : freshPosition(offset));
    saved.set(topic, positions);
  }
  return saved;
}

/** The ends of all partitions that hold something, by `topic/partition`. */
export async function endOffsets(connection: KafkaConnection, topics: readonly string[]): Promise<Map<string, number>> {
  const offsets = await topicOffsets(connection, topics);
  return new Map(offsets.map(({ topic, partition, high }) => [`${topic}/${partition}`, high]));
}

/** Strikes off what has been read to its agreed end. */
export const noteRead = (until: Map<string, number>, { topic, partition, nextOffset }: SourceBatch) => {
  const name = `${topic}/${partition}`;
  const end = until.get(name);
  if (end !== undefined && nextOffset >= end) until.delete(name);
};
