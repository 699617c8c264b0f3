import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { errorCodes, initProducerIdApi } from './apis.ts';
import { connectClient, type KafkaClient } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { isUnsupported, refusal } from './errors.ts';
import { PartitionLane } from './partition-lane.ts';
import { produceSender } from './produce-sender.ts';
import { encodeRecordBatches, mostBatchBytes, type Producer, type SinkRecord } from './record-batch-encoder.ts';
import { shareRecords } from './share-records.ts';
import { requireTopics } from './topics.ts';

export type { SinkRecord } from './record-batch-encoder.ts';

export interface TopicRecords {
  topic: string;
  records: readonly SinkRecord[];
}

/** Writes to topics with acks=all, each record once however often it had to be sent. */
export interface TopicSink {
  /** Resolves when the broker has all of the records. Calls may overlap; order per partition is that of the calls. */
  send(topic: string, records: readonly SinkRecord[]): Promise<void>;
  /** The same for several topics in one request. */
  sendAll(batches: readonly TopicRecords[]): Promise<void>;
  /** Waits for what is under way, but not for a broker that is away; then disconnects. */
  close(): Promise<void>;
}

export interface TopicSinkOptions {
  connection: KafkaConnection;
  /** Once it is aborted, a failed send is not repeated any more. */
  signal?: AbortSignal;
}

const metadataAge = 300_000;

/**
 * Connects a sink.
 * @throws DashctlError `BROKER_UNREACHABLE`, `BROKER_REFUSED`; sends also throw `TOPIC_UNKNOWN`.
 */
export async function topicSink({ connection, signal }: TopicSinkOptions): Promise<TopicSink> {
  const client = await connectClient(connection, signal);
  try {
    return sinkOver(connection, client, await newProducer(client), signal);
  } catch (error) {
    client.close();
    throw error;
  }
}

// A broker that has just started has to fetch a block of producer ids first.
const producerIdPatience = 15_000;
const producerIdPause = 50;

/** A producer id of its own, or none where the broker does not give one; then a retry may write a batch twice. */
async function newProducer(client: KafkaClient): Promise<Producer> {
  const deadline = Date.now() + producerIdPatience;
  for (;;) {
    const answer = await client.call('any', initProducerIdApi, { transactionalId: null }).catch((error: unknown) => {
      if (error instanceof DashctlError && isUnsupported(error.cause)) return null;
      throw error;
    });
    if (answer?.errorCode === errorCodes.none) return { id: Number(answer.producerId), epoch: answer.producerEpoch };
    const early =
      answer?.errorCode === errorCodes.coordinatorLoading || answer?.errorCode === errorCodes.coordinatorNotAvailable;
    if (!early) return { id: -1, epoch: -1 };
    if (Date.now() > deadline) throw refusal('no producer id', answer.errorCode);
    await systemClock.sleepUntil(Date.now() + producerIdPause);
  }
}

interface TopicLanes {
  lanes: PartitionLane[];
  /** Which partition the next batch without keys goes to. */
  turn: number;
  readAt: number;
}

function sinkOver(
  connection: KafkaConnection,
  client: KafkaClient,
  producer: Producer,
  signal: AbortSignal | undefined,
): TopicSink {
  const sender = produceSender({ connection, client, signal, newProducer: () => newProducer(client) });
  const topics = new Map<string, Promise<TopicLanes>>();
  let admitted: Promise<unknown> = Promise.resolve();
  let closed = false;

  const lanesOf = (topic: string): Promise<TopicLanes> => {
    const present = topics.get(topic);
    if (present) return present;
    const reading = readTopic(topic);
    topics.set(topic, reading);
    reading.catch(() => topics.delete(topic));
    return reading;
  };

  const readTopic = async (topic: string): Promise<TopicLanes> => {
    const metadata = await requireTopics(client, [topic]);
    const lanes = (metadata.topics.get(topic) ?? []).map(
      ({ partition, leader }) => new PartitionLane({ topic, partition }, leader, producer),
    );
    for (const lane of lanes) sender.add(lane);
    return { lanes, turn: Math.floor(Math.random() * lanes.length), readAt: Date.now() };
  };

  /** Looks from time to time whether the topic has got more partitions. */
  const readAgain = async (topic: string, state: TopicLanes) => {
    state.readAt = Date.now();
    const { topics: found } = await client.metadata([topic]);
    for (const { partition, leader } of (found.get(topic) ?? []).slice(state.lanes.length)) {
      if (leader < 0) return;
      const lane = new PartitionLane({ topic, partition }, leader, producer);
      state.lanes.push(lane);
      sender.add(lane);
    }
  };

  const enqueue = (state: TopicLanes, records: readonly SinkRecord[], sends: Promise<void>[]) => {
    const count = state.lanes.length;
    for (const [partition, own] of shareRecords(records, count, state.turn++ % count)) {
      const lane = state.lanes[partition];
      if (lane) for (const batch of encodeRecordBatches(own, mostBatchBytes)) sends.push(lane.add(batch));
    }
  };

  const sendAll = async (batches: readonly TopicRecords[]) => {
    if (closed) throw new DashctlError('INTERRUPTED', 'the connection to Kafka is closed');
    const filled = batches.filter(({ records }) => records.length > 0);
    // One call after another, whether its topics are known or must be asked for: that is what keeps their order.
    const admission = admitted.then(() => Promise.all(filled.map(({ topic }) => lanesOf(topic))));
    admitted = admission.catch(() => {});
    const states = await admission;
    const sends: Promise<void>[] = [];
    for (const [index, { topic, records }] of filled.entries()) {
      const state = states[index];
      if (!state) continue;
      if (Date.now() - state.readAt > metadataAge) readAgain(topic, state).catch(() => {});
      enqueue(state, records, sends);
    }
    sender.pump();
    // All are waited for, even after a failure: a caller that goes on must know what is settled.
    const failed = (await Promise.allSettled(sends)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };

  return {
    send: (topic, records) => sendAll([{ topic, records }]),
    sendAll,
    async close() {
      if (closed) return;
      closed = true;
      await admitted;
      await sender.drain();
      client.close();
    },
  };
}
