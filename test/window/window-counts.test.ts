import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tumbling } from '../../src/records/window-shape.ts';
import { type ClosedWindow, windowCounts, windowStart } from '../../src/window/window-counts.ts';

const plain = (windows: ClosedWindow[]) =>
  windows.map(({ start, end, revision, counts }) => ({ start, end, revision, counts: Object.fromEntries(counts) }));

describe('tumbling windows', () => {
  test('a window closes when the watermark reaches its end, not before', () => {
    const counts = windowCounts({ shape: tumbling(1_000) });
    counts.add('female', 1_999);
    expect(counts.advance(1_999)).toEqual([]);
    expect(plain(counts.advance(2_000))).toEqual([{ start: 1_000, end: 2_000, revision: 0, counts: { female: 1 } }]);
  });

  test('a window comes out once, however often the watermark moves', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 60_000 });
    counts.add('0', 500);
    expect(counts.advance(1_000)).toHaveLength(1);
    expect(counts.advance(1_000)).toEqual([]);
    expect(counts.advance(30_000)).toEqual([]);
  });

  test('a record at the end of a window belongs to the next one', () => {
    const counts = windowCounts({ shape: tumbling(1_000) });
    counts.add('0', 1_000);
    expect(counts.advance(1_999)).toEqual([]);
    expect(plain(counts.advance(2_000))).toMatchObject([{ start: 1_000 }]);
  });

  test('times before the epoch fall in windows aligned to it', () => {
    expect(windowStart(-1, 1_000)).toBe(-1_000);
    expect(windowStart(-1_000, 1_000)).toBe(-1_000);
  });

  test('windows come out by start, whatever order their records came in', () => {
    const counts = windowCounts({ shape: tumbling(1_000) });
    for (const time of [3_500, 1_500, 2_500]) counts.add('0', time);
    expect(counts.advance(4_000).map(({ start }) => start)).toEqual([1_000, 2_000, 3_000]);
  });

  test('a late record inside the allowed lateness corrects its window, all late records of one round together', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 5_000 });
    counts.add('0', 1_500);
    counts.advance(3_000);
    expect(counts.add('1', 1_600)).toBe('counted');
    expect(counts.add('1', 1_700)).toBe('counted');
    expect(plain(counts.advance(3_000))).toEqual([{ start: 1_000, end: 2_000, revision: 1, counts: { 0: 1, 1: 2 } }]);
    expect(counts.revisions()).toEqual(new Map([[2_000, 1]]));
  });

  test('a record later than allowed is dropped and said to be', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 5_000 });
    counts.add('0', 1_500);
    counts.advance(7_000);
    expect(counts.add('0', 1_999)).toBe('dropped');
    expect(counts.add('0', 2_000)).toBe('counted');
  });

  test('a window that came out does not change in the hands of its reader', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 5_000 });
    counts.add('0', 500);
    const [first] = counts.advance(1_000);
    counts.add('0', 500);
    counts.advance(1_000);
    expect(first?.counts.get('0')).toBe(1);
  });

  test('a correction holds all of the keys of its window, also when there are many', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 5_000 });
    const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);
    for (const key of keys) counts.add(key, 500);
    const [first] = counts.advance(1_000);
    counts.add('key 7', 500);
    counts.add('late', 500);
    const [corrected] = counts.advance(1_000);
    const expected = new Map(keys.map((key) => [key, 1]));
    expect([...(first?.counts ?? [])]).toEqual([...expected]);
    expect([...(corrected?.counts ?? [])]).toEqual([...expected.set('key 7', 2).set('late', 1)]);
  });

  test('the next close is the end of the earliest window with something to bring out', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 5_000 });
    expect(counts.nextClose()).toBeUndefined();
    counts.add('0', 2_500);
    counts.add('0', 1_500);
    expect(counts.nextClose()).toBe(2_000);
    counts.advance(2_000);
    expect(counts.nextClose()).toBe(3_000);
    counts.advance(3_000);
    expect(counts.nextClose()).toBeUndefined();
  });
});

describe('after a restart', () => {
  const history = { watermark: 3_000, revisions: new Map([[2_000, 2]]) };

  test('replayed records bring nothing out again', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 60_000 }, history);
    counts.replay('0', 1_500);
    counts.replay('0', 2_500);
    expect(counts.advance(3_000)).toEqual([]);
    expect(counts.nextClose()).toBeUndefined();
  });

  test('replayed records of a window that was open come out with it', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 60_000 }, history);
    counts.replay('0', 3_500);
    counts.add('0', 3_600);
    expect(plain(counts.advance(4_000))).toEqual([{ start: 3_000, end: 4_000, revision: 0, counts: { 0: 2 } }]);
  });

  test('a late record after the restart continues the revisions of its window', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 60_000 }, history);
    counts.replay('0', 1_500);
    counts.add('0', 1_600);
    expect(plain(counts.advance(3_000))).toEqual([{ start: 1_000, end: 2_000, revision: 3, counts: { 0: 2 } }]);
  });

  test('a late record for a window that had no records before comes out as its first revision', () => {
    const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 60_000 });
    counts.add('0', 5_500);
    counts.advance(5_000);
    counts.add('0', 1_500);
    expect(plain(counts.advance(5_000))).toMatchObject([{ start: 1_000, revision: 0 }]);
  });

  test('replayed records of windows past correction are passed over', () => {
    const counts = windowCounts({ shape: tumbling(1_000) }, history);
    counts.replay('0', 500);
    expect([...new Set<number>().union(counts.retained())]).toEqual([]);
  });
});

