import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromRuns, toRuns } from '../../src/window/revision-runs.ts';

test('windows in a row with the same revision take one run', () => {
  const revisions = new Map([
    [4_000, 2],
    [5_000, 2],
    [8_000, 1],
  ]);
  expect(toRuns(revisions, 1_000)).toEqual([4_000, 1_000, 2, 2, 2, 0, 1, 1]);
});

test('revisions come back as they were', () => {
  const some = fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 1, max: 5 })), { maxLength: 40 });
  const same = fc.property(some, fc.constantFrom(1, 1_000), (list, spacing) => {
    const revisions = new Map(list.map(([index, revision]) => [index * spacing, revision]));
    expect(fromRuns(toRuns(revisions, spacing))).toEqual(new Map([...revisions].sort(([a], [b]) => a - b)));
  });
  fc.assert(same);
});

test('what nobody can have written gives no revisions', () => {
  for (const runs of [[], [5], [5, 0, 1, 1], [5, -1, 1, 1], [5, 1, 1e9, 1]]) expect(fromRuns(runs)).toEqual(new Map());
});
