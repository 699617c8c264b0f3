import type { Member, MemberProtocol } from './member.ts';

/** Who belongs to a group, and what follows from that alone: leader, instance ids, common protocols, votes. */
export class Roster {
  readonly #members = new Map<string, Member>();
  readonly #byInstance = new Map<string, Member>();
  #leader: Member | null = null;

  get size(): number {
    return this.#members.size;
  }

  /** In the order of joining. */
  get all(): Member[] {
    return [...this.#members.values()];
  }

  get leaderId(): string {
    return this.#leader?.id ?? '';
  }

  get(memberId: string): Member | undefined {
    return this.#members.get(memberId);
  }

  getStatic(instanceId: string): Member | undefined {
    return this.#byInstance.get(instanceId);
  }

  /** The first member leads. */
  add(member: Member): void {
    this.#members.set(member.id, member);
    if (member.instanceId !== null) this.#byInstance.set(member.instanceId, member);
    this.#leader ??= member;
  }

  remove(member: Member): void {
    this.#members.delete(member.id);
    if (member.instanceId !== null && this.#byInstance.get(member.instanceId) === member) {
      this.#byInstance.delete(member.instanceId);
    }
    if (this.#leader === member) this.#leader = this.all[0] ?? null;
  }

  /** Puts a static member that came back in the place of its former self. */
  replace(former: Member, member: Member): void {
    const led = this.#leader === former;
    this.remove(former);
    this.add(member);
    if (led) this.#leader = member;
  }

  /** Makes sure that the leader is one of those who wait for the join phase to end; false when nobody does. */
  electJoined(): boolean {
    if (this.#leader?.answerJoin) return true;
    const joined = this.all.find(({ answerJoin }) => answerJoin !== null);
    if (joined) this.#leader = joined;
    return joined !== undefined;
  }

  /** Whether every member waits for the join phase to end. */
  get allJoined(): boolean {
    return this.all.every(({ answerJoin }) => answerJoin !== null);
  }

  /** The longest time that a member asks to be given for rejoining. */
  get rebalanceTimeout(): number {
    return this.all.reduce((longest, member) => Math.max(longest, member.rebalanceTimeout), 0);
  }

  /** Whether one of these protocols is supported by every member. */
  shares(protocols: readonly MemberProtocol[]): boolean {
    return protocols.some(({ name }) => this.#isCommon(name));
  }

  #isCommon(protocolName: string): boolean {
    return this.all.every(({ protocols }) => protocols.some(({ name }) => name === protocolName));
  }

  /**
   * Among the protocols that all support, the one that most members put first; of equals, the one that was named
   * first. Null for an empty group.
   */
  chooseProtocol(): string | null {
    const votes = new Map<string, number>();
    for (const { protocols } of this.#members.values()) {
      const vote = protocols.find(({ name }) => this.#isCommon(name));
      if (vote) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
    }
    let chosen: string | null = null;
    for (const [name, count] of votes) {
      if (chosen === null || count > (votes.get(chosen) ?? 0)) chosen = name;
    }
    return chosen;
  }
}