const records = fc.array(
  fc.record({ key: fc.constantFrom('0', '1', '2', 'NULL', ''), time: fc.integer({ min: 0, max: 20_000 }) }),
  { maxLength: 200 },
);

describe('against a naive count', () => {
  test('records in any order inside the bound give exactly the counts of the file', () => {
    const matchesOracle = fc.property(records, (all) => {
      const counts = windowCounts({ shape: tumbling(1_000) });
      const expected = new Map<string, number>();
      for (const { key, time } of all) {
        expect(counts.add(key, time)).toBe('counted');
        const name = `${Math.floor(time / 1_000)}/${key}`;
        expected.set(name, (expected.get(name) ?? 0) + 1);
      }
      const got = new Map<string, number>();
      for (const { start, counts: window } of counts.advance(Number.MAX_SAFE_INTEGER)) {
        for (const [key, count] of window) got.set(`${start / 1_000}/${key}`, count);
      }
      expect(got).toEqual(expected);
    });
    fc.assert(matchesOracle);
  });

  test('in any order at all, last revisions and dropped records add up to all, and revisions count up from 0', () => {
    const addsUp = fc.property(records, fc.nat(3_000), fc.nat(3_000), (all, outOfOrderness, allowedLateness) => {
      const counts = windowCounts({ shape: tumbling(1_000), allowedLateness });
      const last = new Map<number, ClosedWindow>();
      let dropped = 0;
      let greatest = 0;
      const take = (windows: ClosedWindow[]) => {
        for (const window of windows) {
          expect(window.revision).toBe((last.get(window.start)?.revision ?? -1) + 1);
          last.set(window.start, window);
        }
      };
      for (const { key, time } of all) {
        if (counts.add(key, time) === 'dropped') dropped += 1;
        greatest = Math.max(greatest, time);
        take(counts.advance(greatest - outOfOrderness));
      }
      take(counts.advance(Number.MAX_SAFE_INTEGER));
      const counted = [...last.values()].flatMap(({ counts: window }) => [...window.values()]);
      expect(counted.reduce((sum, count) => sum + count, 0) + dropped).toBe(all.length);
    });
    fc.assert(addsUp);
  });

  test('a restart at any record changes no window and repeats none', () => {
    const options = { shape: tumbling(1_000), allowedLateness: 2_000 };
    type Records = { key: string; time: number }[];
    const outcome = (all: Records, restartAt: number | undefined) => {
      let counts = windowCounts(options);
      const out: unknown[] = [];
      let greatest = 0;
      all.forEach(({ key, time }, index) => {
        if (index === restartAt) {
          const needed = new Set<number>().union(counts.retained());
          counts = windowCounts(options, { watermark: counts.watermark, revisions: new Map(counts.revisions()) });
          for (const record of all.slice(0, index)) {
            if (needed.has(windowStart(record.time, 1_000))) counts.replay(record.key, record.time);
          }
        }
        counts.add(key, time);
        greatest = Math.max(greatest, time);
        out.push(...plain(counts.advance(greatest - 100)));
      });
      return [...out, ...plain(counts.advance(Number.MAX_SAFE_INTEGER))];
    };
    const survives = fc.property(records, fc.nat(200), (all, cut) => {
      expect(outcome(all, cut % Math.max(1, all.length))).toEqual(outcome(all, undefined));
    });
    fc.assert(survives);
  });
});

test('panes that seem to be complete take half the room of maps, or less', () => {
  const module = (name: string) => JSON.stringify(join(import.meta.dirname, '..', '..', 'src', name));
  const [keys, panes] = [20_000, 20];
  const program = `
    import { windowCounts } from ${module('window/window-counts.ts')};
    import { tumbling } from ${module('records/window-shape.ts')};
    const room = () => (gc(), gc(), process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
    const sizes = [() => {
      const counts = windowCounts({ shape: tumbling(1_000), allowedLateness: 60_000 });
      for (let at = 0; at < ${keys * panes}; at++) counts.add('key ' + (at % ${keys}), Math.floor(at / ${keys}) * 1_000);
      return counts;
    }, () => {
      const maps = Array.from({ length: ${panes} }, () => new Map());
      for (let at = 0; at < ${keys * panes}; at++) maps[Math.floor(at / ${keys})].set('key ' + (at % ${keys}), 1);
      return maps;
    }].map((make) => {
      const before = room();
      const made = make();
      const size = room() - before;
      return made && size;
    });
    process.stdout.write(JSON.stringify(sizes));`;
  const flags = ['--expose-gc', '--input-type=module', '--eval', program];
  const [packed, maps] = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
  expect(packed).toBeLessThan(maps / 2);
});
