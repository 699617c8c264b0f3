import { describe, expect, test } from 'vitest';
import { balanceOf } from '../../../src/web/client/pages/pipeline/balance.ts';
import { faultsOf, stageNames, stageStates } from '../../../src/web/client/pages/pipeline/stage-states.ts';
import { formatBytes, serverTime } from '../../../src/web/client/pages/pipeline/times.ts';
import type { Condition } from '../../../src/web/client/state/condition.ts';
import type { StageFault, StageStatus } from '../../../src/web/messages.ts';

const produce = {
  source: 'log.csv',
  state: 'running' as const,
  rows: 9,
  rejected: 0,
  rate: 100,
  target: 100,
  percent: 5,
};
const aggregate = { state: 'counting' as const, rate: 500, windows: 4 };
const broker = { address: '127.0.0.1:9092', embedded: true, reachable: true, rate: 500, logBytes: 1 };
const store = { kind: 'sqlite', readOnly: false, windows: 4, lag: 0, reachable: true };
const whole: StageStatus = { produce, aggregate, broker, store, lag: 0 };

const states = (status: StageStatus, condition: Condition = 'live') =>
  stageNames.map((name) => stageStates(status, condition, 100_000)[name]).join(' ');
const fault = (stage: string, more: Partial<StageFault> = {}): StageFault => ({
  ...{ stage, level: 'error', count: 1, time: 99_000, text: 'it does not work' },
  ...more,
});

describe('the state of stages', () => {
  test('is running while everything flows', () => {
    expect(states(whole)).toBe('running running running running running running');
  });

  test('of a process that only serves: the others are elsewhere', () => {
    const { rate: _rate, ...remote } = { ...broker, embedded: false };
    expect(states({ store, broker: remote, lag: 0 })).toBe('elsewhere running elsewhere running running running');
  });

  test('of a replay that is paused, or done', () => {
    const quiet = { ...whole, aggregate: { ...aggregate, rate: 0 }, broker: { ...broker, rate: 0 } };
    const paused = { ...quiet, produce: { ...produce, state: 'paused' as const, rate: 0 } };
    expect(states(paused, 'stale')).toBe('paused waiting waiting waiting waiting waiting');
    const done = { ...quiet, produce: { ...produce, state: 'done' as const, rate: 0 } };
    expect(states(done, 'stale')).toBe('done waiting done waiting waiting waiting');
  });

  test('before the first row', () => {
    const status = { ...whole, produce: { ...produce, rows: 0, rate: 0 }, aggregate: { ...aggregate, rate: 0 } };
    expect(states({ ...status, broker: { ...broker, rate: 0 } }, 'empty')).toBe(
      'waiting waiting waiting waiting waiting waiting',
    );
  });

  test('is lagging when more waits than a few seconds of work', () => {
    expect(stageStates({ ...whole, lag: 2_500 }, 'live', 0).aggregate).toBe('running');
    expect(stageStates({ ...whole, lag: 2_501 }, 'live', 0).aggregate).toBe('lagging');
    expect(stageStates({ ...whole, store: { ...store, lag: 1_001 } }, 'live', 0).store).toBe('lagging');
  });

  test('is standing by while another counts', () => {
    const status = { ...whole, aggregate: { ...aggregate, state: 'standby' as const } };
    expect(stageStates(status, 'live', 0).aggregate).toBe('standby');
  });

  test('is failing where something does not answer', () => {
    expect(states({ ...whole, broker: { ...broker, reachable: false } }, 'stale')).toBe(
      'running failed running failed waiting waiting',
    );
    expect(states({ ...whole, store: { ...store, reachable: false } }, 'stale')).toBe(
      'running running running waiting failed waiting',
    );
  });

  test('is failing for a while after an error, not after a warning', () => {
    expect(stageStates({ ...whole, faults: [fault('sink')] }, 'live', 100_000).store).toBe('failed');
    expect(stageStates({ ...whole, faults: [fault('sink')] }, 'live', 200_000).store).toBe('running');
    expect(stageStates({ ...whole, faults: [fault('sink', { level: 'warn' })] }, 'live', 100_000).store).toBe(
      'running',
    );
  });

  test('is not known while the page is cut off', () => {
    for (const condition of ['reconnecting', 'failed', 'connecting'] as const) {
      expect(new Set(states(whole, condition).split(' '))).toEqual(new Set(['unknown']));
    }
  });
});

test('a fault belongs to the stage that logged it', () => {
  const faults = [fault('produce'), fault('sink'), fault('')];
  expect(faultsOf(faults, 'store')).toEqual([faults[1]]);
  expect(faultsOf(faults, 'results')).toEqual([]);
});

describe('the balance of the rows', () => {
  const at = (status: StageStatus, condition: Condition = 'live', agreedAt: number | undefined = 0) =>
    balanceOf(status, { agreedAt, condition, now: 100_000 });
  const flowing: StageStatus = { rowsRead: 120, rejected: 3, late: 2, counted: 100, stored: 100 };

  test('tells what became of each row that was read', () => {
    expect(at(flowing)).toEqual({
      verdict: { kind: 'complete', ended: false },
      balance: { read: 120, rejected: 3, late: 2, counted: 100, inFlight: 15 },
      counted: 100,
      stored: 100,
    });
  });

  test('has ended when the replay is done and nothing is on its way', () => {
    const ended = { ...flowing, rowsRead: 105, produce: { ...produce, state: 'done' as const } };
    expect(at(ended, 'stale').verdict).toEqual({ kind: 'complete', ended: true });
    expect(at({ ...ended, rowsRead: 106 }, 'stale').verdict).toEqual({ kind: 'behind', missing: 1 });
  });

  test('is behind when what is counted is not stored', () => {
    expect(at({ ...flowing, stored: 90 }).verdict).toEqual({ kind: 'behind', missing: 10 });
  });

  test('says what cannot be told', () => {
    expect(at({ stored: 100 }).verdict).toEqual({ kind: 'results' });
    expect(at({}).verdict).toEqual({ kind: 'unknown' });
    expect(at(flowing, 'reconnecting').verdict).toEqual({ kind: 'unknown' });
    const others = at({ ...flowing, rowsRead: 50 });
    expect(others.verdict).toEqual({ kind: 'others' });
    expect(others.balance).toBeUndefined();
  });
});

test('times are those of the server, whatever the clock of the browser', () => {
  expect(serverTime({ toldAt: 50_000, windowAt: 10_000 }, 11_000)).toBe(51_000);
  expect(serverTime({ toldAt: undefined, windowAt: undefined }, 11_000)).toBe(11_000);
});

test('sizes are said in the unit that suits them', () => {
  expect([0, 999, 1_000, 9_949, 141_940, 2_500_000_000].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 KB',
    '9.9 KB',
    '142 KB',
    '2.5 GB',
  ]);
});
