import type { KafkaConnection } from '../../kafka/connection.ts';
import { ensureTopics } from '../../kafka/topics.ts';
import type { Pipeline } from '../../records/pipelines.ts';

/**
 * A window is one record, however many values were seen in it. With 16 MiB instead of the one that a topic takes by
 * default, these may be half a million; brokers take requests of several times that.
 */
const resultConfigs = { 'max.message.bytes': String(16 * 1024 * 1024) };

/**
 * Only the last record of each key matters. What is not compacted yet is read at a restart, so that segments, of which
 * the newest is never compacted, are kept short.
 */
const changelogConfigs = {
  'cleanup.policy': 'compact',
  'segment.bytes': String(16 * 1024 * 1024),
  'min.cleanable.dirty.ratio': '0.2',
};

/** The source topics of pipelines, each once. */
export const topicsOf = (pipelines: readonly Pipeline[]): string[] => [...new Set(pipelines.map(({ topic }) => topic))];

export const ensureResultTopics = (connection: KafkaConnection, pipelines: readonly Pipeline[]): Promise<void> =>
  ensureTopics(
    connection,
    pipelines.map(({ resultTopic }) => resultTopic),
    { configs: resultConfigs },
  );

/** Its order is that of one partition. */
export const ensureChangelog = (connection: KafkaConnection, topic: string): Promise<void> =>
  ensureTopics(connection, [topic], { partitions: 1, configs: changelogConfigs });

/** Creates what counting reads and writes, where it does not exist. */
export async function ensureStageTopics(
  connection: KafkaConnection,
  pipelines: readonly Pipeline[],
  changelogs: readonly string[] = [],
): Promise<void> {
  await ensureTopics(connection, topicsOf(pipelines));
  await ensureResultTopics(connection, pipelines);
  for (const topic of changelogs) await ensureChangelog(connection, topic);
}
