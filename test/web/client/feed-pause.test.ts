import { describe, expect, test } from 'vitest';
import { type FeedState, initialFeed, reduceFeed } from '../../../src/web/client/state/feed.ts';
import { pauseAfter, pauseAt, shownDuring } from '../../../src/web/client/state/pause.ts';
import { protocolVersion, type ServerMessage } from '../../../src/web/messages.ts';

const point = (second: number, count: number, revision = 0) => ({
  start: second * 1_000,
  end: (second + 1) * 1_000,
  revision,
  counts: { 0: count },
});
const snapshotOf = (sequence: number, seconds: number[]): ServerMessage => ({
  type: 'snapshot',
  version: protocolVersion,
  stream: 'a',
  sequence,
  time: 10_000,
  pipelines: [{ name: 'gender', title: { zh: '性别', en: 'Gender' }, window: 1_000, labels: {}, unknown: [] }],
  history: 3,
  windows: { gender: seconds.map((second) => point(second, 1)) },
  totals: { gender: { counts: { 0: seconds.length }, windows: seconds.length, lateDropped: 0 } },
  status: {},
});
const updateOf = (sequence: number, ...points: ReturnType<typeof point>[]): ServerMessage => ({
  type: 'update',
  sequence,
  time: 11_000,
  windows: { gender: points, age: points },
  totals: { gender: { counts: { 0: 100 + sequence }, windows: sequence, lateDropped: 0 } },
  delay: sequence,
});

/** What is shown and what is known after messages that came during a pause. */
function paused(...messages: ServerMessage[]): { shown: FeedState; known: FeedState } {
  let known = reduceFeed(initialFeed, { type: 'message', message: snapshotOf(1, [1, 2]), at: 0 });
  let pause = pauseAt(known);
  for (const message of messages) {
    const before = known;
    known = reduceFeed(before, { type: 'message', message, at: 5 });
    pause = pauseAfter(pause, before, known);
  }
  return { shown: shownDuring(pause, known), known };
}
const seconds = (state: FeedState) => state.windows.get('gender')?.map(({ start }) => start / 1_000);

describe('during a pause', () => {
  test('windows and totals stand still, and are all there afterwards', () => {
    const { shown, known } = paused(updateOf(2, point(3, 1)), updateOf(3, point(4, 1)));
    expect(seconds(shown)).toEqual([1, 2]);
    expect(shown.totals.get('gender')?.counts.get('0')).toBe(2);
    expect(shown.paused).toBe(true);
    expect(seconds(known)).toEqual([2, 3, 4]);
    expect(known.totals.get('gender')?.counts.get('0')).toBe(103);
    expect(known.paused).toBe(false);
  });

  test('the page tells how many windows came, each second once, corrections apart, however long it takes', () => {
    expect(paused().shown.waiting).toBe(0);
    expect(paused(updateOf(2, point(3, 1))).shown.waiting).toBe(1);
    expect(paused(updateOf(2, point(3, 1)), updateOf(3, point(3, 9, 1), point(2, 4, 1))).shown.waiting).toBe(1);
    const long = Array.from({ length: 50 }, (_, index) => updateOf(index + 2, point(index + 3, 1)));
    expect(paused(...long).shown.waiting).toBe(50);
    expect(paused(updateOf(2, point(3, 1)), snapshotOf(9, [3, 4, 5])).shown.waiting).toBe(3);
  });

  test('what the page tells of its connection goes on', () => {
    const { shown } = paused(updateOf(2, point(3, 1)), {
      type: 'status',
      sequence: 3,
      time: 11_500,
      status: { rowsRead: 7 },
    });
    expect(shown).toMatchObject({ delay: 2, sequence: 3, status: { rowsRead: 7 }, link: { phase: 'open' } });
    expect(shown.windowAt).toBe(5 - 500);
  });
});
