import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { KafkaConnection } from '../../src/kafka/connection.ts';
import type { SourceBatch, SourceRecord } from '../../src/kafka/topic-source.ts';
import { startTestBroker } from '../_support/broker.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';

/** A broker that a test talks to; `halt` and `start` are a restart on the same port and data. */
export interface Cluster {
  address: string;
  halt(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startEmbedded(): Promise<Cluster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'dashctl-broker-'));
  let broker = await startTestBroker({ dataDir });
  const { port, address } = broker;
  return {
    address,
    halt: () => broker.close(),
    async start() {
      broker = await startTestBroker({ dataDir, port });
    },
    async stop() {
      await broker.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What the same tests are run against. */
export const clusters: { name: string; available: boolean; start: () => Promise<Cluster> }[] = [
  { name: 'the embedded broker', available: true, start: startEmbedded },
  { name: 'Apache Kafka', available: kafkaIsAvailable(), start: () => startKafka() },
];

/** A connection whose log lines (messages of level info and above) can be looked at and waited for. */
export function testConnection(address: string) {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const logger = pino(
    { level: 'info' },
    {
      write(line: string) {
        lines.push(JSON.parse(line).msg);
        for (const check of waiting) check();
      },
    },
  );
  const connection: KafkaConnection = { brokers: [address], clientId: 'dashctl-test', logger };
  return {
    connection,
    lines,
    /** Resolves with the first line that matches, said or still to be said. */
    logged: (pattern: RegExp) =>
      new Promise<string>((resolve) => {
        const check = () => {
          const line = lines.find((each) => pattern.test(each));
          if (line === undefined) return;
          waiting.delete(check);
          resolve(line);
        };
        waiting.add(check);
        check();
      }),
  };
}

let topicsMade = 0;
/** A topic name that no other test of this file uses. */
export const freshTopic = (stem = 'topic') => `${stem}-${process.pid}-${++topicsMade}`;

/** Takes batches until one fulfils the condition; gives all their records and that batch. */
export async function readUntil(
  source: AsyncIterator<SourceBatch>,
  isEnough: (batch: SourceBatch, records: readonly SourceRecord[]) => boolean,
): Promise<{ records: SourceRecord[]; last: SourceBatch }> {
  const records: SourceRecord[] = [];
  for (;;) {
    const { value, done } = await source.next();
    if (done) throw new Error(`the source ended after ${records.length} records`);
    records.push(...value.records);
    if (isEnough(value, records)) return { records, last: value };
  }
}

export const valuesOf = (records: readonly SourceRecord[]) => records.map(({ value }) => String(value));
