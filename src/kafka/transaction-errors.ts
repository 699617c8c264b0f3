import { DashctlError, messageOf } from '../runtime/errors.ts';
import { errorCodes } from './apis.ts';
import { refusal } from './errors.ts';

/** No attempt at a request was answered for good. */
export class GaveUp extends Error {}

/** A request was answered for good, and not with success. */
export class Refused extends Error {
  readonly errorCode: number;
  readonly what: string;

  constructor(what: string, errorCode: number) {
    super(refusal(what, errorCode).message);
    this.errorCode = errorCode;
    this.what = what;
  }
}

/** The broker may or may not have ended the transaction as it was asked to. */
export class Unsure extends Error {}

// Some requests have no other code for it than the older one (KIP-588).
const fencedCodes: ReadonlySet<number> = new Set([
  errorCodes.invalidProducerEpoch,
  errorCodes.fencedInstance,
  errorCodes.producerFenced,
]);

// The broker and this producer do not agree on what was sent before: a new epoch is a new start for both.
const mendableCodes: ReadonlySet<number> = new Set([
  ...fencedCodes,
  errorCodes.outOfOrderSequence,
  errorCodes.invalidTransactionState,
  errorCodes.invalidProducerIdMapping,
  errorCodes.unknownProducerId,
]);

/** Whether the transactional id has another producer, or Kafka has aborted a transaction that took too long. */
export const isFenced = (error: unknown): boolean => error instanceof Refused && fencedCodes.has(error.errorCode);

export const takenOver = (transactionalId: string): DashctlError =>
  new DashctlError('TAKEN_OVER', `another process has taken over and writes as "${transactionalId}"`, {
    hint: 'it goes on where this one was stopped; nothing is lost or written twice',
  });

export const unknownEnd = (cause: Unsure): DashctlError =>
  new DashctlError('COMMIT_UNKNOWN', `whether the last commit was made is unknown (${cause.message})`, {
    hint: 'start again: it goes on from what was committed',
    cause,
  });

/** What a reader is told for the failure of a transaction of which nothing will be visible. */
export function abortedCommit(error: unknown): Error {
  if (error instanceof Refused && !mendableCodes.has(error.errorCode)) {
    if (error.errorCode !== errorCodes.unknownTopicOrPartition) return refusal(error.what, error.errorCode);
    return new DashctlError('TOPIC_UNKNOWN', `${error.what}: a topic was deleted`);
  }
  if (error instanceof Refused || error instanceof GaveUp) {
    return new DashctlError('COMMIT_ABORTED', `nothing was committed (${error.message})`, {
      hint: 'nothing is lost: the same can be committed again',
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(messageOf(error));
}
