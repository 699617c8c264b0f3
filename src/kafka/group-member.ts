import { systemClock } from '../runtime/clock.ts';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import { errorCodes, heartbeatApi, leaveGroupApi } from './apis.ts';
import type { BrokerLink } from './broker-link.ts';
import type { KafkaClient } from './client.ts';
import { isUnsupported, toDashctlError } from './errors.ts';
import { groupError, joinOnce, LastingError, sessionTimeout } from './group-join.ts';
import { type CommittedOffset, commitOffsets, fetchOffsets, type OffsetToCommit } from './group-offsets.ts';

import type { GroupMembership, GroupMembershipOptions, GroupSeat, GroupTerm } from './group-term.ts';

const heartbeatInterval = 1_000;
const leavePatience = 2_000;
const newsworthy = 5_000;
const shortestPause = 100;
const longestPause = 2_000;

/** The state of a seat: joined or not, active or standing by. See GroupMembership. */
export class GroupMember implements GroupMembership {
  readonly #client: KafkaClient;
  readonly #options: GroupMembershipOptions;
  readonly #since = Date.now();
  #coordinator = -1;
  #link: BrokerLink | undefined;
  #memberId = '';
  #generation = -1;
  #activeIn = -1;
  #term: AbortController | undefined;
  #waiting: GroupTerm | undefined;
  #failure: Error | undefined;
  #left = new AbortController();
  /** Ends the pause before the next heartbeat. */
  #nudge = new AbortController();
  #fence: NodeJS.Timeout | undefined;
  #isStable = false;
  #changed = Promise.withResolvers<void>();

