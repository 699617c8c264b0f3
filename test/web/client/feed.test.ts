import { describe, expect, test } from 'vitest';
import { type FeedState, initialFeed, reduceFeed } from '../../../src/web/client/state/feed.ts';
import { protocolVersion, type ServerMessage, type SnapshotMessage } from '../../../src/web/messages.ts';

const gender = { name: 'gender', title: { zh: '性别', en: 'Gender' }, window: 1_000, labels: {}, unknown: ['2'] };
const point = (second: number, counts: Record<string, number>, revision = 0) => ({
  start: second * 1_000,
  end: (second + 1) * 1_000,
  revision,
  counts,
});
const snapshot = (more: Partial<SnapshotMessage> = {}): SnapshotMessage => ({
  type: 'snapshot',
  version: protocolVersion,
  stream: 'a',
  sequence: 7,
  time: 10_000,
  pipelines: [gender],
  history: 3,
  windows: { gender: [point(7, { 0: 1 }), point(8, { 0: 2 })] },
  totals: { gender: { counts: { 0: 3 }, windows: 2, lateDropped: 0 } },
  status: {},
  ...more,
});
const update = (
  sequence: number,
  points: ReturnType<typeof point>[],
  counts: Record<string, number>,
): ServerMessage => ({
  type: 'update',
  sequence,
  time: 11_000,
  windows: { gender: points },
  totals: { gender: { counts, windows: 3, lateDropped: 0 } },
  delay: 40,
});
const received = (state: FeedState, ...messages: ServerMessage[]) =>
  messages.reduce((before, message) => reduceFeed(before, { type: 'message', message, at: 500_000 }), state);
const seconds = (state: FeedState) => state.windows.get('gender')?.map(({ start }) => start / 1_000);

describe('a snapshot', () => {
  test('replaces all that was known', () => {
    const state = received(
      initialFeed,
      snapshot(),
      snapshot({ sequence: 1, windows: { gender: [point(9, { 1: 4 })] } }),
    );
    expect(seconds(state)).toEqual([9]);
    expect(state).toMatchObject({ sequence: 1, gap: false, link: { phase: 'open' } });
  });

  test('tells the age of the newest window by the clock of the server, whatever the browser has', () => {
    // It ended at 9 s and came out 200 ms later; the server made the snapshot at 10 s.
    expect(received(initialFeed, snapshot({ delay: 200 })).windowAt).toBe(500_000 - 800);
    expect(received(initialFeed, snapshot({ windows: { gender: [] } })).windowAt).toBeUndefined();
  });

  test('of another version is refused', () => {
    const state = received(initialFeed, snapshot({ version: protocolVersion + 1 }));
    expect(state.link).toEqual({ phase: 'failed', reason: 'version' });
    expect(state.sequence).toBeUndefined();
  });
});

describe('an update', () => {
  test('adds windows in their order and keeps no more than the history', () => {
    const state = received(
      initialFeed,
      snapshot(),
      update(8, [point(10, { 0: 4 })], {}),
      update(9, [point(9, { 0: 3 })], {}),
    );
    expect(seconds(state)).toEqual([8, 9, 10]);
  });

  test('corrects a window, but never with a lower revision', () => {
    const corrected = received(initialFeed, snapshot(), update(8, [point(8, { 0: 5 }, 2)], {}));
    expect(corrected.windows.get('gender')?.at(-1)?.counts).toEqual({ 0: 5 });
    const repeated = received(corrected, update(9, [point(8, { 0: 2 }, 1)], {}));
    expect(repeated.windows.get('gender')?.at(-1)?.counts).toEqual({ 0: 5 });
    expect(seconds(repeated)).toEqual([7, 8]);
  });

  test('replaces totals by key, and 0 takes a key away', () => {
    const state = received(initialFeed, snapshot(), update(8, [], { 0: 0, 1: 9 }));
    expect(state.totals.get('gender')).toEqual({ counts: new Map([['1', 9]]), windows: 3, lateDropped: 0 });
  });

  test('that comes twice changes nothing', () => {
    const once = received(initialFeed, snapshot(), update(8, [point(9, { 0: 3 })], { 0: 6 }));
    const twice = received(once, update(9, [point(9, { 0: 3 })], { 0: 6 }));
    expect(twice.windows).toEqual(once.windows);
    expect(twice.totals).toEqual(once.totals);
  });

  test('before any snapshot is passed over', () => {
    expect(received(initialFeed, update(8, [point(9, { 0: 3 })], {}))).toBe(initialFeed);
  });
});

