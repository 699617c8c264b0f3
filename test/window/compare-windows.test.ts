import { describe, expect, test } from 'vitest';
import { type Comparison, compareWindows } from '../../src/window/compare-windows.ts';
import { type WindowLedger, windowLedger } from '../../src/window/window-ledger.ts';

const size = 1_000;
let nextOffset = 0;

/** Enters records of partition 0: pairs of value and event time. */
const take = (ledger: WindowLedger, ...records: [value: string | null, timestamp: number][]) =>
  ledger.takeRecords(
    0,
    records.map(([value, timestamp]) => ({
      offset: nextOffset++,
      timestamp,
      value: value === null ? null : Buffer.from(value),
    })),
  );

const result = (ledger: WindowLedger, start: number, counts: Record<string, number>, revision = 0) =>
  ledger.takeResult(
    { pipeline: 'gender', start, end: start + size, revision, lateDropped: 0, counts: new Map(Object.entries(counts)) },
    { partition: 0, offset: nextOffset++ },
  );

const compare = (ledger: WindowLedger, more: Partial<Comparison> = {}) =>
  compareWindows(ledger, {
    now: 1_000_000,
    since: Number.NEGATIVE_INFINITY,
    lateDropped: 0,
    compacted: false,
    ...more,
  });

const kinds = (verdict: ReturnType<typeof compare>) =>
  verdict.differences.map(({ kind, window }) => [kind, window.start]);

/** Two windows that are as they should be. */
function rightLedger(): WindowLedger {
  nextOffset = 0;
  const ledger = windowLedger(size);
  take(ledger, ['0', 5_000], ['1', 5_999], ['0', 6_000]);
  result(ledger, 5_000, { 0: 1, 1: 1 });
  result(ledger, 6_000, { 0: 1 });
  return ledger;
}

describe('windows of a source topic and their results', () => {
  test('agree when each record is in the result of its window', () => {
    const verdict = compare(rightLedger());
    expect(verdict).toMatchObject({ windows: 2, corrected: 0, differences: [], late: { agrees: true } });
    expect(Object.fromEntries(verdict.values)).toEqual({
      0: { source: 2, windows: 2, open: 0, late: 0 },
      1: { source: 1, windows: 1, open: 0, late: 0 },
    });
  });

  test('agree when a later revision has put a window right', () => {
    const ledger = rightLedger();
    take(ledger, ['1', 5_500]);
    result(ledger, 5_000, { 0: 1, 1: 2 }, 1);
    expect(compare(ledger)).toMatchObject({ corrected: 1, differences: [] });
  });

  test('count a record without a value as NULL, as the aggregator does', () => {
    const ledger = windowLedger(size);
    take(ledger, [null, 5_000]);
    result(ledger, 5_000, { NULL: 1 });
    expect(kinds(compare(ledger))).toEqual([]);
  });

  test('agree when a result names a value that is not there with 0', () => {
    const ledger = rightLedger();
    result(ledger, 6_000, { 0: 1, 1: 0 }, 1);
    expect(kinds(compare(ledger))).toEqual([]);
  });

  test('differ where a count is wrong, though the sums are right', () => {
    const ledger = rightLedger();
    result(ledger, 5_000, { 0: 2, 1: 1 }, 1);
    result(ledger, 6_000, {}, 1);
    const verdict = compare(ledger);
    expect(verdict.values.get('0')).toMatchObject({ source: 2, windows: 2 });
    expect(kinds(verdict)).toEqual([
      ['counts', 5_000],
      ['counts', 6_000],
    ]);
  });

  test('differ where a result is missing, and where one has no records', () => {
    const ledger = rightLedger();
    take(ledger, ['0', 7_000]);
    result(ledger, 8_000, { 0: 1 });
    expect(kinds(compare(ledger))).toEqual([
      ['missing', 7_000],
      ['unfounded', 8_000],
    ]);
  });

  test('differ where a revision comes out twice or is left out, though the counts are right', () => {
    const ledger = rightLedger();
    result(ledger, 5_000, { 0: 1, 1: 1 });
    result(ledger, 6_000, { 0: 1 }, 2);
    const verdict = compare(ledger);
    expect(kinds(verdict)).toEqual([
      ['twice', 5_000],
      ['skipped', 6_000],
    ]);
    expect(verdict.differences[0]?.fault).toMatchObject({ revision: 0, partition: 0, offset: 5 });
  });

  test('agree without a revision that compaction may have removed', () => {
    const ledger = rightLedger();
    result(ledger, 6_000, { 0: 1 }, 2);
    expect(kinds(compare(ledger, { compacted: true }))).toEqual([]);
  });

  test('name the offsets that make up a window, partition by partition', () => {
    const ledger = rightLedger();
    ledger.takeRecords(3, [{ offset: 70, timestamp: 5_100, value: Buffer.from('0') }]);
    expect(compare(ledger).differences[0]?.window.spans).toEqual([
      { partition: 0, first: 0, last: 1 },
      { partition: 3, first: 70, last: 70 },
    ]);
  });

  test('keep windows that could not be out yet apart', () => {
    const ledger = rightLedger();
    take(ledger, ['0', 7_000], ['0', 7_001]);
    const before = compare(ledger, { now: 8_500 });
    expect(before).toMatchObject({ differences: [], open: { windows: 1, records: 2, firstEnd: 8_000 } });
    expect(before.values.get('0')).toEqual({ source: 4, windows: 2, open: 2, late: 0 });
    expect(kinds(compare(ledger, { now: 9_000 }))).toEqual([['missing', 7_000]]);
  });

  test('lack what was dropped as too late, also a whole window of it', () => {
    const ledger = rightLedger();
    take(ledger, ['1', 5_001], ['1', 4_000]);
    const verdict = compare(ledger, { lateDropped: 2 });
    expect(verdict).toMatchObject({ differences: [], late: { told: 2, missing: 2, agrees: true } });
    expect(verdict.values.get('1')).toEqual({ source: 3, windows: 1, open: 0, late: 2 });
  });

  test.each([
    ['fewer records were dropped than are missing', 1],
    ['more records were dropped than are missing', 3],
  ])('differ when %s', (_, lateDropped) => {
    const ledger = rightLedger();
    take(ledger, ['1', 5_001], ['1', 5_002]);
    expect(compare(ledger, { lateDropped }).late).toMatchObject({ missing: 2, agrees: false });
    expect(compare(ledger, { lateDropped }).mendable).toBe(1);
  });

  test('differ when records were dropped as late and a window counts more than there is', () => {
    const ledger = rightLedger();
    take(ledger, ['1', 5_001]);
    result(ledger, 6_000, { 0: 3 }, 1);
    expect(kinds(compare(ledger, { lateDropped: 1 }))).toEqual([['counts', 6_000]]);
  });

  test('are left out when they start before the check does', () => {
    const ledger = rightLedger();
    result(ledger, 5_000, { 0: 9 }, 7);
    const verdict = compare(ledger, { since: 6_000 });
    expect(verdict).toMatchObject({ windows: 1, differences: [] });
    expect([...verdict.values.keys()]).toEqual(['0']);
  });

  test('are not asked for when all of them came after the check began', () => {
    const ledger = rightLedger();
    ledger.beginAfter();
    take(ledger, ['0', 6_500], ['0', 9_000]);
    result(ledger, 10_000, { 0: 1 });
    expect(kinds(compare(ledger))).toEqual([['counts', 6_000]]);
    result(ledger, 6_000, { 0: 2 }, 1);
    expect(kinds(compare(ledger))).toEqual([]);
  });
});
