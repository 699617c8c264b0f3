import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateRows } from '../../src/csv/generate-rows.ts';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { userLogColumns } from '../../src/records/user-log.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { readFile } from './_read.ts';

const bytesOf = (options: Partial<Parameters<typeof generateRows>[0]> = {}): Buffer =>
  Buffer.concat([...generateRows({ rows: 10_000, seed: 11, errors: 0, header: true, ...options })]);

const cellsOf = (bytes: Buffer): string[][] =>
  bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

describe('generated rows', () => {
  const rows = cellsOf(bytesOf({ rows: 100_000, header: false }));
  const column = (name: (typeof userLogColumns)[number]) => rows.map((row) => row[userLogColumns.indexOf(name)] ?? '?');
  const sharesOf = (cells: readonly string[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const cell of cells) counts[cell] = (counts[cell] ?? 0) + 1 / cells.length;
    return counts;
  };

  test('are the same for the same seed, and others for another', () => {
    expect(bytesOf().equals(bytesOf())).toBe(true);
    expect(bytesOf().equals(bytesOf({ seed: 12 }))).toBe(false);
    expect(bytesOf({ seed: 2 ** 40 }).equals(bytesOf({ seed: 2 ** 41 }))).toBe(false);
  });

  test('do not change from one release to the next: the bundled sample is seed 11', () => {
    const sample = readFileSync(join(import.meta.dirname, '..', '..', 'data', 'user_log.csv'));
    expect(createHash('sha256').update(bytesOf()).digest('hex')).toBe(
      createHash('sha256').update(sample).digest('hex'),
    );
  });

  test('begin the same however many there are', () => {
    const [few, many] = [bytesOf({ rows: 100 }), bytesOf({ rows: 20_000 })];
    expect(many.subarray(0, few.length).equals(few)).toBe(true);
  });

  test('have eleven columns each, and a header when it is asked for', () => {
    expect(rows).toHaveLength(100_000);
    expect(rows.every((row) => row.length === userLogColumns.length)).toBe(true);
    expect(bytesOf({ rows: 1 }).toString().split('\n')[0]).toBe(userLogColumns.join(','));
    expect(bytesOf({ rows: 1, header: false }).toString().split('\n')).toHaveLength(2);
  });

  test('have exactly the provinces that the pipeline knows, the populous ones more often', () => {
    const shares = sharesOf(column('province'));
    const known = builtInPipelines.find(({ name }) => name === 'province')?.labels ?? {};
    expect(Object.keys(shares).sort()).toEqual(Object.keys(known).sort());
    expect(shares.广东).toBeGreaterThan(0.08);
    expect(shares.西藏).toBeLessThan(0.01);
  });

  test('have more women than men and one in ten unknown', () => {
    const shares = sharesOf(column('gender'));
    expect(Object.keys(shares).sort()).toEqual(['0', '1', '2', 'NULL']);
    expect(shares['0']).toBeGreaterThan(1.8 * (shares['1'] ?? 0));
    expect((shares['2'] ?? 0) + (shares.NULL ?? 0)).toBeCloseTo(0.1, 2);
  });

  test('have mostly clicks, and each action', () => {
    const shares = sharesOf(column('action'));
    expect(shares['0']).toBeCloseTo(880 / 1_020, 2);
    expect(shares['1']).toBeCloseTo(10 / 1_020, 2);
    expect(shares['2']).toBeCloseTo(60 / 1_020, 2);
    expect(shares['3']).toBeCloseTo(70 / 1_020, 2);
  });

  test('have few categories that take most looks among some 1,600', () => {
    const shares = Object.values(sharesOf(column('cat_id'))).sort((a, b) => b - a);
    expect(shares.length).toBeGreaterThan(1_550);
    expect(shares.length).toBeLessThanOrEqual(1_600);
    const top = shares.slice(0, 160).reduce((sum, one) => sum + one, 0);
    expect(top).toBeGreaterThan(0.5);
    expect(shares[0]).toBeLessThan(0.1);
  });

  test('have dates from 11 May to 11 November, rising to that day', () => {
    const [months, days] = [column('month'), column('day')];
    const dates = sharesOf(months.map((month, index) => `${month}-${days[index]}`));
    const names = Object.keys(dates).sort();
    expect([names[0], names.at(-1), names.length]).toEqual(['05-11', '11-11', 185]);
    expect(Math.max(...Object.values(dates))).toBe(dates['11-11']);
    expect(dates['11-10']).toBeGreaterThan(3 * (dates['10-10'] ?? 1));
    expect(dates['10-10']).toBeGreaterThan(dates['05-20'] ?? 1);
  });

  test('keep a shopper in one gender, age and province, and a ware in one category', () => {
    const firstOf = new Map<string, string>();
    const contradictions = rows.filter(([user, item, category, , , , , , age, gender, province]) => {
      const facts: [string, string][] = [
        [`user ${user}`, `${age} ${gender} ${province}`],
        [`item ${item}`, `${category}`],
      ];
      return facts.some(([who, what]) => {
        if (!firstOf.has(who)) firstOf.set(who, what);
        return firstOf.get(who) !== what;
      });
    });
    expect(contradictions).toEqual([]);
  });
});

test('malformed rows among generated ones are of every kind, each costs itself alone, and the good rows stay the same', async () => {
  const path = join(temporaryFolder(), 'rows.csv');
  const count = 50_000;
  writeFileSync(path, bytesOf({ rows: count, errors: 0.01 }));
  const read = await readFile(path, [...userLogColumns]);
  expect(new Set(read.rejects.map((reject) => reject.replace(/^\d+: /, '')))).toEqual(
    new Set(['too few columns', 'too many columns', 'unclosed quote', 'stray quote', 'not text']),
  );
  expect(read.rejects.length).toBeGreaterThan(400);
  expect(read.rows.length + read.rejects.length).toBe(count);
  const rejected = new Set(read.rejects.map((reject) => Number.parseInt(reject, 10)));
  // Line 1 is the header.
  const good = cellsOf(bytesOf({ rows: count, header: false })).filter((_, index) => !rejected.has(index + 2));
  expect(read.rows).toEqual(good);
});
