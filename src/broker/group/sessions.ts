import type { Member } from './member.ts';
import type { JoinResult, SyncResult } from './results.ts';
import type { Timers } from './timers.ts';

// A parked client that does not know its id cannot send heartbeats; if it died meanwhile, this is how long it counts.
const newMemberTimeout = 300_000;

/** Who of the members still lives, and the answers that they wait for: while a request is parked its session stands still. */
export class Sessions {
  readonly #timers: Timers;
  readonly #onExpired: (member: Member) => void;

  constructor(timers: Timers, onExpired: (member: Member) => void) {
    this.#timers = timers;
    this.#onExpired = onExpired;
  }

  /** Begins the session of a member that waits for its first generation. */
  begin(member: Member): void {
    this.#start(member, newMemberTimeout);
  }

  /** A sign of life: the session begins anew. */
  touch(member: Member): void {
    if (member.isNew || member.answerJoin || member.answerSync) return;
    member.cancelSession();
    this.#start(member, member.sessionTimeout);
  }

  #start(member: Member, timeout: number): void {
    member.cancelSession = this.#timers.after(timeout, () => this.#onExpired(member));
  }

  /** Answers a parked JoinGroup, if there is one. */
  answerJoin(member: Member, result: JoinResult): void {
    if (!member.answerJoin) return;
    member.answerJoin(result);
    member.answerJoin = null;
    this.touch(member);
  }

  /** Answers a parked SyncGroup, if there is one. */
  answerSync(member: Member, result: SyncResult): void {
    if (!member.answerSync) return;
    member.answerSync(result);
    member.answerSync = null;
    this.touch(member);
  }
}
