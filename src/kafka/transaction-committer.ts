import { DashctlError, messageOf } from '../runtime/errors.ts';
import { errorCodes } from './apis.ts';
import type { KafkaClient } from './client.ts';
import type { GroupSeat } from './group-term.ts';
import { type SteadyRequests, steadyRequests } from './steady-requests.ts';
import { together } from './together.ts';
import type { TopicRecords } from './topic-sink.ts';
import { partitionKey } from './topics.ts';
import type { GroupProgress, Transaction, TransactionalSink, TransactionalSinkOptions } from './transaction.ts';
import { type TransactionBatches, transactionBatches } from './transaction-batches.ts';
import { abortedCommit, GaveUp, isFenced, Refused, takenOver, Unsure, unknownEnd } from './transaction-errors.ts';
import { type TransactionSession, transactionSession } from './transaction-session.ts';

/** For so long a failed commit waits until its transaction is aborted; later attempts come with the next commit. */
const abortPatience = 5_000;
/** Whoever is told to end gets this long for a last word to the broker. */
const lastMoment = 1_000;

// After these, the end of a transaction may yet turn out to be written. All others say what became of it.
const undecided: ReadonlySet<number> = new Set([
  -1,
  errorCodes.requestTimedOut,
  errorCodes.coordinatorNotAvailable,
  errorCodes.notEnoughReplicas,
  errorCodes.notEnoughReplicasAfterAppend,
  errorCodes.kafkaStorageError,
]);

const seatRefusals: ReadonlySet<number> = new Set([
  errorCodes.illegalGeneration,
  errorCodes.unknownMember,
  errorCodes.rebalanceInProgress,
]);

/** The state of a transactional sink: ready, torn by a failed transaction, or at its end. See TransactionalSink. */
export class TransactionCommitter implements TransactionalSink {
  readonly #options: TransactionalSinkOptions;
  readonly #client: KafkaClient;
  readonly #session: TransactionSession;
  readonly #batches: TransactionBatches;
  readonly #steady: SteadyRequests;
  readonly #ending = new AbortController();
  #underWay: Promise<unknown> = Promise.resolve();
  /**
   * When the transaction was begun that is not ended yet, epoch ms. While one is under way this is its own; later it
   * is one that failed, of which the broker may remember parts.
   */
  #openSince: number | null = null;
  /** Why nothing can be committed any more. */
  #over: DashctlError | undefined;

