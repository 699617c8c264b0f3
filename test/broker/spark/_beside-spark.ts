import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel, type Message, Partitioners } from 'kafkajs';
import { type SourceRecord, topicSource } from '../../../src/kafka/topic-source.ts';
import type { Json, Spark, SparkJob } from '../../_support/spark.ts';
import { freshTopic, readUntil, testConnection } from '../../kafka/_clusters.ts';

/** The event time of the first numbered record; each next one is a second later. */
export const startTime = 1_700_000_000_000;

/** What the tests of Spark do themselves on the broker that it talks to. */
export async function besideSpark(address: string, folder: string) {
  const kafka = new Kafka({ brokers: [address], clientId: 'beside-spark', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  // It asks before each send which partitions there are.
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, metadataMaxAge: 0 });
  await Promise.all([admin.connect(), producer.connect()]);
  const { connection } = testConnection(address);
  let foldersMade = 0;

  const send = async (topic: string, messages: Message[]) => void (await producer.send({ topic, messages }));
  return {
    admin,
    kafka,
    async newTopic(numPartitions = 1): Promise<string> {
      const topic = freshTopic('spark');
      await admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true });
      return topic;
    },
    async deleteRecordsBefore(topic: string, offset: number): Promise<void> {
      // kafkajs finds a topic's leader only when its admin has asked for the topic before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
    },
    newFolder(): string {
      const path = join(folder, `${new URL(`kafka://${address}`).port}-${++foldersMade}`);
      mkdirSync(path);
      return path;
    },
    send,
    /** Sends to every partition records with the values `first`, `first + 1` …: in a new topic, their offsets. */
    async sendNumbered(topic: string, partitions: number, first: number, count: number): Promise<void> {
      const messages = Array.from({ length: count * partitions }, (_, index) => {
        const number = first + Math.floor(index / partitions);
        return {
          partition: index % partitions,
          value: String(number),
          timestamp: String(startTime + 1_000 * number),
        };
      });
      await send(topic, messages);
    },
    /** The first records of a topic, as this project's own client reads them. */
    async read(topic: string, count: number): Promise<SourceRecord[]> {
      const stop = new AbortController();
      const source = topicSource({ connection, topics: [topic], from: 'earliest', signal: stop.signal });
      const { records } = await readUntil(source, (_, all) => all.length >= count);
      stop.abort();
      return records;
    },
    /** What makes Spark read the topic from its start, and further options of its connector. */
    from: (topic: string, more: Readonly<Record<string, string>> = {}) => ({
      'kafka.bootstrap.servers': address,
      subscribe: topic,
      startingOffsets: 'earliest',
      // What a consumer asks behind a waiting fetch waits with it, here and in Kafka; Spark asks for offsets after every read.
      'kafka.fetch.max.wait.ms': '20',
      ...more,
    }),
    close: () => Promise.all([admin.disconnect(), producer.disconnect()]),
  };
}

/** Starts one of the jobs in this folder. */
export const runJob = (spark: Spark, name: string, args: Readonly<Record<string, Json>>): SparkJob =>
  spark.run(join(import.meta.dirname, `${name}.py`), args);

/** A record as jobs bring it; only `read-batch` fills in all of it. */
export interface Row {
  partition: number;
  offset: number;
  value: string | null;
  key?: string | null;
  timestamp?: number;
  headers?: string[] | null;
}

/** What a job says or returns, as records. */
export const rowsOf = (value: Json) => value as unknown as Row[];

/** Lets the job `step-through` go on; gives its next batch. */
export async function stepOn(job: SparkJob): Promise<Row[]> {
  job.tell('go on');
  return rowsOf(await job.next());
}

/** Ends a query in order. One that is left behind would go on taking cores when its broker is gone. */
export async function stop(job: SparkJob): Promise<void> {
  job.tell('stop');
  await job.result;
}

export const readBatch = async (spark: Spark, options: Readonly<Record<string, string>>) =>
  rowsOf(await runJob(spark, 'read-batch', { options }).result);

/** Rows as `partition:offset`. */
export const places = (rows: readonly { partition: number; offset: number }[]) =>
  rows.map(({ partition, offset }) => `${partition}:${offset}`).join(' ');
