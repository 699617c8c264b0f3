import { describe, expect, test } from 'vitest';
import { backoff } from '../../../src/web/client/state/backoff.ts';
import { completenessOf } from '../../../src/web/client/state/completeness.ts';
import { conditionOf, staleAt } from '../../../src/web/client/state/condition.ts';
import { type FeedState, initialFeed } from '../../../src/web/client/state/feed.ts';

const pipeline = { name: 'gender', title: { zh: '', en: '' }, window: 1_000, labels: {}, unknown: [] };
const open: FeedState = { ...initialFeed, link: { phase: 'open' }, sequence: 1, pipelines: [pipeline] };

describe('the condition of the page', () => {
  test('is connecting until the first snapshot, then empty until the first window', () => {
    expect(conditionOf(initialFeed, 0)).toBe('connecting');
    expect(conditionOf(open, 0)).toBe('empty');
  });

  test('is stale within three seconds after the last window of a second', () => {
    expect(conditionOf({ ...open, windowAt: 1_000 }, 3_799)).toBe('live');
    expect(conditionOf({ ...open, windowAt: 1_000 }, 3_800)).toBe('stale');
    expect(staleAt({ ...open, windowAt: 1_000 })).toBeLessThan(4_000);
  });

  test('is stale less than two seconds after a longer window was due', () => {
    const slow = { ...open, pipelines: [{ ...pipeline, window: 60_000 }], windowAt: 0 };
    expect(conditionOf(slow, 61_799)).toBe('live');
    expect(conditionOf(slow, 61_800)).toBe('stale');
  });

  test('expects windows that overlap as often as they come, whatever their length', () => {
    const soFar = { ...pipeline, window: 86_400_000 };
    const windows = [1, 2, 5, 6].map((second) => ({ start: 0, end: second * 1_000, revision: 0, counts: {} }));
    const state = { ...open, pipelines: [soFar], windows: new Map([['gender', windows]]), windowAt: 0 };
    expect(staleAt(state)).toBe(2_800);
  });

  test('is stale when the fastest pipeline is', () => {
    const slow = { ...pipeline, name: 'slow', window: 10_000 };
    expect(staleAt({ ...open, pipelines: [slow, pipeline], windowAt: 0 })).toBe(2_800);
  });

  test('is reconnecting from the loss of the connection to the next snapshot', () => {
    const lost = { ...open, windowAt: 0 };
    expect(conditionOf({ ...lost, link: { phase: 'waiting', attempt: 1, retryAt: 9 } }, 0)).toBe('reconnecting');
    expect(conditionOf({ ...lost, link: { phase: 'connecting', attempt: 1 } }, 0)).toBe('reconnecting');
  });

  test('is failed when trying again does not help', () => {
    expect(conditionOf({ ...open, link: { phase: 'failed', reason: 'version' } }, 0)).toBe('failed');
  });
});

describe('completeness', () => {
  const at = (idle: boolean, now = 10_000, agreedAt: number | undefined = undefined) => ({ agreedAt, idle, now });

  test('is not judged by a process that knows one number only', () => {
    expect(completenessOf({ stored: 5 }, at(false))).toBeUndefined();
    expect(completenessOf({}, at(false))).toBeUndefined();
  });

  test('counts rows of open windows as on their way while rows flow', () => {
    const status = { rowsRead: 120, rejected: 3, counted: 100, stored: 100 };
    expect(completenessOf(status, at(false))).toEqual({ kind: 'consistent', inFlight: 17 });
  });

  test('wants every row when nothing moves any more', () => {
    expect(completenessOf({ rowsRead: 103, rejected: 3, late: 2, stored: 98 }, at(true))).toEqual({
      kind: 'consistent',
      inFlight: 0,
    });
    expect(completenessOf({ rowsRead: 103, rejected: 3, stored: 98 }, at(true))).toEqual({
      kind: 'behind',
      missing: 2,
    });
  });

  test('forgives that stages report one after the other, for three seconds', () => {
    const status = { counted: 100, stored: 90 };
    expect(completenessOf(status, at(false, 10_000, 8_000))).toMatchObject({ kind: 'consistent' });
    expect(completenessOf(status, at(false, 11_000, 8_000))).toEqual({ kind: 'behind', missing: 10 });
  });

  test('takes what was stored before this run for no fault', () => {
    expect(completenessOf({ rowsRead: 10, stored: 5_000 }, at(true))).toEqual({ kind: 'consistent', inFlight: 0 });
  });
});

test('tries to connect come ever later, up to about ten seconds, and not all pages at once', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map((attempt) => backoff(attempt, 0.5))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000,
  ]);
  expect(backoff(3, 0)).toBe(1_600);
  expect(backoff(3, 0.999)).toBeLessThanOrEqual(2_400);
});
