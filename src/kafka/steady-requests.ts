import { systemClock } from '../runtime/clock.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { errorCodes } from './apis.ts';
import { lacksRequest, refusal } from './errors.ts';
import { GaveUp } from './transaction-errors.ts';

/** Repeats requests of a transaction until they are answered for good. */
export interface SteadyRequests {
  /**
   * Makes an attempt after the other until one is answered with a code that another attempt would not change; gives
   * that code, 0 for success. `refresh` is called before an attempt that follows a failure, to look up anew what may
   * have moved.
   * @throws GaveUp after two minutes or when a signal aborts; what the attempts throw, if another cannot help.
   */
  persist(attempt: () => Promise<number>, refresh: () => Promise<unknown>, stop?: AbortSignal): Promise<number>;
  /** Tells the reader that what was said to fail works again. */
  settle(): void;
}

/** A broker that is gone for a minute is waited for, with room to start. */
export const patience = 120_000;
/** A topic that the cluster does not list for this long is gone. */
const missingPatience = 5_000;
const newsworthy = 1_000;

// The transaction before is decided, but its markers are still being written: a matter of milliseconds.
const shortestBusyPause = 4;
const longestBusyPause = 32;
const shortestPause = 50;
const longestPause = 2_000;

const repeatable: ReadonlySet<number> = new Set([
  -1, // an unexpected error of the broker's own
  errorCodes.unknownTopicOrPartition,
  errorCodes.leaderNotAvailable,
  errorCodes.notLeader,
  errorCodes.requestTimedOut,
  errorCodes.replicaNotAvailable,
  errorCodes.coordinatorLoading,
  errorCodes.coordinatorNotAvailable,
  errorCodes.notCoordinator,
  errorCodes.notEnoughReplicas,
  errorCodes.notEnoughReplicasAfterAppend,
  errorCodes.illegalGeneration,
  errorCodes.unknownMember,
  errorCodes.rebalanceInProgress,
  errorCodes.concurrentTransactions,
  errorCodes.kafkaStorageError,
  errorCodes.fencedLeaderEpoch,
  errorCodes.unknownLeaderEpoch,
]);

export function steadyRequests(logger: Logger, signal: AbortSignal): SteadyRequests {
  let warned = false;

  const note = (failure: number | Error, begun: number) => {
    if (warned || Date.now() - begun < newsworthy) return;
    warned = true;
    logger.warn(`Kafka does not take a transaction (${reasonOf(failure)}); trying for up to ${patience / 1_000} s`);
  };

  return {
    async persist(attempt, refresh, stop) {
      const begun = Date.now();
      const either = stop ? AbortSignal.any([signal, stop]) : signal;
      let pause = shortestPause;
      let busyPause = shortestBusyPause;
      let missingSince: number | null = null;
      for (;;) {
        const outcome = await attempt().catch(worthRepeating);
        const now = Date.now();
        if (typeof outcome === 'number' && !repeatable.has(outcome)) return outcome;
        missingSince = outcome === errorCodes.unknownTopicOrPartition ? (missingSince ?? now) : null;
        if (missingSince !== null && now - missingSince > missingPatience) return errorCodes.unknownTopicOrPartition;
        if (either.aborted || now - begun > patience) throw new GaveUp(reasonOf(outcome));
        note(outcome, begun);
        if (outcome === errorCodes.concurrentTransactions) {
          await systemClock.sleepUntil(Date.now() + busyPause, either);
          busyPause = Math.min(busyPause * 2, longestBusyPause);
          continue;
        }
        await systemClock.sleepUntil(Date.now() + pause * (0.75 + Math.random() / 2), either);
        pause = Math.min(pause * 2, longestPause);
        if (!either.aborted) await refresh().catch(worthRepeating);
      }
    },
    settle() {
      if (warned) logger.info('Kafka takes transactions again');
      warned = false;
    },
  };
}

/** Gives back a failure that may pass, and throws others. */
function worthRepeating(error: unknown): Error {
  if (!(error instanceof DashctlError) || lacksRequest(error)) throw error;
  const isLoss = error.code === 'BROKER_UNREACHABLE' || error.code === 'BROKER_REFUSED';
  if (!isLoss || isFinalRefusal(error.cause)) throw error;
  return error;
}

/** Whether a broker has said no, instead of nothing: the causes of errors are kafkajs's own. */
const isFinalRefusal = (cause: unknown): boolean =>
  cause instanceof Error &&
  (cause.name === 'KafkaJSSASLAuthenticationError' ||
    (cause.name === 'KafkaJSProtocolError' && 'retriable' in cause && !cause.retriable));

const reasonOf = (failure: number | Error) =>
  typeof failure === 'number' ? messageOf(refusal('the broker', failure).cause) : failure.message;
