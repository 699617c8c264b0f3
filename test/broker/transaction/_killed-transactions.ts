import { expect } from 'vitest';
import { readAll } from '../_reading.ts';
import { type Identity, type TransactionalClient, transactionalClient } from './_transactional-client.ts';

const transactionalId = 'killed';

/** What became of transactions, by the value that each wrote to both partitions: the number that it committed. */
export class Outcomes {
  readonly committed = new Map<string, number>();
  readonly aborted = new Set<string>();
  /** Asked to be committed, without an answer. */
  readonly unknown = new Map<string, number>();
  #last = 0;

  /** The number of a transaction that begins; until more is known it counts as aborted. */
  begin(): { number: number; value: string } {
    const number = ++this.#last;
    const value = `value-${number}-`;
    this.aborted.add(value);
    return { number, value };
  }
}

/** Runs transactions with a group's offsets, each third of them aborted, until the broker is gone. */
export async function runTransactions(
  client: TransactionalClient,
  outcomes: Outcomes,
  onEnded: () => void,
): Promise<never> {
  const identity: Identity = await client.init(transactionalId);
  for (let sequence = 0; ; sequence++) {
    const { number, value } = outcomes.begin();
    await client.add(identity);
    await Promise.all([0, 1].map((partition) => client.send(identity, partition, sequence, [value])));
    await client.commitOffset(identity, number);
    if (number % 3 === 0) {
      await client.end(identity, false);
    } else {
      outcomes.aborted.delete(value);
      outcomes.unknown.set(value, number);
      expect(await client.end(identity, true)).toBe(0);
      outcomes.unknown.delete(value);
      outcomes.committed.set(value, number);
    }
    onEnded();
  }
}

/** Looks, after a restart, whether every transaction is there whole with its offset, or not at all. */
export async function checkTransactions(port: number, outcomes: Outcomes): Promise<void> {
  const transactional = await transactionalClient(port);
  // What the last run left open is aborted.
  await transactional.init(transactionalId);
  const [first = [], second] = await Promise.all(
    [0, 1].map(async (partition) => {
      const { records } = await readAll(transactional.client, { topic: 't', partition, isCommittedOnly: true });
      return records.map(({ value }) => value ?? '');
    }),
  );
  const { offset } = await transactional.committedOffset(true);
  transactional.client.close();
  expect(first).toEqual(second);
  const found = new Set(first);
  expect(found.size).toBe(first.length);
  expect([...outcomes.committed.keys()].filter((value) => !found.has(value))).toEqual([]);
  expect(first.filter((value) => outcomes.aborted.has(value))).toEqual([]);
  // Those without an answer may have been committed; the group's offset is that of the last one which was.
  const all = new Map([...outcomes.committed, ...outcomes.unknown]);
  expect(first.filter((value) => !all.has(value))).toEqual([]);
  expect(offset).toBe(Math.max(-1, ...first.map((value) => all.get(value) ?? -1)));
  for (const [value, number] of outcomes.unknown) {
    if (found.has(value)) outcomes.committed.set(value, number);
    else outcomes.aborted.add(value);
  }
  outcomes.unknown.clear();
}
