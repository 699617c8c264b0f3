import type { KafkaConnection } from '../../kafka/connection.ts';
import { topicIds } from '../../kafka/topic-ids.ts';
import type { SourceBatch } from '../../kafka/topic-source.ts';
import { partitionKey, startOffsets, type TopicPartition } from '../../kafka/topics.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { withPatience } from './store-patience.ts';

/** Where reading of result topics goes on, and under which names a store keeps that. */
export interface StoredPlaces {
  /** Next offset to read, by `topic/partition`; partitions that are not named are read from their beginning. */
  from: ReadonlyMap<string, number>;
  /** Where the topics ended when this was asked, by `topic/partition`. */
  ends: ReadonlyMap<string, number>;
  /** What a store calls the positions of a partition. */
  namesOf(partition: TopicPartition): string[];
}

interface PlacesOptions {
  connection: KafkaConnection;
  pipelines: readonly Pipeline[];
  store: Pick<WindowStore, 'positions'>;
  logger: Logger;
}

/**
 * Looks up where to read on; a store that is away is waited for.
 * @throws DashctlError of Kafka, and of the store when waiting does not help.
 */
export async function storedPlaces(options: PlacesOptions, signal: AbortSignal): Promise<StoredPlaces> {
  const { connection, pipelines, store, logger } = options;
  const namesOf = await positionNames(connection, pipelines);
  const topics = [...new Set(pipelines.map(({ resultTopic }) => resultTopic))];
  const partitions = await startOffsets(connection, topics, 'latest');
  let stored: ReadonlyMap<string, number> = new Map();
  const ask = async () => {
    stored = await store.positions();
  };
  await withPatience(ask, { logger }, signal);
  const from = startingPlaces(partitions, stored, namesOf, logger);
  return { from, ends: new Map(partitions.map((end) => [partitionKey(end), end.offset])), namesOf };
}

/** How a store names the positions of partitions, as the topics are now. */
async function positionNames(connection: KafkaConnection, pipelines: readonly Pipeline[]) {
  const topics = [...new Set(pipelines.map(({ resultTopic }) => resultTopic))];
  return namesWith(pipelines, await topicIds(connection, topics));
}

/** Notices topics that are made anew while they are read: their positions have other names from then on. */
export function renewedNames({ connection, pipelines, logger }: Omit<PlacesOptions, 'store'>, places: StoredPlaces) {
  let { namesOf } = places;
  const reached = new Map(places.from);
  return {
    namesOf: (partition: TopicPartition) => namesOf(partition),
    /** Whether these are records of a topic that was read further before. */
    isAnew(batch: SourceBatch): boolean {
      const [first] = batch.records;
      const before = reached.get(partitionKey(batch)) ?? 0;
      if (first) reached.set(partitionKey(batch), batch.nextOffset);
      return first !== undefined && first.offset < before;
    },
    async renew(): Promise<void> {
      try {
        namesOf = await positionNames(connection, pipelines);
      } catch (error) {
        // Under their former names the next start will not find the positions, and reads the topic once more.
        logger.debug(`the ids of the result topics are not known: ${messageOf(error)}`);
      }
    },
  };
}

/**
 * One name for each pipeline of the topic, since one that is added later has to be read from its beginning, and with the
 * topic's id, since one that was made anew has nothing to do with the offsets of the one before.
 */
export function namesWith(pipelines: readonly Pipeline[], ids: ReadonlyMap<string, string>) {
  const byTopic = Map.groupBy(pipelines, ({ resultTopic }) => resultTopic);
  return (partition: TopicPartition): string[] => {
    const id = ids.get(partition.topic);
    const place = id === undefined ? partitionKey(partition) : `${partitionKey(partition)}@${id}`;
    return (byTopic.get(partition.topic) ?? []).map(({ name }) => `${name} ${place}`);
  };
}

/** The first record of each partition that one of its pipelines needs; of those that are known to all of them. */
export function startingPlaces(
  ends: readonly (TopicPartition & { offset: number })[],
  stored: ReadonlyMap<string, number>,
  namesOf: StoredPlaces['namesOf'],
  logger: Logger,
): Map<string, number> {
  const places = ends.flatMap((end): [string, number][] => {
    const known = namesOf(end).map((name) => stored.get(name) ?? -1);
    const place = Math.min(...known);
    if (place < 0) return [];
    if (place <= end.offset) return [[partitionKey(end), place]];
    logger.warn(
      `${partitionKey(end)} ends at ${end.offset}, but was read up to ${place}: reading it from its beginning`,
    );
    return [];
  });
  return new Map(places);
}
