import { describe, expect, test } from 'vitest';
import { needsChangelog } from '../../src/window/changelog-rule.ts';
import {
  type ChangelogRecord,
  type CountsState,
  chunkKeys,
  readSnapshot,
  type Stretch,
} from '../../src/window/changelog-snapshot.ts';
import { changelogWriter } from '../../src/window/changelog-writer.ts';
import { decodePosition, encodePosition, freshPosition } from '../../src/window/saved-position.ts';

const paneOf = (counts: Map<string, number>, start = 0): Stretch => ({
  kind: 'pane',
  start,
  records: counts.values().reduce((sum, count) => sum + count, 0),
  counts,
});

const stateOf = (next: number, ...stretches: Stretch[]): CountsState => ({
  covered: new Map([[0, next]]),
  stretches,
  firsts: new Map(stretches.map(({ start }) => [start, new Map([[0, 7]])])),
});

/** Applies records as compaction does. */
function compact(records: readonly ChangelogRecord[], into = new Map<string, string>()) {
  for (const { key, value } of records) {
    if (value === null) into.delete(key);
    else into.set(key, value);
  }
  return into;
}

const savedAt = (snapshot: string, next: number) =>
  new Map([[0, { ...freshPosition(0), next: next + 5, changelog: { snapshot, next } }]]);

const manyKeys = (count: number) =>
  new Map(Array.from({ length: count }, (_, index): [string, number] => [`key ${index}`, 1]));

const keysOf = (records: readonly ChangelogRecord[]) => records.map(({ key }) => key);

