import { errorCodes } from './apis.ts';
import { type EncodedBatch, type Producer, sealBatch } from './record-batch-encoder.ts';
import type { TopicPartition } from './topics.ts';

/** A batch on its way: in the queue of its partition until the broker has it. */
export interface LaneBatch extends EncodedBatch {
  state: 'waiting' | 'sent' | 'failed';
  sequence: number | null;
  /** Why it failed: a Kafka error code, or what the connection threw. */
  failure: number | Error;
  resolve: () => void;
  reject: (error: Error) => void;
}

// More would be beyond what the broker remembers of a producer, and a repeated batch would no longer be known as one.
const mostInFlight = 5;
const sequenceCount = 2 ** 31;

const repeatable: ReadonlySet<number> = new Set([
  errorCodes.corruptMessage,
  errorCodes.unknownTopicOrPartition,
  errorCodes.leaderNotAvailable,
  errorCodes.notLeader,
  errorCodes.requestTimedOut,
  errorCodes.replicaNotAvailable,
  errorCodes.notEnoughReplicas,
  errorCodes.notEnoughReplicasAfterAppend,
  errorCodes.kafkaStorageError,
  errorCodes.fencedLeaderEpoch,
  errorCodes.unknownLeaderEpoch,
]);

// The broker's memory of this producer does not fit its next batch: a new producer id starts a new sequence.
const lostSequence: ReadonlySet<number> = new Set([
  errorCodes.outOfOrderSequence,
  errorCodes.invalidProducerEpoch,
  errorCodes.unknownProducerId,
]);

/**
 * The batches of one partition, in order. Several are under way at a time; when one fails, nothing more is sent until
 * all of them are answered, and then the failed ones go again, oldest first: order survives, and since each keeps its
 * sequence number the broker drops those it already has (KIP-98).
 */
export class PartitionLane {
  readonly topic: string;
  readonly partition: number;
  leader: number;
  /** When the failures began that have not been overcome, epoch ms. */
  failingSince: number | null = null;
  #producer: Producer;
  #nextSequence = 0;
  #queue: LaneBatch[] = [];
  #underWay = 0;

  constructor({ topic, partition }: TopicPartition, leader: number, producer: Producer) {
    this.topic = topic;
    this.partition = partition;
    this.leader = leader;
    this.#producer = producer;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** Waits for `recover`: something failed and nothing is under way any more. */
  get isStuck(): boolean {
    return this.failingSince !== null && this.#underWay === 0;
  }

  add(batch: EncodedBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...batch, state: 'waiting', sequence: null, failure: 0, resolve, reject });
    });
  }

  /** The next batch to send, sealed, or null when there is none or it must wait. */
  take(): LaneBatch | null {
    const most = this.#producer.id < 0 ? 1 : mostInFlight;
    if (this.failingSince !== null || this.#underWay >= most) return null;
    const batch = this.#queue[this.#underWay];
    if (!batch) return null;
    if (batch.sequence === null) {
      batch.sequence = this.#producer.id < 0 ? -1 : this.#nextSequence;
      this.#nextSequence = (this.#nextSequence + batch.recordCount) % sequenceCount;
      sealBatch(batch.bytes, this.#producer, batch.sequence);
    }
    batch.state = 'sent';
    this.#underWay++;
    return batch;
  }

  /** The broker has answered for a batch, or the connection has failed under it. */
  settle(batch: LaneBatch, outcome: number | Error, now: number): void {
    this.#underWay--;
    if (outcome === errorCodes.none || outcome === errorCodes.duplicateSequence) {
      this.#queue.splice(this.#queue.indexOf(batch), 1);
      batch.resolve();
      return;
    }
    batch.state = 'failed';
    batch.failure = outcome;
    this.failingSince ??= now;
  }

  /** Why the oldest batch failed. */
  get failure(): number | Error {
    return this.#queue[0]?.failure ?? 0;
  }

  /** Whether sending the same batch again cannot succeed. */
  get isRefused(): boolean {
    const failure = this.failure;
    return typeof failure === 'number' && failure !== 0 && !repeatable.has(failure) && !lostSequence.has(failure);
  }

  get needsNewProducer(): boolean {
    const failure = this.failure;
    return typeof failure === 'number' && lostSequence.has(failure);
  }

  /** Lets the batches go again, from the oldest on; with a new producer they get new sequence numbers. */
  recover(leader: number, producer?: Producer): void {
    this.leader = leader;
    this.failingSince = null;
    for (const batch of this.#queue) batch.state = 'waiting';
    if (!producer) return;
    this.#producer = producer;
    this.#nextSequence = 0;
    for (const batch of this.#queue) batch.sequence = null;
  }

  /** Gives up the oldest batch alone, the others wait. */
  refuseOldest(error: Error): void {
    this.#queue.shift()?.reject(error);
    if (this.isEmpty) this.failingSince = null;
  }

  giveUp(error: Error): void {
    const queue = this.#queue;
    this.#queue = [];
    this.failingSince = null;
    for (const batch of queue) batch.reject(error);
  }
}
