import { expect, test } from 'vitest';
import { backlogText } from '../../../src/commands/shared/backlog-report.ts';

test('a backlog is told with its share, rate, lag and the time that is left', () => {
  expect(backlogText({ done: 750_000, lag: 1_500_000 }, 750_000, 'records')).toBe(
    '━━━━━━━━────────────────  33%  750,000 records  750,000/s  lag 1,500,000  ETA 0:02',
  );
});

test('nothing is said of what is nearly done', () => {
  expect(backlogText({ done: 1_000_000, lag: 9_999 }, 750_000, 'records')).toBeUndefined();
});

test('before a rate is known there is no time that is left', () => {
  expect(backlogText({ done: 0, lag: 50_000 }, 0, 'windows')).not.toContain('ETA');
});
