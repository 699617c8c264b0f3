import { pino } from 'pino';
import type { KafkaConnection } from '../../src/kafka/connection.ts';
import { type SourceRecord, topicSource } from '../../src/kafka/topic-source.ts';

export const benchConnection = (address: string): KafkaConnection => ({
  brokers: [address],
  clientId: 'bench',
  logger: pino({ level: 'silent' }),
});

/**
 * Reads on from the end of a topic with one partition, as a reader of committed records; resolves when that end has been
 * found. What it gives ends the reading.
 */
export async function watchTopic(
  address: string,
  topic: string,
  onRecords: (records: readonly SourceRecord[]) => void,
): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const connection = benchConnection(address);
  const source = topicSource({ connection, topics: [topic], from: 'latest', signal: stop.signal });
  // At the end of the topic there is nothing but the news that it has been reached.
  await source.next();
  const reading = (async () => {
    for await (const { records } of source) if (records.length > 0) onRecords(records);
  })();
  return async () => {
    stop.abort();
    await reading;
  };
}
