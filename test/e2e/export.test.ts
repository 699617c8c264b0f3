import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { WindowCount } from '../../src/records/window-count.ts';
import { openStore } from '../../src/store/open-store.ts';
import { runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { windowAt } from '../store/_contract.ts';
import { stores } from './_stores.ts';

const second = 1_700_000_000;
const odd = { 'a,b': 1, 'say "hi"': 2, 'two\nlines': 3, '': 4, 浙江: 5, 'nul\0': 6, '\u{1F6D2}': 7 };
const windows: WindowCount[] = [
  ...Array.from({ length: 3_000 }, (_, index) => windowAt(second + index, { 0: index, 1: 1 })),
  windowAt(second + 5_000, odd, { revision: 3 }),
  windowAt(second, { x: 9 }, { pipeline: 'age' }),
];

describe.each(stores)('dashctl export from $name', ({ available, startStore }) => {
  test.skipIf(!available)('is what is stored', async () => {
    const folder = temporaryFolder();
    const { location, stop } = await startStore(folder);
    onTestFinished(async () => void (await stop()));
    const store = await openStore(location, { logger: pino({ level: 'silent' }) });
    await store.put(windows);
    await store.close();
    const run = async (...flags: string[]) => {
      const { code, stdout, stderr } = await runDashctl(['export', '--store', location, ...flags], { cwd: folder });
      expect(code, stderr).toBe(0);
      return stdout;
    };

    const rows: Record<string, string>[] = parse(await run(), { columns: true });
    const exported = rows.map(({ pipeline, start, end, revision, key, count }) =>
      JSON.stringify([pipeline, Number(start), Number(end), Number(revision), key, Number(count)]),
    );
    const expected = windows.flatMap(({ pipeline, start, end, revision, counts }) =>
      [...counts].map(([key, count]) => JSON.stringify([pipeline, start, end, revision, key, count])),
    );
    expect(exported.toSorted()).toEqual(expected.toSorted());
    const times = rows.filter(({ pipeline }) => pipeline === 'gender').map(({ start }) => Number(start));
    expect(times, 'in the order of time').toEqual(times.toSorted((a, b) => a - b));

    const lines = (await run('--format', 'json', '--pipeline', 'gender')).trimEnd().split('\n');
    expect(lines).toHaveLength(3_001);
    expect(JSON.parse(lines.at(-1) ?? '').counts).toEqual(odd);
    const some = await run('--pipeline', 'gender', '--from', `${second}`, '--to', `${(second + 1) * 1_000}`, '--iso');
    expect(some).toBe(
      [
        'pipeline,start,end,revision,key,count',
        'gender,2023-11-14T22:13:20.000Z,2023-11-14T22:13:21.000Z,0,0,0',
        'gender,2023-11-14T22:13:20.000Z,2023-11-14T22:13:21.000Z,0,1,1\n',
      ].join('\n'),
    );
    const hours: Record<string, string>[] = parse(await run('--resolution', 'hour'), { columns: true });
    const ones = hours.filter(({ pipeline, key }) => pipeline === 'gender' && key === '1');
    expect(ones.reduce((sum, { count }) => sum + Number(count), 0)).toBe(3_000);

    expect(await run('--out', 'all.csv.gz')).toBe('');
    expect(gunzipSync(readFileSync(join(folder, 'all.csv.gz'))).toString()).toBe(await run());
  });
});

test('dashctl export names pipelines that are not stored, and leaves no half file behind', async () => {
  const folder = temporaryFolder();
  const location = `sqlite:${join(folder, 'windows.sqlite')}`;
  const store = await openStore(location, { logger: pino({ level: 'silent' }) });
  await store.put(windows);
  await store.close();
  const flags = ['export', '--store', location];
  const unknown = await runDashctl([...flags, '--pipeline', 'gendr', '--out', join(folder, 'x.csv')]);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toBe(
    `error: ${location} holds no windows of "gendr"\n  hint: did you mean gender? choose from: age, gender\n`,
  );
  expect(existsSync(join(folder, 'x.csv'))).toBe(false);
  const nowhere = await runDashctl([...flags, '--out', join(folder, 'no', 'x.csv')]);
  expect([nowhere.code, nowhere.stderr.split('\n').length]).toEqual([1, 3]);
  const both = await runDashctl([...flags, '--iso', '--format', 'json']);
  expect([both.code, both.stderr]).toEqual([
    2,
    'error: --iso is for CSV\n  hint: leave it out, or leave out --format json\n',
  ]);
});