  constructor(client: KafkaClient, options: GroupMembershipOptions) {
    this.#client = client;
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#change(), { once: true });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<GroupTerm, void, undefined> {
    const { signal } = this.#options;
    while (!signal.aborted && !this.#left.signal.aborted) {
      if (this.#failure) throw this.#failure;
      const term = this.#waiting;
      this.#waiting = undefined;
      if (term && !term.signal.aborted) yield term;
      else await this.#changed.promise;
    }
  }

  /** Joins, beats, and joins again, until the seat is given up. */
  async run(): Promise<void> {
    const { connection, groupId } = this.#options;
    let failingSince: number | null = null;
    let warned = false;
    for (let pause = shortestPause; !this.#left.signal.aborted; pause = Math.min(pause * 2, longestPause)) {
      try {
        this.#coordinator = await this.#client.coordinator(groupId);
        this.#link = await this.#client.open(this.#coordinator);
        await this.#join(this.#link);
        if (warned) connection.logger.info(`in group ${groupId} again`);
        failingSince = null;
        warned = false;
        pause = shortestPause;
        await this.#stay(this.#link);
      } catch (error) {
        if (this.#left.signal.aborted) return;
        this.#isStable = false;
        if (error instanceof LastingError) return this.#fail(error.reason);
        if (isUnsupported(error)) return this.#fail(toDashctlError(error, connection));
        // A coordinator takes a moment after its broker has started, or moves: no news unless it lasts.
        failingSince ??= Date.now();
        if (!warned && Date.now() - failingSince > newsworthy) {
          warned = true;
          connection.logger.warn(`cannot take part in group ${groupId} (${messageOf(error)}), trying again`);
        }
        await systemClock.sleepUntil(Date.now() + pause, this.#left.signal);
      } finally {
        this.#link?.close();
      }
    }
  }

  #fail(reason: Error): void {
    this.#failure = reason;
    this.#endTerm();
  }

  /** Heartbeats; joins again whenever the group rebalances. Ends by throwing. */
  async #stay(link: BrokerLink): Promise<never> {
    for (;;) {
      this.#nudge = new AbortController();
      const stop = AbortSignal.any([this.#nudge.signal, this.#left.signal]);
      await systemClock.sleepUntil(Date.now() + heartbeatInterval, stop);
      if (this.#left.signal.aborted) throw new Error('the seat is given up');
      const { groupId } = this.#options;
      const { errorCode } = await link.call(heartbeatApi, {
        groupId,
        groupGenerationId: this.#generation,
        memberId: this.#memberId,
      });
      if (errorCode === errorCodes.none) this.#confirm();
      else if (errorCode === errorCodes.rebalanceInProgress) {
        this.#confirm();
        await this.#join(link);
      } else if (errorCode === errorCodes.illegalGeneration || errorCode === errorCodes.unknownMember) {
        this.#forget(errorCode);
        await this.#join(link);
      } else throw groupError(groupId, errorCode);
    }
  }

  /** Asks for a seat until the group is stable with us in it. */
  async #join(link: BrokerLink): Promise<void> {
    const { groupId, topics } = this.#options;
    this.#isStable = false;
    for (;;) {
      const standing = { activeIn: this.#activeIn, since: this.#since };
      const request = { groupId, topics, memberId: this.#memberId, standing };
      const { errorCode, memberId, generation, isActive } = await joinOnce(this.#client, link, request);
      this.#memberId = memberId;
      if (errorCode === errorCodes.memberIdRequired || errorCode === errorCodes.rebalanceInProgress) continue;
      if (errorCode === errorCodes.illegalGeneration || errorCode === errorCodes.unknownMember) {
        this.#forget(errorCode);
        continue;
      }
      if (errorCode !== errorCodes.none) throw groupError(groupId, errorCode);
      this.#generation = generation;
      this.#confirm();
      this.#isStable = true;
      if (isActive) this.#beginTerm();
      else this.#endTerm();
      this.#change();
      return;
    }
  }

  /** The coordinator has answered as to a member: the session is good for its whole length from now. */
  #confirm(): void {
    clearTimeout(this.#fence);
    this.#fence = setTimeout(() => {
      this.#link?.close();
      this.#endTerm();
    }, sessionTimeout);
  }

  /** The coordinator does not know us: whatever we were, we are it no longer. */
  #forget(errorCode: number): void {
    if (errorCode === errorCodes.unknownMember) this.#memberId = '';
    this.#endTerm();
  }

  #beginTerm(): void {
    this.#activeIn = this.#generation;
    if (this.#term) return;
    const term = new AbortController();
    this.#term = term;
    this.#waiting = {
      signal: term.signal,
      committed: () => this.#committed(term.signal),
      seat: (refused) => this.#seat(term.signal, refused),
      commit: (offsets) => this.#commit(offsets, term.signal),
    };
  }

  #endTerm(): void {
    this.#activeIn = -1;
    this.#term?.abort();
    this.#term = undefined;
    this.#waiting = undefined;
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async #committed(term: AbortSignal): Promise<Map<string, CommittedOffset>> {
    const { groupId, topics } = this.#options;
    return await this.#whileActive(term, () =>
      fetchOffsets(this.#client, this.#coordinator, groupId, topics, { requireStable: true }),
    );
  }

  async #commit(offsets: readonly OffsetToCommit[], term: AbortSignal): Promise<void> {
    if (offsets.length === 0) return;
    await this.#whileActive(term, async () => {
      const errorCode = await commitOffsets(this.#client, this.#coordinator, this.#presentSeat, offsets);
      return errorCode === errorCodes.none ? true : errorCode;
    });
  }

  /** Repeats a request to the coordinator until it succeeds or the role is lost; a number is an error code. */
  async #whileActive<T>(term: AbortSignal, request: () => Promise<T | number>): Promise<T> {
    for (let pause = shortestPause; !term.aborted; pause = Math.min(pause * 2, longestPause)) {
      if (!this.#isStable) {
        await this.#changed.promise;
        continue;
      }
      try {
        const answer = await request();
        if (typeof answer !== 'number') return answer;
        const error = groupError(this.#options.groupId, answer);
        if (error instanceof LastingError) throw error;
        // The next heartbeat brings the group in order, or ends the term.
        this.#nudge.abort();
      } catch (error) {
        if (error instanceof LastingError) throw error.reason;
      }
      await systemClock.sleepUntil(Date.now() + pause, term);
    }
    throw this.#roleLost();
  }

  get #presentSeat(): GroupSeat {
    return { groupId: this.#options.groupId, generation: this.#generation, memberId: this.#memberId };
  }

  async #seat(term: AbortSignal, refused?: GroupSeat): Promise<GroupSeat> {
    if (refused && refused.generation === this.#generation && refused.memberId === this.#memberId) {
      this.#nudge.abort();
      // Where the heartbeat changes nothing, the same seat is tried again.
      await Promise.race([this.#changed.promise, systemClock.sleepUntil(Date.now() + shortestPause)]);
    }
    while (!term.aborted) {
      if (this.#isStable) return this.#presentSeat;
      await this.#changed.promise;
    }
    throw this.#roleLost();
  }

  #roleLost(): DashctlError {
    return new DashctlError('TAKEN_OVER', `no longer the active member of group ${this.#options.groupId}`, {
      hint: 'another process of the group has taken over, or this one was away for too long',
    });
  }

  async leave(): Promise<void> {
    if (this.#left.signal.aborted) return;
    this.#left.abort();
    clearTimeout(this.#fence);
    this.#link?.close();
    if (this.#memberId !== '') {
      const { groupId } = this.#options;
      const farewell = this.#client.call(this.#coordinator, leaveGroupApi, { groupId, memberId: this.#memberId });
      const answered = new AbortController();
      void farewell.catch(() => {}).then(() => answered.abort());
      await systemClock.sleepUntil(Date.now() + leavePatience, answered.signal);
    }
    this.#endTerm();
    this.#client.close();
  }
}
