import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { nearestNames } from '../runtime/nearest-names.ts';
import { createTopicsApi, errorCodes, listOffsetsApi } from './apis.ts';
import { type ClusterMetadata, connectClient, type KafkaClient } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { refusal } from './errors.ts';

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** What a partition holds: offsets from `earliest` up to, not including, `high`. */
export interface PartitionOffsets extends TopicPartition {
  earliest: number;
  high: number;
}

/** How maps of partitions name them. */
export const partitionKey = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

/** The two times that ListOffsets takes instead of one: the end and the start of a partition. */
export const latest = -1;
export const earliest = -2;

/** Connects, lends the client and closes it. */
export async function withClient<T>(connection: KafkaConnection, use: (client: KafkaClient) => Promise<T>): Promise<T> {
  const client = await connectClient(connection);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

interface TopicsToCreate {
  partitions?: number;
  configs?: Readonly<Record<string, string>>;
}

/**
 * Creates those of the topics that do not exist, with the broker's default number of partitions and configuration
 * unless told; those that exist stay as they are.
 * Resolves when each has a leader, so that producing and reading can begin.
 */
export async function ensureTopics(
  connection: KafkaConnection,
  names: readonly string[],
  { partitions = -1, configs = {} }: TopicsToCreate = {},
): Promise<void> {
  const wanted = [...new Set(names)];
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await withClient(connection, async (client) => {
    const { topics, controllerId } = await client.metadata(wanted);
    const missing = wanted.filter((name) => !topics.has(name));
    if (missing.length > 0) {
      const { topicErrors } = await client.call(controllerId, createTopicsApi, {
        topics: missing.map((topic) => ({ topic, numPartitions: partitions, replicationFactor: -1, configEntries })),
        timeout: 10_000,
      });
      for (const { topic, errorCode } of topicErrors) {
        if (errorCode !== errorCodes.none && errorCode !== errorCodes.topicExists)
          throw refusal(`cannot create the topic ${topic}`, errorCode);
      }
    }
    await requireTopics(client, wanted);
  });
}

/** Whether a topic exists; asking does not create it. */
export const topicExists = async (connection: KafkaConnection, name: string): Promise<boolean> =>
  (await existingTopics(connection, [name])).length > 0;

/** Those of the topics that exist; asking does not create them. */
export const existingTopics = (connection: KafkaConnection, names: readonly string[]): Promise<string[]> =>
  withClient(connection, async (client) => {
    const { topics } = await client.metadata(names);
    return names.filter((name) => topics.has(name));
  });

/**
 * The first and the next offset of every partition of the topics.
 * @throws DashctlError `TOPIC_UNKNOWN` with the nearest names.
 */
export async function topicOffsets(connection: KafkaConnection, names: readonly string[]): Promise<PartitionOffsets[]> {
  return await withClient(connection, async (client) => {
    const partitions = partitionsOf(await requireTopics(client, names));
    const lows = await listOffsets(client, partitions, earliest);
    const highs = await listOffsets(client, partitions, latest);
    return partitions.map(({ topic, partition }) => {
      const key = partitionKey({ topic, partition });
      return { topic, partition, earliest: lows.get(key) ?? 0, high: highs.get(key) ?? 0 };
    });
  });
}

/** Where to begin in a partition: its ends, or the first record of a time (epoch ms) or later. */
export type StartOffset = 'earliest' | 'latest' | { timestamp: number };

export const timestampOf = (from: StartOffset): number =>
  from === 'earliest' ? earliest : from === 'latest' ? latest : from.timestamp;

/**
 * The offset of every partition of the topics to begin at; `latest` is after the last committed record.
 * @throws DashctlError `TOPIC_UNKNOWN` with the nearest names.
 */
export async function startOffsets(
  connection: KafkaConnection,
  names: readonly string[],
  from: StartOffset,
): Promise<(TopicPartition & { offset: number })[]> {
  return await withClient(connection, async (client) => {
    const partitions = partitionsOf(await requireTopics(client, names));
    const offsets = await listOffsets(client, partitions, timestampOf(from), 1);
    return partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: offsets.get(partitionKey({ topic, partition })) ?? 0,
    }));
  });
}

export interface LedPartition extends TopicPartition {
  leader: number;
}

export const partitionsOf = ({ topics }: ClusterMetadata): LedPartition[] =>
  [...topics].flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, ...partition })));

const leaderPatience = 10_000;
const leaderPause = 100;
const existencePatience = 500;

/**
 * The partitions of topics that must exist, each with a leader: right after a topic is created it may have none yet.
 * @throws DashctlError `TOPIC_UNKNOWN` with the nearest names.
 */
