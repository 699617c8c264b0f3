import type { ReadRecord } from '../log/_test-log.ts';

/** What clients were told of one partition, and what they saw of it. */
export class PartitionLedger {
  /** Values that may be there, since they were sent. */
  readonly sent = new Set<string>();
  /** Values that must be there, at their offsets. */
  readonly acknowledged = new Map<string, number>();
  /** What readers got. */
  readonly seen = new Map<number, string>();
  /** The start that was asked for, and the one that was confirmed. */
  readonly start = { tried: 0, acknowledged: 0 };

  /** From now on this is what is there: a record that was lost must not come back, unless it `mayReturn`. */
  learn(start: number, records: readonly ReadRecord[], mayReturn: boolean): void {
    const present = records.map(({ offset, value }): [number, string] => [offset, value ?? '']);
    this.start.tried = this.start.acknowledged = start;
    if (!mayReturn) this.sent.clear();
    this.acknowledged.clear();
    this.seen.clear();
    for (const [offset, value] of present) {
      this.sent.add(value);
      this.acknowledged.set(value, offset);
    }
  }
}

/** All that clients know when the power goes; values are unique, so that each record can be told from all others. */
export class Ledger {
  readonly #partitions = new Map<string, PartitionLedger>();
  /** Of a topic, true when it must be there, false when it must not; missing while nobody knows. */
  readonly topics = new Map<string, boolean>();
  readonly offsets = { tried: -1, acknowledged: -1 };
  /** By the value that each wrote to both partitions: the offset that it committed. */
  readonly transactions = {
    committed: new Map<string, number>(),
    /** Asked to be committed, without an answer. */
    unknown: new Map<string, number>(),
    started: 0,
    /** A cut has taken what was not synced, from each partition another part. */
    areTorn: false,
  };
  #lastValue = 0;

  of(topic: string, partition: number): PartitionLedger {
    const name = `${topic}/${partition}`;
    const ledger = this.#partitions.get(name) ?? new PartitionLedger();
    this.#partitions.set(name, ledger);
    return ledger;
  }

  /** From now on, the transactions that are there are the committed ones. */
  learnTransactions(present: ReadonlySet<string>): void {
    const { committed, unknown } = this.transactions;
    for (const [value, number] of unknown) committed.set(value, number);
    unknown.clear();
    for (const value of committed.keys()) if (!present.has(value)) committed.delete(value);
  }

  /** A value that was never used. */
  value(): string {
    return `v${++this.#lastValue}`;
  }
}