describe('a changelog', () => {
  test('of many keys is written in chunks, and read back in their order', () => {
    const state = stateOf(9, paneOf(manyKeys(chunkKeys * 2 + 1)));
    const records = changelogWriter({ fingerprint: 'f' }).write(state, 'a');
    expect(keysOf(records)).toEqual(['pane/0/0', 'pane/0/1', 'pane/0/2', 'offsets/0', 'snapshot']);
    const read = readSnapshot(compact(records.toReversed()), savedAt('a', 9), 'f');
    expect(read).toEqual(state);
    expect('stretches' in read && [...(read.stretches[0]?.counts.keys() ?? [])]).toEqual([
      ...(state.stretches[0]?.counts.keys() ?? []),
    ]);
  });

  test('gets no more than what has changed, also from the run after', () => {
    const counts = manyKeys(chunkKeys * 3);
    const writer = changelogWriter({ fingerprint: 'f' });
    const log = compact(writer.write(stateOf(9, paneOf(counts)), 'a'));
    expect(writer.write(stateOf(9, paneOf(counts)), 'b')).toEqual([]);
    expect(keysOf(writer.write(stateOf(12, paneOf(counts)), 'c'))).toEqual(['snapshot']);
    counts.set(`key ${chunkKeys + 3}`, 2);
    const change = writer.write(stateOf(13, paneOf(counts)), 'd');
    expect(keysOf(change)).toEqual(['pane/0/1', 'snapshot']);

    const state = readSnapshot(compact(change, log), savedAt('d', 13), 'f');
    if ('misfit' in state) throw new Error(state.misfit);
    const next = changelogWriter({ fingerprint: 'f', found: log.keys(), restored: { id: 'd', state } });
    const grown = new Map([...counts, ['new', 1]]);
    expect(keysOf(next.write(stateOf(14, paneOf(grown)), 'e'))).toEqual(['pane/0/3', 'snapshot']);
    expect(keysOf(next.write(stateOf(15, paneOf(new Map([['x', 1]]), 60)), 'g'))).toEqual([
      ...['pane/60/0', 'pane/0/0', 'pane/0/1', 'pane/0/2', 'pane/0/3', 'offsets/60', 'offsets/0', 'snapshot'],
    ]);
  });

  test('has no record above a megabyte, whatever the keys hold', () => {
    const worst = new Map(
      Array.from({ length: chunkKeys + 1 }, (_, index): [string, number] => [
        `${'\u0001'.repeat(252)}${String(index).padStart(4, '0')}`,
        2 ** 52,
      ]),
    );
    const records = changelogWriter({ fingerprint: 'f' }).write(stateOf(9, paneOf(worst)), 'a');
    for (const { value } of records) expect(Buffer.byteLength(value ?? '')).toBeLessThan(1_000_000);
  });

  test('that is cleared holds nothing, whoever wrote it', () => {
    const writer = changelogWriter({ fingerprint: 'f', found: ['pane/5/0', 'snapshot'] });
    const log = compact(writer.write(stateOf(9, paneOf(manyKeys(3))), 'a'), new Map([['pane/5/0', '["x",1]']]));
    expect([...log.keys()].sort()).toEqual(['offsets/0', 'pane/0/0', 'snapshot']);
    expect(compact(writer.clear(), log).size).toBe(0);
    expect(writer.present).toBeUndefined();
  });

  test('is written whole after it was begun anew', () => {
    const writer = changelogWriter({ fingerprint: 'f' });
    const log = compact(writer.write(stateOf(9, paneOf(manyKeys(3)), paneOf(manyKeys(2), 60)), 'a'));
    writer.beginAnew();
    expect(writer.present).toBeUndefined();
    const state = stateOf(9, paneOf(manyKeys(2), 60));
    // The topic may have been made again, or not.
    for (const held of [log, new Map<string, string>()]) {
      const again = changelogWriter({ fingerprint: 'f', found: log.keys() });
      expect(readSnapshot(compact(again.write(state, 'b'), held), savedAt('b', 9), 'f')).toEqual(state);
    }
    expect(keysOf(writer.write(state, 'b'))).toEqual(['pane/60/0', 'offsets/60', 'pane/0/0', 'offsets/0', 'snapshot']);
  });

  test('is restored only with the commit, the windows and the records that it was written with', () => {
    const state = stateOf(9, paneOf(manyKeys(3)));
    const log = compact(changelogWriter({ fingerprint: 'f' }).write(state, 'a'));
    const misfit = (saved: Parameters<typeof readSnapshot>[1], fingerprint = 'f', records = log) => {
      const read = readSnapshot(records, saved, fingerprint);
      return 'misfit' in read ? read.misfit : 'fits';
    };
    const without = (key: string) => new Map([...log].filter(([each]) => each !== key));
    expect(misfit(savedAt('a', 9))).toBe('fits');
    expect(misfit(new Map([...savedAt('a', 9), [1, freshPosition(3)]])), 'a partition more').toBe('fits');
    expect(misfit(savedAt('b', 9))).toMatch(/not the one/);
    expect(misfit(savedAt('a', 8))).toMatch(/not the one/);
    expect(misfit(new Map([[0, freshPosition(9)]]))).toMatch(/not the one/);
    expect(misfit(new Map([...savedAt('a', 9), [1, savedAt('a', 9).get(0) ?? freshPosition(0)]]))).toMatch(/not the/);
    expect(misfit(savedAt('a', 9), 'hourly')).toMatch(/other windows/);
    expect(misfit(savedAt('a', 9), 'f', without('pane/0/0'))).toMatch(/incomplete/);
    expect(misfit(savedAt('a', 9), 'f', without('snapshot'))).toMatch(/empty/);
    expect(misfit(savedAt('a', 9), 'f', new Map([['snapshot', 'x']]))).toMatch(/cannot be read/);
  });

  test('is named by a commit, which says up to where it goes', () => {
    const position = { ...freshPosition(3), next: 900, changelog: { snapshot: 'a', next: 700 } };
    expect(decodePosition(3, encodePosition(position, 1_000))).toEqual(position);
    expect(decodePosition(3, '{"next":900,"changelog":["a",901]}').changelog).toBeUndefined();
    expect(decodePosition(3, '{"next":900,"changelog":7}').changelog).toBeUndefined();
  });

  test('begins above a length of replay, and ends far below it', () => {
    expect(needsChangelog(false, 1_000, 1_000)).toBe(false);
    expect(needsChangelog(false, 1_001, 1_000)).toBe(true);
    expect(needsChangelog(true, 300, 1_000)).toBe(true);
    expect(needsChangelog(true, 250, 1_000)).toBe(false);
  });
});