  constructor(options: TransactionalSinkOptions, client: KafkaClient) {
    const { connection, signal } = options;
    this.#options = options;
    this.#client = client;
    this.#session = transactionSession({ client, ...options });
    this.#batches = transactionBatches(connection, client);
    this.#steady = steadyRequests(connection.logger, this.#ending.signal);
    if (signal?.aborted) this.#giveUp();
    else signal?.addEventListener('abort', this.#giveUp, { once: true });
  }

  readonly #giveUp = () => {
    this.#ending.abort();
    setTimeout(() => this.#client.close(), lastMoment).unref();
  };

  /** Takes the transactional id; throws like `transactionalSink`. */
  async open(): Promise<void> {
    try {
      await this.#begin();
    } catch (error) {
      throw error instanceof GaveUp
        ? new DashctlError('BROKER_UNREACHABLE', `Kafka gives no producer for transactions (${error.message})`)
        : abortedCommit(error);
    }
  }

  commit(transaction: Transaction): Promise<void> {
    const commit = this.#underWay.then(() => this.#commit(transaction));
    this.#underWay = commit.catch(() => {});
    return commit;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    this.#options.signal?.removeEventListener('abort', this.#giveUp);
    await this.#underWay;
    this.#client.close();
  }

  async #commit({ batches = [], progress }: Transaction): Promise<void> {
    if (this.#over) throw this.#over;
    if (this.#ending.signal.aborted) throw new DashctlError('INTERRUPTED', 'the connection to Kafka is closed');
    const filled = batches.filter(({ records }) => records.length > 0);
    const moves = progress && progress.offsets.length > 0 ? progress : undefined;
    if (filled.length === 0 && !moves) return;
    try {
      if (this.#openSince !== null) await this.#mend();
      await this.#ask('topics', () => this.#batches.learn(topicsOf(filled)).then(() => errorCodes.none));
      this.#openSince = Date.now();
      await this.#fill(filled, moves);
      await this.#endByCommit();
      this.#openSince = null;
      this.#steady.settle();
    } catch (error) {
      if (error instanceof Unsure) this.#over = unknownEnd(error);
      else if (this.#openSince !== null) await this.#abort(this.#openSince, moves);
      throw this.#over ?? abortedCommit(error);
    }
  }

  /** Two rounds: the coordinator is told what is part of the transaction, then that is sent, each all at once. */
  async #fill(records: readonly TopicRecords[], progress: GroupProgress | undefined): Promise<void> {
    const { transactionalId } = this.#options;
    const session = this.#session;
    const topics = topicsOf(records);
    const batches = this.#batches.seal(records, session.producer);
    const partitions = [...new Map(batches.map((batch) => [partitionKey(batch), batch])).values()];
    const seat = progress && (await progress.term.seat());
    await together([
      batches.length > 0 &&
        ((stop) => this.#ask(`cannot write to ${topics}`, () => session.addPartitions(partitions), undefined, stop)),
      seat && ((stop) => this.#ask(`group ${seat.groupId}`, () => session.addGroup(seat.groupId), undefined, stop)),
    ]);
    await together([
      batches.length > 0 &&
        ((stop) => {
          const send = () => this.#batches.send(batches, transactionalId);
          return this.#ask(`cannot write to ${topics}`, send, () => this.#batches.refresh(topics), stop);
        }),
      seat && ((stop) => this.#commitOffsets(seat, progress, stop)),
    ]);
  }

  /** Commits offsets as whoever this process is in the group at this moment: rebalances may come in between. */
  async #commitOffsets(first: GroupSeat, { term, offsets }: GroupProgress, stop: AbortSignal): Promise<void> {
    let seat = first;
    let refused: GroupSeat | undefined;
    const attempt = async () => {
      const errorCode = await this.#session.commitOffsets(seat, offsets);
      refused = seatRefusals.has(errorCode) ? seat : undefined;
      return errorCode;
    };
    const refresh = async () => {
      seat = await term.seat(refused);
    };
    await this.#ask(`group ${first.groupId}`, attempt, refresh, stop);
  }

  /** Asks until there is an answer, and throws Refused for any but success. */
  async #ask(
    what: string,
    attempt: () => Promise<number>,
    refresh: () => Promise<unknown> = async () => {},
    stop?: AbortSignal,
  ): Promise<void> {
    const errorCode = await this.#steady.persist(attempt, () => this.#lookUp(refresh), stop);
    if (errorCode !== errorCodes.none) throw new Refused(what, errorCode);
  }

  #lookUp(refresh: () => Promise<unknown>): Promise<unknown> {
    this.#session.forgetCoordinators();
    return refresh();
  }

  /** EndTxn may be repeated: a coordinator that has committed already says so. */
  async #endByCommit(): Promise<void> {
    let isUnsure = false;
    const attempt = async () => {
      const answer = await this.#session.end(true).catch((error: unknown) => {
        isUnsure = true;
        throw error;
      });
      isUnsure ||= undecided.has(answer);
      return answer;
    };
    try {
      await this.#ask('cannot commit', attempt);
    } catch (error) {
      throw isUnsure ? new Unsure(messageOf(error)) : error;
    }
  }

  /** Rids the broker of a transaction that failed, now or else before the next; finds out whether we may go on. */
  async #abort(begun: number, progress: GroupProgress | undefined): Promise<void> {
    const stop = AbortSignal.timeout(abortPatience);
    try {
      await this.#mend(stop);
    } catch (error) {
      if (!isFenced(error)) return;
      // Kafka ends what took too long by shutting its producer out; it does not say whether it was that.
      const mayBeTooLong = Date.now() - begun >= this.#options.timeout;
      if (!mayBeTooLong || !(await isSeated(progress))) {
        this.#over = takenOver(this.#options.transactionalId);
        return;
      }
      this.#session.forgetProducer();
      await this.#begin(stop).catch(() => {});
    }
  }

  /** Aborts what is open, and goes on in a new epoch: sequences begin anew, and nothing late from before counts. */
  async #mend(stop?: AbortSignal): Promise<void> {
    if (this.#session.producer.id >= 0) {
      const errorCode = await this.#steady.persist(
        () => this.#session.end(false),
        () => this.#lookUp(async () => {}),
        stop,
      );
      if (errorCode === errorCodes.invalidProducerIdMapping) this.#session.forgetProducer();
      // In the wrong state for an abort is what is not open any more, or was not yet.
      else if (errorCode !== errorCodes.none && errorCode !== errorCodes.invalidTransactionState)
        throw new Refused('cannot abort', errorCode);
    }
    await this.#begin(stop);
  }

  async #begin(stop?: AbortSignal): Promise<void> {
    const what = `transactional id ${this.#options.transactionalId}`;
    await this.#ask(what, () => this.#session.begin(), undefined, stop);
    this.#batches.restart();
    this.#openSince = null;
  }
}

const topicsOf = (batches: readonly TopicRecords[]) => batches.map(({ topic }) => topic);

/** Whether the group still takes this process for its active member; without a group nobody can tell. */
const isSeated = async (progress: GroupProgress | undefined): Promise<boolean> =>
  progress !== undefined &&
  (await progress.term.seat().then(
    () => true,
    () => false,
  ));