test('windows of many keys are kept for less long, the newest one always', () => {
  const many = (second: number, keys: number) =>
    point(second, Object.fromEntries(Array.from({ length: keys }, (_, key) => [key, 1])));
  const known = received(initialFeed, snapshot({ history: 900, windows: {} }));
  const filled = received(known, update(8, [many(1, 10_000), many(2, 10_000), many(3, 10_000), many(4, 10_000)], {}));
  expect(seconds(filled)).toEqual([2, 3, 4]);
  expect(seconds(received(filled, update(9, [many(5, 40_000)], {})))).toEqual([5]);
  const few = Array.from({ length: 1_000 }, (_, second) => many(second, 3));
  expect(seconds(received(known, update(8, few, {})))).toEqual(few.slice(-900).map(({ start }) => start / 1_000));
});

describe('a gap in the sequence', () => {
  test('is noticed at the next message, and at a heartbeat', () => {
    expect(received(initialFeed, snapshot(), update(8, [], {})).gap).toBe(false);
    expect(received(initialFeed, snapshot(), update(9, [], {})).gap).toBe(true);
    expect(received(initialFeed, snapshot(), { type: 'heartbeat', sequence: 7, time: 0 }).gap).toBe(false);
    expect(received(initialFeed, snapshot(), { type: 'heartbeat', sequence: 8, time: 0 }).gap).toBe(true);
  });

  test('stays until a snapshot closes it', () => {
    const missed = received(initialFeed, snapshot(), update(9, [], {}), update(10, [], {}));
    expect(missed.gap).toBe(true);
    expect(received(missed, snapshot({ sequence: 10 })).gap).toBe(false);
  });

  test('is closed by the messages that were missed, of which none counts twice', () => {
    const missed = received(initialFeed, snapshot(), update(9, [point(10, { 0: 9 })], {}));
    expect(missed.sequence).toBe(7);
    expect(seconds(missed)).toEqual([7, 8]);
    const told = received(
      missed,
      update(8, [point(9, { 0: 1 })], {}),
      update(9, [point(10, { 0: 9 })], {}),
      { type: 'heartbeat', sequence: 9, time: 11_000 },
      update(9, [], { 0: 77 }),
    );
    expect(told).toMatchObject({ sequence: 9, gap: false });
    expect(seconds(told)).toEqual([8, 9, 10]);
    expect(told.totals.get('gender')?.counts.get('0')).not.toBe(77);
  });
});

describe('a connection that begins with no snapshot', () => {
  const waiting = reduceFeed(received(initialFeed, snapshot()), {
    type: 'link',
    link: { phase: 'connecting', attempt: 1 },
  });

  test('goes on where the last one ended', () => {
    expect(received(waiting, update(8, [point(9, { 0: 1 })], {})).link).toEqual({ phase: 'open' });
    expect(received(waiting, { type: 'heartbeat', sequence: 7, time: 11_000 }).link).toEqual({ phase: 'open' });
  });

  test('tells the age of windows that came meanwhile by the clock of the server', () => {
    const told = received(waiting, update(8, [point(9, { 0: 1 })], {}), {
      type: 'heartbeat',
      sequence: 8,
      time: 71_000,
    });
    expect(told.windowAt).toBe(500_000 - 60_000);
  });
});

test('what the page knows outlives the connection', () => {
  const state = reduceFeed(received(initialFeed, snapshot()), {
    type: 'link',
    link: { phase: 'waiting', attempt: 1, retryAt: 0 },
  });
  expect(seconds(state)).toEqual([7, 8]);
  expect(state.link.phase).toBe('waiting');
});
