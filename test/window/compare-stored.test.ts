import { describe, expect, test } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import { storedComparison } from '../../src/window/compare-stored.ts';
import { windowLedger } from '../../src/window/window-ledger.ts';
import { windowAt } from '../store/_contract.ts';

// Results of seconds 60 to 62, a whole minute later of 120, and what the source has of 121 that is not out yet.
const results = [60, 61, 62, 120].map((second) => windowAt(second, { 0: second, 1: 1 }));

function compare(stored: readonly WindowCount[], minutes: readonly WindowCount[] = [], since = -Infinity) {
  const ledger = windowLedger(1_000);
  ledger.takeRecords(0, [{ offset: 0, timestamp: 121_000, value: Buffer.from('0') }]);
  for (const [offset, result] of results.entries()) ledger.takeResult(result, { partition: 0, offset });
  const comparison = storedComparison(ledger, since);
  comparison.takeWindows(stored.filter(({ start }) => start >= comparison.range.from && start < comparison.range.to));
  const asked = comparison.minutes();
  comparison.takeMinutes(minutes.filter(({ start }) => asked.has(start)));
  const { differences, ...rest } = comparison.verdict();
  return { ...rest, differences: differences.map(({ kind, start }) => `${kind} ${start / 1_000}`) };
}

const minuteAt = (start: number, counts: Record<string, number>) =>
  windowAt(start, counts, { start: start * 1_000, end: (start + 60) * 1_000 });
const without = (second: number) => results.filter(({ start }) => start !== second * 1_000);
const all = new Map([
  ['0', 303],
  ['1', 4],
]);

describe('results and store', () => {
  test('agree when every window is the same', () => {
    expect(compare(results)).toEqual({ windows: 4, rolledUp: 0, unchecked: 0, values: all, differences: [] });
  });

  test('differ in a window that is not stored', () => {
    const { differences, values } = compare(without(61), [minuteAt(60, { 0: 122, 1: 2 })]);
    expect(differences).toEqual(['missing 61']);
    expect(values.get('0')).toBe(242);
  });

  test('differ in a window that is not stored, or was not yet when it was asked for, though its minute has it', () => {
    expect(compare(without(61), [minuteAt(60, { 0: 183, 1: 3 })])).toMatchObject({
      rolledUp: 0,
      differences: ['missing 61'],
    });
    // The first window of the minute was pruned: what its sums are to be is open until the other is stored.
    const [, , third, last] = results;
    const ledger = windowLedger(1_000);
    for (const [offset, result] of results.entries()) ledger.takeResult(result, { partition: 0, offset });
    const comparison = storedComparison(ledger, -Infinity);
    comparison.takeWindows(results.slice(1, 2));
    comparison.takeMinutes([minuteAt(60, { 0: 121, 1: 2 })]);
    expect(comparison.verdict().differences.map(({ kind, start }) => [kind, start])).toEqual([
      ['missing', third?.start],
      ['missing', last?.start],
    ]);
  });

  test('differ in a count, a revision, and a window that has no result', () => {
    const changed = (more: Partial<WindowCount>, counts = { 0: 61, 1: 1 }) => [
      ...without(61),
      windowAt(61, counts, more),
    ];
    expect(compare(changed({}, { 0: 62, 1: 1 })).differences).toEqual(['counts 61']);
    expect(compare(changed({ revision: 1 })).differences).toEqual(['counts 61']);
    expect(compare([...results, windowAt(100, { 0: 1 })]).differences).toEqual(['unfounded 100']);
  });

  test('a correction that is not stored yet is told apart', () => {
    const ledger = windowLedger(1_000);
    ledger.takeResult(windowAt(1, { 0: 1 }), { partition: 0, offset: 0 });
    ledger.takeResult(windowAt(1, { 0: 2 }, { revision: 1 }), { partition: 0, offset: 1 });
    const comparison = storedComparison(ledger, -Infinity);
    comparison.takeWindows([windowAt(1, { 0: 1 })]);
    expect(comparison.verdict().differences).toMatchObject([{ kind: 'behind', start: 1_000 }]);
  });

  test('what lies before and behind the results is not their concern, nor what is still to come out', () => {
    const { differences } = compare([windowAt(1, { 0: 1 }), ...results, windowAt(121, { 0: 1 }), windowAt(500, {})]);
    expect(differences).toEqual([]);
  });
});

describe('windows that were pruned', () => {
  test('agree when the sums of their minute do, with windows of it that are still there', () => {
    const { rolledUp, windows, differences, values } = compare(
      results.filter(({ start }) => start >= 62_000),
      [minuteAt(60, { 0: 183, 1: 3 })],
    );
    expect({ rolledUp, windows, differences }).toEqual({ rolledUp: 2, windows: 2, differences: [] });
    expect(values).toEqual(all);
  });

  test('differ by the sums of their minute', () => {
    const kept = results.filter(({ start }) => start >= 62_000);
    expect(compare(kept, [minuteAt(60, { 0: 184, 1: 3 })]).differences).toEqual(['sums 60']);
    expect(compare(kept, [minuteAt(60, { 0: 183, 1: 3, 2: 1 })]).differences).toEqual(['sums 60']);
  });

  test('of a minute that the check begins in cannot be checked, and are told as that', () => {
    const { unchecked, differences, values } = compare([], [minuteAt(60, { 0: 183, 1: 3 })], 61_000);
    expect(unchecked).toBe(2);
    expect(differences).toEqual(['missing 120']);
    expect(values.get('0')).toBe(123);
  });
});
