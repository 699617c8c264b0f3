// Without this, kafkajs polls and warns of negative timeouts on new Node.
import '../../src/kafka/kafkajs-timers.ts';
import { Kafka, logLevel } from 'kafkajs';

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

/** The sum of all counts in a result topic of the lab's format from an offset on; the topic has one partition. */
export async function countedFrom(address: string, topic: string, offset: number): Promise<number> {
  const high = await recordsIn(address, topic);
  if (high <= offset) return 0;
  const consumer = clientOf(address).consumer({ groupId: `bench-${process.pid}-${performance.now()}` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    let sum = 0;
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      void consumer.run({
        eachMessage: async ({ message }) => {
          if (Number(message.offset) >= offset) sum += sumOf(String(message.value));
          if (Number(message.offset) >= high - 1) resolve();
        },
      });
    });
    return sum;
  } finally {
    await consumer.disconnect();
  }
}

function sumOf(value: string): number {
  const counts: Record<string, number>[] = JSON.parse(value);
  return counts.flatMap((count) => Object.values(count)).reduce((a, b) => a + b, 0);
}
