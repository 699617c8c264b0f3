import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PartitionLog } from '../../../src/broker/log/partition-log.ts';
import { leapingClock } from '../../_support/leaping-clock.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { readCommitted } from './_read-committed.ts';
import { append, openLog, readRecordsFrom, segmentFiles } from './_test-log.ts';

const producer = fc.constantFrom(1, 2, 3);
const records = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.boolean()), { minLength: 1, maxLength: 4 });
const compression = fc.constantFrom('none' as const, 'gzip' as const);
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('transact' as const), producer, records, compression }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('plain' as const), producer, records, compression }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), producer, isCommit: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'compact' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'begin to compact' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), time: fc.nat({ max: 300 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('stop' as const, 'kill' as const, 'lose' as const) }) },
);

interface Written {
  readonly key: string;
  readonly value: string | null;
  fate: 'committed' | 'aborted' | { readonly openOf: number };
}

/** A log, what was written to it, and what its readers must therefore see. */
class Trial {
  readonly clock = leapingClock(1_700_000_000_000);
  readonly #settings;
  readonly #slots: number;
  #directory = join(temporaryFolder(), 'log');
  log: PartitionLog;
  /** By offset; markers have none. */
  readonly written: (Written | undefined)[] = [];
  readonly #sequences = new Map<number, number>();
  readonly #newest = new Map<number, { make: () => Buffer; offset: number }>();
  readonly #open = new Map<number, number>();
  #compacting: Promise<void> = Promise.resolve();

  constructor(segmentBytes: number, slots: number) {
    this.#settings = {
      isCompacted: true,
      deletesOldRecords: false,
      minCleanableDirtyRatio: 0,
      deleteRetentionMs: 100,
      segmentBytes,
    };
    this.#slots = slots;
    this.log = this.#openLog();
  }

  #openLog(): PartitionLog {
    const { clock } = this;
    return openLog(this.#directory, { uncached: true, clock, compactionSlots: this.#slots, with: this.#settings });
  }

  isOpen(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  async write(producerId: number, isTransactional: boolean, rows: [string, boolean][], packed: 'none' | 'gzip') {
    const first = this.written.length;
    const baseSequence = this.#sequences.get(producerId) ?? 0;
    const timestamp = this.clock.now();
    const content = rows.map(([key, isTombstone], index) => ({
      key,
      value: isTombstone ? null : String(first + index),
      timestamp,
    }));
    const make = () =>
      makeBatch(content, {
        compression: packed,
        producerId,
        producerEpoch: 0,
        baseSequence,
        attributes: isTransactional ? 0x10 : 0,
      });
    expect(await append(this.log, make())).toBe(first);
    if (isTransactional && !this.#open.has(producerId)) this.#open.set(producerId, first);
    const fate = isTransactional ? { openOf: producerId } : 'committed';
    this.written.push(...content.map(({ key, value }): Written => ({ key, value, fate })));
    this.#sequences.set(producerId, baseSequence + rows.length);
    this.#newest.set(producerId, { make, offset: first });
  }

  async end(producerId: number, isCommit: boolean): Promise<void> {
    if (!this.#open.delete(producerId)) return;
    const marker = this.log.appendMarker({ producerId, producerEpoch: 0, isCommit });
    if ('errorCode' in marker) throw new Error(marker.message);
    await this.log.whenStored(marker.endOffset, true);
    for (const record of this.written) {
      if (typeof record?.fate !== 'object' || record.fate.openOf !== producerId) continue;
      record.fate = isCommit ? 'committed' : 'aborted';
    }
    this.written.push(undefined);
  }

  beginToCompact(): void {
    const { log } = this;
    this.#compacting = this.#compacting.then(() => log.compact());
  }

  async compact(): Promise<void> {
    this.beginToCompact();
    await this.#compacting;
  }

  async restart(how: 'stop' | 'kill' | 'lose'): Promise<void> {
    const { log } = this;
    const left = join(temporaryFolder(), 'log');
    // What a killed process leaves is the files as they are at that moment, be a compaction under way or not.
    if (how === 'kill') cpSync(this.#directory, left, { recursive: true });
    await log.close();
    await this.#compacting;
    if (how === 'kill') this.#directory = left;
    if (how === 'lose') rmSync(join(this.#directory, 'checkpoint.json'), { force: true });
    this.log = this.#openLog();
    // A retry of what was acknowledged before.
    for (const { make, offset } of this.#newest.values()) expect(await append(this.log, make())).toBe(offset);
  }

  async check(): Promise<void> {
    const { log, written } = this;
    const stable = Math.min(written.length, ...this.#open.values());
    expect([log.startOffset, log.endOffset, log.lastStableOffset]).toEqual([0, written.length, stable]);
    const open = [...this.#open].map(([producerId, firstOffset]) => ({ producerId, firstOffset }));
    expect([...log.openTransactions].sort((a, b) => a.firstOffset - b.firstOffset)).toEqual(
      open.sort((a, b) => a.firstOffset - b.firstOffset),
    );
    const got = await readCommitted(log, 0);
    expect(await readCommitted(log, 0, 100_000)).toEqual(got);
    const offsets = got.map(({ offset }) => offset);
    expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
    for (const { offset, key, value } of got) expect({ key, value, fate: 'committed' }).toEqual(written[offset]);
    const table = new Map(got.map(({ key, value }) => [key, value]));
    for (const key of ['a', 'b', 'c', 'd']) {
      const newest = written.slice(0, stable).findLast((record) => record?.key === key && record.fate === 'committed');
      expect(table.get(key) ?? null, key).toBe(newest?.value ?? null);
    }
  }

  /** With all transactions over and all waits too, what is complete holds nothing that was aborted. */
  async finish(): Promise<void> {
    for (const producerId of [...this.#open.keys()]) await this.end(producerId, false);
    for (let round = 0; round < 4; round++) {
      await this.compact();
      await this.check();
      this.clock.leap(200);
    }
    const active = Number(
      segmentFiles(this.#directory)
        .at(-1)
        ?.match(/(\d+)\.log$/)?.[1] ?? 0,
    );
    for (const { offset } of await readRecordsFrom(this.log, 0)) {
      if (offset < active) expect(this.written[offset]?.fate).not.toBe('aborted');
    }
    await this.restart('lose');
    await this.check();
    await this.log.close();
  }
}

test('whatever is written, committed, aborted, compacted, stopped and killed when: readers see the newest committed record of each key and nothing that was aborted', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 20, maxLength: 80, size: 'max' }),
      fc.integer({ min: 100, max: 900 }),
      fc.constantFrom(8, 1024),
      async (commands, segmentBytes, slots) => {
        const trial = new Trial(segmentBytes, slots);
        for (const step of commands) {
          if (step.kind === 'transact') await trial.write(step.producer, true, step.records, step.compression);
          else if (step.kind === 'plain') {
            if (!trial.isOpen(step.producer)) await trial.write(step.producer, false, step.records, step.compression);
          } else if (step.kind === 'end') await trial.end(step.producer, step.isCommit);
          else if (step.kind === 'begin to compact') trial.beginToCompact();
          else if (step.kind === 'wait') trial.clock.leap(step.time);
          else {
            await (step.kind === 'compact' ? trial.compact() : trial.restart(step.kind));
            await trial.check();
          }
        }
        await trial.finish();
      },
    ),
    { numRuns: 20 },
  );
}, 120_000);
