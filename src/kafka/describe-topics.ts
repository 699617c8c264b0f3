import { describeConfigsApi, errorCodes } from './apis.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { refusal } from './errors.ts';
import { groupsOfTopic, type TopicGroup } from './group-lag.ts';
import { latestTimes } from './latest-times.ts';
import { partitionSizes } from './log-dirs.ts';
import {
  earliest,
  type LedPartition,
  latest,
  listOffsets,
  partitionKey,
  partitionsOf,
  requireTopics,
  type TopicPartition,
  withClient,
} from './topics.ts';

export interface DescribedPartition extends TopicPartition {
  /** Node id of the broker that leads it, -1 while there is none. */
  leader: number;
  /** Its records are those from here up to, not including, `high`; both are undefined while it has no leader. */
  earliest: number | undefined;
  high: number | undefined;
  /** On the leader's disk; undefined where the broker does not tell. */
  sizeBytes: number | undefined;
  /** The greatest timestamp in it, epoch ms; null when it is empty, undefined where the broker cannot tell. */
  lastTime: number | null | undefined;
}

export interface TopicSummary {
  name: string;
  partitions: DescribedPartition[];
}

export interface ChangedConfig {
  name: string;
  value: string;
  /** Whether the topic itself sets it, or the broker for all its topics. */
  setBy: 'topic' | 'broker';
}

export interface TopicDescription extends TopicSummary {
  /** What is not as it is by default. */
  configs: ChangedConfig[];
  groups: TopicGroup[];
}

/** All topics of a cluster by name; Kafka's own (`__consumer_offsets` …) only with `internal`. */
export const listTopics = (connection: KafkaConnection, { internal }: { internal: boolean }): Promise<TopicSummary[]> =>
  withClient(connection, async (client) => {
    const metadata = await client.metadata(undefined, { internal });
    const partitions = partitionsOf(metadata).filter(({ topic }) => internal || !topic.startsWith('__'));
    return await summaries(client, partitions);
  });

/**
 * Topics with their configuration, and the groups that read them.
 * @throws DashctlError `TOPIC_UNKNOWN` with the nearest names.
 */
export const describeTopics = (connection: KafkaConnection, names: readonly string[]): Promise<TopicDescription[]> =>
  withClient(connection, async (client) => {
    const metadata = await requireTopics(client, names);
    const described: TopicDescription[] = [];
    for (const summary of await summaries(client, partitionsOf(metadata))) {
      described.push({
        ...summary,
        configs: await changedConfigs(client, summary.name),
        groups: await groupsOfTopic(client, metadata.nodes, summary.name),
      });
    }
    return described;
  });

/**
 * Whether a broker may remove records of a topic that have been replaced by others with their key.
 * @throws DashctlError `BROKER_REFUSED` where the configuration may not be read.
 */
export const isCompacted = (connection: KafkaConnection, topic: string): Promise<boolean> =>
  withClient(connection, async (client) => {
    const configs = await changedConfigs(client, topic);
    return configs.some(({ name, value }) => name === 'cleanup.policy' && value.includes('compact'));
  });

/**
 * The most bytes that a topic takes in a batch, and so in a record.
 * @throws DashctlError `BROKER_REFUSED` where the configuration may not be read.
 */
export const mostMessageBytes = (connection: KafkaConnection, topic: string): Promise<number> =>
  withClient(connection, async (client) => {
    const [entry] = await configEntries(client, topic, ['max.message.bytes']);
    return Number(entry?.configValue ?? Number.NaN);
  });

async function summaries(client: KafkaClient, partitions: readonly LedPartition[]): Promise<TopicSummary[]> {
  // A list should not fail for one partition whose broker is down.
  const led = partitions.filter(({ leader }) => leader >= 0);
  const lows = await listOffsets(client, led, earliest);
  const highs = await listOffsets(client, led, latest);
  const sizes = await partitionSizes(client, led);
  const times = await latestTimes(client, led);
  const describe = (partition: LedPartition): DescribedPartition => {
    const key = partitionKey(partition);
    return {
      ...partition,
      earliest: lows.get(key),
      high: highs.get(key),
      sizeBytes: sizes?.get(key),
      lastTime: times && (times.get(key) ?? null),
    };
  };
  const byName = Map.groupBy(partitions, ({ topic }) => topic);
  return [...byName]
    .map(([name, own]) => ({ name, partitions: own.map(describe) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** As the protocol numbers them. */
const topicResource = 2;
const topicSource = 1;
const defaultSource = 5;

async function changedConfigs(client: KafkaClient, name: string): Promise<TopicDescription['configs']> {
  const entries = await configEntries(client, name);
  return entries
    .filter(({ configSource }) => configSource !== defaultSource)
    .map(
      ({ configName, configValue, configSource }): ChangedConfig => ({
        name: configName,
        value: configValue ?? '',
        setBy: configSource === topicSource ? 'topic' : 'broker',
      }),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Those of a topic's configurations that are named; all when none is. */
async function configEntries(client: KafkaClient, name: string, configNames: readonly string[] = []) {
  const { resources } = await client.call('any', describeConfigsApi, {
    resources: [{ type: topicResource, name, configNames }],
    includeSynonyms: false,
  });
  const [resource] = resources;
  if (!resource) return [];
  if (resource.errorCode !== errorCodes.none)
    throw refusal(`no configuration of the topic ${name}`, resource.errorCode);
  return resource.configEntries;
}
