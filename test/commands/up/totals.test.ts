import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { AggregateProgress } from '../../../src/commands/aggregate/stage.ts';
import { ensureStageTopics } from '../../../src/commands/aggregate/topics.ts';
import { changes } from '../../../src/commands/up/changes.ts';
import { runTotals } from '../../../src/commands/up/totals.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import type { TopicStatus } from '../../../src/window/topic-status.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { testConnection } from '../../kafka/_clusters.ts';
import { windowAt } from '../../store/_contract.ts';

const pipelines = builtInPipelines.filter(({ name }) => name === 'gender');
const nothingRead: TopicStatus = {
  ...{ records: 0, rejected: 0, filtered: 0, open: 0, lateDropped: 0, lag: 0, watermark: 0 },
  ...{ caughtUp: true, settled: true },
};
const progressOf = (gender: Partial<TopicStatus>): AggregateProgress => ({
  ...{ active: true, windows: 0 },
  pipelines: new Map([['gender', { ...nothingRead, ...gender }]]),
});

let broker: TestBroker;
beforeAll(async () => {
  broker = await startTestBroker();
  await ensureStageTopics(testConnection(broker.address).connection, pipelines);
  return () => broker.stop();
});

/** Totals of a run that began with 40 records in the store, 4 of which this process has read. */
async function begun() {
  const store = memoryStore();
  onTestFinished(() => store.close());
  await store.put([windowAt(1, { 0: 30, 1: 10 }, { lateDropped: 2 })]);
  let progress = progressOf({ records: 4, lateDropped: 2 });
  const totals = runTotals({
    ...{ connection: testConnection(broker.address).connection, pipelines, store, changes: changes() },
    aggregate: () => progress,
    storedUpTo: () => new Map(),
  });
  const read = (gender: Partial<TopicStatus>) => {
    progress = progressOf({ lateDropped: 2, ...gender });
    totals.noteProgress(progress);
  };
  totals.noteProgress(progress);
  await totals.begin(AbortSignal.timeout(10_000));
  return { totals, read };
}

test('what was there before the run belongs to what is read and counted', async () => {
  const { totals, read } = await begun();
  read({ records: 14, open: 3, lateDropped: 3, rejected: 1 });
  expect(totals.counted('gender')).toBe(40 + 10 - 3 - 1 - 1);
  expect(totals.stages({ rows: 10, rejected: 5 })).toEqual({ rowsRead: 40 + 2 + 10 + 5, counted: 45 });
  expect(totals.counted('age')).toBeUndefined();
});

test('records that a pipeline leaves out are not counted', async () => {
  const { totals, read } = await begun();
  read({ records: 14, filtered: 6 });
  expect(totals.counted('gender')).toBe(40 + 10 - 6);
});

test('after counting has gone on from what is committed, nobody claims to know how much was counted', async () => {
  const { totals, read } = await begun();
  read({ records: 14 });
  expect(totals.counted('gender')).toBe(50);
  read({ records: 3 });
  read({ records: 20 });
  expect(totals.stages({ rows: 10, rejected: 0 })).toEqual({ rowsRead: 52, counted: undefined });
});
