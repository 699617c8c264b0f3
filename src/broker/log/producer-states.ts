import { errorCodes } from '../protocol/error-codes.ts';
import { type BatchFault, batchHeader, isControl } from './record-batch.ts';

interface AppendedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly timestamp: number;
}

interface ProducerState {
  epoch: number;
  /** The newest five: a producer has at most five requests in flight. */
  batches: AppendedBatch[];
  lastActivity: number;
}

/** A producer as the checkpoint keeps it. */
export interface ProducerSnapshot extends ProducerState {
  producerId: number;
}

const windowSize = 5;
const lastSequenceOfAll = 2 ** 31 - 1;
/** Idle producers are forgotten after a day. */
const forgetAfter = 24 * 60 * 60 * 1000;

/** The sequence number that follows; after 2147483647 comes 0. */
const sequenceAfter = (sequence: number, count: number): number => (sequence + count) % (lastSequenceOfAll + 1);

export type Verdict =
  | { readonly kind: 'accept' }
  | { readonly kind: 'duplicate'; readonly batch: AppendedBatch }
  | { readonly kind: 'refuse'; readonly errorCode: number; readonly message: string };

const accept: Verdict = { kind: 'accept' };
const refuse = (errorCode: number, message: string): Verdict => ({ kind: 'refuse', errorCode, message });

/** What a partition knows of its idempotent producers (KIP-98): epoch and newest batches, to tell retries from gaps. */
export class ProducerStates {
  readonly #producers = new Map<number, ProducerState>();

  /**
   * Judges a batch by its header. Only the producer id makes it idempotent: some clients fill the other fields always.
   * `admit` has its say about what is no retry of a batch that was taken before.
   */
  judge(batch: Buffer, admit: () => BatchFault | null = () => null): Verdict {
    const producerId = batchHeader.producerId(batch);
    if (producerId < 0) return accept;
    const first = batchHeader.baseSequence(batch);
    if (first < 0) return refuse(errorCodes.invalidRecord, 'an idempotent batch needs a sequence number');
    const state = this.#producers.get(producerId);
    const epoch = batchHeader.producerEpoch(batch);
    const last = sequenceAfter(first, batchHeader.lastOffsetDelta(batch));
    if (epoch === state?.epoch) {
      const known = state.batches.find((seen) => seen.firstSequence === first && seen.lastSequence === last);
      if (known) return { kind: 'duplicate', batch: known };
    }
    const fault = admit();
    if (fault) return { kind: 'refuse', ...fault };
    // Its state may be lost to retention or a restart, so any first number is right.
    if (!state) return accept;
    if (epoch < state.epoch) return refuse(errorCodes.invalidProducerEpoch, `producer epoch ${epoch} is superseded`);
    const newest = state.batches.at(-1);
    // Without a newest batch, a marker has begun the epoch.
    const expected = epoch > state.epoch || !newest ? 0 : sequenceAfter(newest.lastSequence, 1);
    if (first === expected) return accept;
    return refuse(errorCodes.outOfOrderSequenceNumber, `sequence number ${first}, expected ${expected}`);
  }

  /** Notes a batch that is in the log, with its offset in place. Noting it twice changes nothing. */
  note(bytes: Buffer, at: number, now: number): void {
    const producerId = batchHeader.producerId(bytes, at);
    if (producerId < 0) return;
    const epoch = batchHeader.producerEpoch(bytes, at);
    const firstSequence = batchHeader.baseSequence(bytes, at);
    const baseOffset = batchHeader.baseOffset(bytes, at);
    let state = this.#producers.get(producerId);
    // A marker has no sequence number. Its epoch fences what a superseded producer still has under way.
    if (isControl(bytes, at)) {
      if (state && state.epoch !== epoch) this.#producers.set(producerId, { epoch, batches: [], lastActivity: now });
      return;
    }
    if (!state || state.epoch !== epoch) {
      state = { epoch, batches: [], lastActivity: now };
      this.#producers.set(producerId, state);
    }
    state.lastActivity = Math.max(state.lastActivity, now);
    if (state.batches.some((seen) => seen.baseOffset === baseOffset)) return;
    state.batches.push({
      firstSequence,
      lastSequence: sequenceAfter(firstSequence, batchHeader.lastOffsetDelta(bytes, at)),
      baseOffset,
      timestamp: batchHeader.maxTimestamp(bytes, at),
    });
    if (state.batches.length > windowSize) state.batches.shift();
  }

  /** Forgets batches from an offset on, which the log does not hold after all. */
  truncate(offset: number): void {
    for (const [producerId, state] of this.#producers) {
      if (state.batches.length === 0) continue;
      state.batches = state.batches.filter((batch) => batch.baseOffset < offset);
      if (state.batches.length === 0) this.#producers.delete(producerId);
    }
  }

  /** Forgets producers that were idle for a day, but for those that `isInUse`. */
  forgetIdle(now: number, isInUse: (producerId: number) => boolean): void {
    for (const [producerId, state] of this.#producers) {
      if (now - state.lastActivity > forgetAfter && !isInUse(producerId)) this.#producers.delete(producerId);
    }
  }

  /** First offsets of the newest batch of each producer. */
  get newestBatches(): Set<number> {
    return new Set([...this.#producers.values()].map(({ batches }) => batches.at(-1)?.baseOffset ?? -1));
  }

  /** The states as they are when the log ends at an offset. */
  snapshot(endOffset: number): ProducerSnapshot[] {
    return [...this.#producers].flatMap(([producerId, { epoch, batches, lastActivity }]) => {
      const kept = batches.filter((batch) => batch.baseOffset < endOffset);
      return batches.length > 0 && kept.length === 0 ? [] : [{ producerId, epoch, batches: kept, lastActivity }];
    });
  }

  restore(snapshots: readonly ProducerSnapshot[]): void {
    for (const { producerId, epoch, batches, lastActivity } of snapshots) {
      this.#producers.set(producerId, { epoch, batches: [...batches], lastActivity });
    }
  }
}