export async function requireTopics(client: KafkaClient, names: readonly string[]): Promise<ClusterMetadata> {
  const deadline = Date.now() + leaderPatience;
  for (;;) {
    const metadata = await client.metadata(names);
    const missing = names.find((name) => !metadata.topics.has(name));
    const ready = partitionsOf(metadata).every(({ leader }) => leader >= 0);
    if (missing === undefined && ready) return metadata;
    // A broker that created the topic may know of it a moment before the one that was asked.
    if (missing !== undefined && Date.now() > deadline - leaderPatience + existencePatience)
      throw await topicUnknown(client, missing);
    if (Date.now() > deadline) {
      throw new DashctlError('BROKER_REFUSED', `no leader for the partitions of ${names.join(', ')}`, {
        hint: 'is a broker of the cluster down?',
      });
    }
    await systemClock.sleepUntil(Date.now() + leaderPause);
  }
}

/** What a broker answers for a partition that it leads from a moment later on, or no longer leads. */
const leadershipMoves: ReadonlySet<number> = new Set([
  errorCodes.unknownTopicOrPartition,
  errorCodes.leaderNotAvailable,
  errorCodes.notLeader,
  errorCodes.replicaNotAvailable,
  errorCodes.fencedLeaderEpoch,
  errorCodes.unknownLeaderEpoch,
]);

/**
 * The offsets of a time (epoch ms, `latest` or `earliest`) by partition key; for a time after the end, the end.
 * A broker names the leader of a new topic before the leader itself knows, so partitions without one are asked again.
 */
export async function listOffsets(
  client: KafkaClient,
  partitions: readonly LedPartition[],
  timestamp: number,
  isolationLevel: 0 | 1 = 0,
): Promise<Map<string, number>> {
  const deadline = Date.now() + leaderPatience;
  const offsets = new Map<string, number>();
  const beyondEnd: LedPartition[] = [];
  let missing = partitions;
  while (missing.length > 0) {
    const refused: { partition: LedPartition; errorCode: number }[] = [];
    for (const answer of await askForOffsets(client, missing, timestamp, isolationLevel)) {
      const { partition, errorCode, offset } = answer;
      if (errorCode !== errorCodes.none) refused.push(answer);
      else if (offset >= 0) offsets.set(partitionKey(partition), offset);
      else beyondEnd.push(partition);
    }
    const lasting = refused.find(({ errorCode }) => Date.now() > deadline || !leadershipMoves.has(errorCode));
    if (lasting) throw refusal(`no offsets of ${partitionKey(lasting.partition)}`, lasting.errorCode);
    if (refused.length === 0) break;
    await systemClock.sleepUntil(Date.now() + leaderPause);
    const led = partitionsOf(await client.metadata([...new Set(refused.map(({ partition }) => partition.topic))]));
    const leaders = new Map(led.map((partition) => [partitionKey(partition), partition.leader]));
    missing = refused.map(({ partition }) => ({
      ...partition,
      leader: leaders.get(partitionKey(partition)) ?? partition.leader,
    }));
  }
  if (beyondEnd.length > 0 && timestamp >= 0) {
    for (const [key, offset] of await listOffsets(client, beyondEnd, latest, isolationLevel)) offsets.set(key, offset);
  }
  return offsets;
}

/** One question to each leader. */
async function askForOffsets(
  client: KafkaClient,
  partitions: readonly LedPartition[],
  timestamp: number,
  isolationLevel: 0 | 1,
): Promise<{ partition: LedPartition; errorCode: number; offset: number }[]> {
  const answers = [];
  for (const [leader, led] of Map.groupBy(partitions, (partition) => partition.leader)) {
    // Metadata may name none for a moment.
    if (leader < 0) {
      answers.push(...led.map((partition) => ({ partition, errorCode: errorCodes.leaderNotAvailable, offset: -1 })));
      continue;
    }
    const topics = [...Map.groupBy(led, ({ topic }) => topic)].map(([topic, own]) => ({
      topic,
      partitions: own.map(({ partition }) => ({ partition, timestamp })),
    }));
    const { responses } = await client.call(leader, listOffsetsApi, { isolationLevel, topics });
    for (const { topic, partitions: own } of responses) {
      for (const { partition, errorCode, offset } of own) {
        answers.push({ partition: { topic, partition, leader }, errorCode, offset: Number(offset) });
      }
    }
  }
  return answers;
}

async function topicUnknown(client: KafkaClient, name: string): Promise<DashctlError> {
  const { topics } = await client.metadata();
  const near = nearestNames(name, [...topics.keys()]);
  const all = [...topics.keys()].sort();
  return new DashctlError('TOPIC_UNKNOWN', `no topic "${name}"`, {
    hint:
      near.length > 0
        ? `did you mean ${near.map((other) => `"${other}"`).join(' or ')}?`
        : all.length > 0
          ? `there are: ${all.slice(0, 10).join(', ')}${all.length > 10 ? ', …' : ''}`
          : 'the broker has no topics yet; "dashctl produce" creates those it fills',
  });
}
