import { describe, expect, onTestFinished, test } from 'vitest';
import { stageFigures, type UpStatus } from '../../../src/commands/status/stage-figures.ts';
import { sourceNames, stageStatus } from '../../../src/commands/status/stage-status.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import type { TopicStatus } from '../../../src/window/topic-status.ts';

const counting: TopicStatus = {
  ...{ records: 120, rejected: 2, filtered: 0, open: 8, lateDropped: 3, lag: 4, watermark: 9_900 },
  ...{ caughtUp: true, settled: false },
};

const beginning = (): UpStatus => ({
  ...{ source: 'log.csv', connection: 'live', delay: null, produce: undefined, produceEnded: false, loop: false },
  ...{ pace: { target: 100, paused: false }, aggregate: undefined, serve: undefined },
  ...{ stored: 7, storeLag: 1, storedIn: 'sqlite', connected: true, broker: undefined },
});

function told(change: Partial<UpStatus>, { reachable = true, counted = (): number | undefined => 109 } = {}) {
  const status = { ...beginning(), ...change };
  const figures = stageFigures(status);
  onTestFinished(() => figures.close());
  const parts = { pipelines: builtInPipelines.slice(0, 2), source: 'log.csv', reachable, counted };
  return stageStatus(status, figures.at(10_000), parts, 10_000);
}

const progress = (gender: Partial<TopicStatus> = {}, active = true): Pick<UpStatus, 'aggregate'> => ({
  aggregate: {
    ...{ active, windows: 14 },
    pipelines: new Map([
      ['gender', { ...counting, ...gender }],
      ['category', counting],
    ]),
  },
});

describe('what pages are told of up', () => {
  test('figures of rows are those of one pipeline, figures of work are sums', () => {
    const produce = { rows: 118, rejected: 5, bytes: 50, totalBytes: 200, rate: 0 };
    const status = told({ produce, ...progress() });
    expect(status).toMatchObject({ rejected: 7, late: 3, lag: 8, watermark: 9_900 });
    expect(status.produce).toEqual({
      ...{ source: 'log.csv', state: 'running', rows: 118, rejected: 5, target: 100, percent: 25 },
      rate: status.produce?.rate,
    });
  });

  test('each pipeline has its topics and what its counting has come to', () => {
    const { pipelines } = told(progress());
    expect(Object.keys(pipelines ?? {})).toEqual(['gender', 'category']);
    expect(pipelines?.gender).toEqual({
      ...{ topic: 'sex', resultTopic: 'result', counted: 109, lag: 4, watermark: 9_900, behind: 100 },
      ...{ late: 3, rejected: 2 },
    });
  });

  test('what is not known is left out', () => {
    const { pipelines, aggregate, watermark, broker } = told({});
    expect(pipelines?.gender).toEqual({ topic: 'sex', resultTopic: 'result' });
    expect([aggregate, watermark, broker]).toEqual([undefined, undefined, undefined]);
    const unknown = told(progress({ watermark: Number.NEGATIVE_INFINITY }), { counted: () => undefined });
    expect(unknown.pipelines?.gender).not.toHaveProperty('counted');
    expect(unknown.pipelines?.gender).not.toHaveProperty('watermark');
  });

  test('a watermark that nothing waits for is not behind', () => {
    expect(told(progress({ settled: true })).pipelines?.gender).not.toHaveProperty('behind');
    expect(told(progress({ settled: true, caughtUp: false })).pipelines?.gender?.behind).toBe(100);
  });

  test('stages say how they are', () => {
    expect(told({ pace: { target: Number.POSITIVE_INFINITY, paused: true } }).produce).toMatchObject({
      ...{ state: 'paused', target: null, percent: null },
    });
    expect(told({ produceEnded: true }).produce?.state).toBe('done');
    expect(told(progress({}, false)).aggregate).toMatchObject({ state: 'standby', windows: 14 });
    expect(told({}, { reachable: false }).store).toEqual({
      ...{ kind: 'sqlite', readOnly: false, windows: 7, lag: 1, reachable: false },
    });
    const broker = { address: '127.0.0.1:9092', embedded: false };
    expect(told({ broker, connected: false }).broker).toEqual({ ...broker, reachable: false });
  });
});

test('files are named without their folders, many of them not at all', () => {
  expect(sourceNames(['/srv/shop/a.csv', 'data/b.csv.gz', '-'])).toBe('a.csv, b.csv.gz, stdin');
  expect(sourceNames(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c + 2');
});
