import { systemClock } from '../runtime/clock.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { KafkaClient } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { refusal, toDashctlError } from './errors.ts';
import { leaderLinks } from './leader-links.ts';
import type { LaneBatch, PartitionLane } from './partition-lane.ts';
import { produceOnce } from './produce-once.ts';
import type { Producer } from './record-batch-encoder.ts';

/** Moves the batches of partitions to their leaders and repeats what fails. */
export interface ProduceSender {
  add(lane: PartitionLane): void;
  /** Sends what waits, within this turn of the event loop. */
  pump(): void;
  /** Resolves when nothing is under way; failures are no longer repeated from here on. */
  drain(): Promise<void>;
}

interface ProduceSenderOptions {
  connection: KafkaConnection;
  client: KafkaClient;
  signal: AbortSignal | undefined;
  newProducer: () => Promise<Producer>;
}

const mostRequestBytes = 8_000_000;
const mostRequests = 5;
/** A broker that is gone for a minute is waited for, with room to start. */
const patience = 120_000;
/** A topic that the cluster does not list for this long is gone. */
const missingPatience = 5_000;
const shortestPause = 100;
const longestPause = 2_000;

export function produceSender({ connection, client, signal, newProducer }: ProduceSenderOptions): ProduceSender {
  const { logger } = connection;
  const lanes: PartitionLane[] = [];
  const withLink = leaderLinks(client);
  const requests = new Map<number, number>();
  // Ends the pause between two attempts when nothing is to be repeated any more.
  const impatience = new AbortController();
  const onAbort = () => impatience.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  let recovering = false;
  let pumping = false;
  let drained: (() => void) | undefined;

  // What is queued within one turn of the event loop travels together.
  const pump = () => {
    if (pumping) return;
    pumping = true;
    queueMicrotask(() => {
      pumping = false;
      for (const [leader, own] of Map.groupBy(lanes, (lane) => lane.leader)) {
        while ((requests.get(leader) ?? 0) < mostRequests) {
          const parcel = takeParcel(own);
          if (parcel.length === 0) break;
          void transmit(leader, parcel);
        }
      }
      if (drained && lanes.every((lane) => lane.isEmpty)) drained();
    });
  };

  const transmit = async (leader: number, parcel: Parcel) => {
    requests.set(leader, (requests.get(leader) ?? 0) + 1);
    const batches = parcel.map(([{ topic, partition }, { bytes }]) => ({ topic, partition, bytes }));
    let outcome: (lane: PartitionLane) => number | Error;
    try {
      outcome = await withLink(leader, (link) => produceOnce(link, batches));
    } catch (error) {
      const failure = toDashctlError(error, connection);
      outcome = () => failure;
    }
    requests.set(leader, (requests.get(leader) ?? 1) - 1);
    const now = Date.now();
    for (const [lane, batch] of parcel) lane.settle(batch, outcome(lane), now);
    if (lanes.some((lane) => lane.isStuck)) void recover();
    pump();
  };

  /** Repeats what failed, until it succeeds, cannot succeed, or has taken too long. One runs for all partitions. */
  const recover = async () => {
    if (recovering) return;
    recovering = true;
    let warned = false;
    for (let pause = shortestPause; ; pause = Math.min(pause * 2, longestPause)) {
      for (const lane of lanes) settleHopeless(lane);
      const failing = lanes.filter((lane) => lane.failingSince !== null);
      if (failing.length === 0) break;
      await systemClock.sleepUntil(Date.now() + pause * (0.75 + Math.random() / 2), impatience.signal);
      if (!warned && failing.some((lane) => Date.now() - (lane.failingSince ?? 0) > 1_000)) {
        warned = true;
        logger.warn(`Kafka does not take records (${whyOf(failing[0])}); trying for up to ${patience / 1_000} s`);
      }
      if (impatience.signal.aborted) continue;
      try {
        await repeat(failing.filter((lane) => lane.isStuck));
      } catch (error) {
        logger.debug({ error: messageOf(error) }, 'still no way to Kafka');
      }
    }
    recovering = false;
    if (warned && !impatience.signal.aborted) logger.info('Kafka takes records again');
    pump();
  };

  const repeat = async (stuck: readonly PartitionLane[]) => {
    if (stuck.length === 0) return;
    const { topics } = await client.metadata([...new Set(stuck.map(({ topic }) => topic))]);
    for (const lane of stuck) {
      const leader = topics.get(lane.topic)?.find(({ partition }) => partition === lane.partition)?.leader ?? -1;
      if (leader >= 0) lane.recover(leader, lane.needsNewProducer ? await newProducer() : undefined);
      else if (!topics.has(lane.topic) && Date.now() - (lane.failingSince ?? 0) > missingPatience)
        lane.giveUp(new DashctlError('TOPIC_UNKNOWN', `the topic "${lane.topic}" was deleted`));
    }
    pump();
  };

  /** Rejects batches that no retry will bring through. */
  const settleHopeless = (lane: PartitionLane) => {
    // Those sent after a refused one no longer continue the sequence; their next attempt gets a new one.
    while (lane.isStuck && lane.isRefused) {
      const { failure } = lane;
      lane.refuseOldest(refusal(`cannot write to ${lane.topic}`, typeof failure === 'number' ? failure : -1));
    }
    if (!lane.isStuck) return;
    const waited = Date.now() - (lane.failingSince ?? 0);
    if (!impatience.signal.aborted && waited < patience) return;
    const { failure } = lane;
    lane.giveUp(failure instanceof Error ? failure : refusal(`cannot write to ${lane.topic}`, failure));
  };

  return {
    add: (lane) => lanes.push(lane),
    pump,
    async drain() {
      impatience.abort();
      signal?.removeEventListener('abort', onAbort);
      await new Promise<void>((resolve) => {
        drained = resolve;
        pump();
      });
    },
  };
}

const whyOf = (lane: PartitionLane | undefined) => {
  const failure = lane?.failure ?? 0;
  return failure instanceof Error ? failure.message : refusal(`cannot write to ${lane?.topic}`, failure).message;
};

type Parcel = [PartitionLane, LaneBatch][];

/** At most one batch of each partition. */
function takeParcel(lanes: readonly PartitionLane[]): Parcel {
  const parcel: Parcel = [];
  let size = 0;
  for (const lane of lanes) {
    if (size >= mostRequestBytes) break;
    const batch = lane.take();
    if (!batch) continue;
    parcel.push([lane, batch]);
    size += batch.bytes.length;
  }
  return parcel;
}
