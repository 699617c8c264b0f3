// Without this, kafkajs polls and warns of negative timeouts on new Node.
import '../../src/kafka/kafkajs-timers.ts';
import { Kafka, logLevel } from 'kafkajs';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { partitionKey } from '../../src/kafka/topics.ts';
import { benchConnection } from './watch-topic.ts';

const clientOf = (address: string) =>
  new Kafka({ brokers: [address], clientId: 'bench', logLevel: logLevel.NOTHING, retry: { retries: 8 } });

/** How many records a topic holds, so that a bench can tell a fast run from one that lost half. */
export async function recordsIn(address: string, topic: string): Promise<number> {
  const admin = clientOf(address).admin();
  await admin.connect();
  try {
    const partitions = await admin.fetchTopicOffsets(topic);
    return partitions.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  } catch {
    return 0;
  } finally {
    await admin.disconnect();
  }
}

/** Creates a topic, since a client that sends to an unknown one waits for its metadata. */
export async function createTopic(address: string, topic: string, numPartitions = 1): Promise<void> {
  const admin = clientOf(address).admin();
  await admin.connect();
  try {
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, replicationFactor: 1 }] });
  } finally {
    await admin.disconnect();
  }
}

export async function deleteTopic(address: string, topic: string): Promise<void> {
  const admin = clientOf(address).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
}

/** The sum of all counts in a result topic from an offset on; the topic has one partition. */
export async function countedFrom(address: string, topic: string, offset: number): Promise<number> {
  const stop = new AbortController();
  const connection = benchConnection(address);
  const from = new Map([[partitionKey({ topic, partition: 0 }), offset]]);
  let sum = 0;
  for await (const batch of topicSource({ connection, topics: [topic], from, signal: stop.signal })) {
    for (const { value } of batch.records) sum += sumOf(String(value));
    if (batch.caughtUp) stop.abort();
  }
  return sum;
}

/** Of a list as the lab has it, or of a single count. */
function sumOf(value: string): number {
  const counts: number | Record<string, number>[] = JSON.parse(value);
  if (typeof counts === 'number') return counts;
  return counts.flatMap((count) => Object.values(count)).reduce((a, b) => a + b, 0);
}
