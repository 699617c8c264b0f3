import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

interface Totals {
  rows: number;
  rejected: number;
  pipelines: Record<string, { records: number; windows: number; late: number; totals: Record<string, number> }>;
}

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');

async function upOnce(file: string, folder: string, ...flags: string[]): Promise<Totals> {
  const args = ['up', file, '--rate', 'max', '--once', '--port', '0', '--broker-port', '0', ...flags];
  const { code, stdout, stderr } = await runDashctl(args, { cwd: folder });
  expect(code, stderr).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines, 'stdout carries the totals and nothing else').toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

function expectTotalsOf(file: string, totals: Totals, { header = true } = {}) {
  for (const [pipeline, position] of Object.entries(userLogPositions)) {
    expect(totals.pipelines[pipeline]?.totals, pipeline).toEqual(countWithAwk(file, position, { header }));
    expect(totals.pipelines[pipeline]?.late, pipeline).toBe(0);
    expect(totals.pipelines[pipeline]?.records, pipeline).toBe(totals.rows);
  }
}

describe('up --once', () => {
  test('prints what another tool counts in the sample, for all five pipelines', async () => {
    const totals = await upOnce(sample, temporaryFolder());
    expect(totals).toMatchObject({ rows: 10_000, rejected: 0 });
    expectTotalsOf(sample, totals);
  });

  test.each([
    ['without a header row', false, '\n'],
    ['with CRLF line ends', true, '\r\n'],
    ['without a header row and with CRLF line ends', false, '\r\n'],
  ])('prints the same for a file %s', async (_, header, lineEnd) => {
    const folder = temporaryFolder();
    const lines = readFileSync(sample, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(header ? 0 : 1);
    const file = join(folder, 'log.csv');
    writeFileSync(file, `${lines.join(lineEnd)}${lineEnd}`);
    expectTotalsOf(file, await upOnce(file, folder), { header });
  });

  test.each([
    ['hopping', '--window', '3s', '--slide', '1s'],
    ['cumulative', '--window', '1d', '--step', '1s'],
  ])('counts each row once in %s windows, which overlap', async (_, ...flags) => {
    const totals = await upOnce(sample, temporaryFolder(), ...flags);
    expect(totals).toMatchObject({ rows: 10_000 });
    expectTotalsOf(sample, totals);
  });

  test.each(['--window 5s --slide 2s', '--window 5s --slide 1s --step 1s', '--step 1s'])(
    'refuses %s before anything is started',
    async (flags) => {
      const folder = temporaryFolder();
      const args = ['up', sample, '--once', '--port', '0', '--broker-port', '0', ...flags.split(' ')];
      expect(await runDashctl(args, { cwd: folder })).toMatchObject({ code: 2, stdout: '' });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('counts a generated file of 200,000 rows exactly', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'big.csv');
    expect(await runDashctl(['generate', '--rows', '200000', '--seed', '7', '--out', file])).toMatchObject({ code: 0 });
    const totals = await upOnce(file, folder);
    expect(totals.rows).toBe(200_000);
    expectTotalsOf(file, totals);
  });

  test('counts only its own run when the data directory holds an earlier one', async () => {
    const folder = temporaryFolder();
    const first = await upOnce(sample, folder);
    const second = await upOnce(sample, folder);
    expect(second).toMatchObject({ rows: 10_000 });
    for (const name of Object.keys(userLogPositions)) {
      expect(second.pipelines[name]?.totals).toEqual(first.pipelines[name]?.totals);
    }
  });

  test('with --fresh nothing of an earlier run is left', async () => {
    const folder = temporaryFolder();
    await upOnce(sample, folder);
    await upOnce(sample, folder, '--fresh', '--limit', '10');
    const broker = dashctl(['broker', '--port', '0'], { cwd: folder });
    onTestFinished(async () => void (await broker.stop()));
    const [address] = await broker.waitFor(/127\.0\.0\.1:\d+/);
    const { stdout } = await runDashctl(['tail', 'sex', '-o', ':end', '--brokers', address]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(10);
  });

  test('counts the bundled sample when no file is named, and what --pipeline names', async () => {
    const folder = temporaryFolder();
    const args = ['up', '--pipeline', 'gender', '--rate', 'max', '--once', '--port', '0', '--broker-port', '0'];
    const { code, stdout, stderr } = await runDashctl(args, { cwd: folder });
    expect(code, stderr).toBe(0);
    const totals: Totals = JSON.parse(stdout);
    expect(Object.keys(totals.pipelines)).toEqual(['gender']);
    expect(totals.pipelines.gender?.totals).toEqual(countWithAwk(sample, userLogPositions.gender));
  });

  test('leaves bad rows out, says how many, and counts the others', async () => {
    const folder = temporaryFolder();
    const rows = readFileSync(sample, 'utf8').trimEnd().split('\n').slice(0, 101);
    const good = join(folder, 'good.csv');
    writeFileSync(good, `${rows.join('\n')}\n`);
    const bad = join(folder, 'bad.csv');
    writeFileSync(
      bad,
      `${[...rows.slice(0, 50), '1,2,3', ...rows.slice(50, 80), `1,"2${','.repeat(9)}`, ...rows.slice(80)].join('\n')}\n`,
    );
    const totals = await upOnce(bad, folder);
    expect(totals).toMatchObject({ rows: 100, rejected: 2 });
    expectTotalsOf(good, totals);
  });
});
