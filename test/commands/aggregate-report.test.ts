import { expect, test } from 'vitest';
import { backlogText } from '../../src/commands/aggregate-report.ts';
import type { TopicStatus } from '../../src/window/topic-status.ts';

const topic = (records: number, lag: number): TopicStatus => ({
  records,
  lag,
  open: 0,
  lateDropped: 0,
  rejected: 0,
  filtered: 0,
  watermark: 0,
  caughtUp: lag === 0,
  settled: true,
});

const progress = (...topics: TopicStatus[]) => ({
  active: true,
  windows: 0,
  pipelines: new Map(topics.map((status, index) => [`pipeline-${index}`, status])),
});

test('a backlog is told with its share, rate, lag and the time that is left, over all topics', () => {
  expect(backlogText(progress(topic(500_000, 1_000_000), topic(250_000, 500_000)), 750_000)).toBe(
    '━━━━━━━━────────────────  33%  750,000 records  750,000/s  lag 1,500,000  ETA 0:02',
  );
});

test('nothing is said of a topic that is nearly read', () => {
  expect(backlogText(progress(topic(1_000_000, 9_999)), 750_000)).toBeUndefined();
});

test('before a rate is known there is no time that is left', () => {
  expect(backlogText(progress(topic(0, 50_000)), 0)).not.toContain('ETA');
});
