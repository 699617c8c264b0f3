import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const sample = readFileSync(join(root, 'data', 'user_log.csv'));

test('generate makes the bundled sample again, to the byte, in a file, packed or on stdout', async () => {
  const folder = temporaryFolder();
  for (const name of ['log.csv', 'log.csv.gz']) {
    const run = await runDashctl(['generate', '--rows', '10000', '--seed', '11', '--out', name], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: '' });
  }
  expect(readFileSync(join(folder, 'log.csv')).equals(sample)).toBe(true);
  expect(gunzipSync(readFileSync(join(folder, 'log.csv.gz'))).equals(sample)).toBe(true);
  const { stdout } = await runDashctl(['generate', '--rows', '10000', '--seed', '11']);
  expect(stdout).toBe(sample.toString());
  expect(readdirSync(folder).sort()).toEqual(['log.csv', 'log.csv.gz']);
});

test('generate leaves the header out and puts malformed rows in when asked', async () => {
  const { stdout } = await runDashctl(['generate', '--rows', '2000', '--no-header', '--errors', '2.5%']);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(2_000);
  const bad = lines.filter((line) => line.includes('"') || line.split(',').length !== 11);
  expect(bad.length).toBeGreaterThan(20);
  expect(bad.length).toBeLessThan(100);
});

test('generate ends quietly when the reader of its output has seen enough', () => {
  const command = `"${process.execPath}" bin/dashctl.js generate --rows 5000000 | head -n 2`;
  const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });
  expect(stdout.split('\n')).toHaveLength(3);
  expect(stderr).toBe('');
});

test('generate that is interrupted leaves no half file behind', async () => {
  const folder = temporaryFolder();
  const run = dashctl(['generate', '--rows', '2000000000', '--out', 'log.csv'], { cwd: folder });
  while (!existsSync(join(folder, 'log.csv.part'))) await new Promise(setImmediate);
  const { code } = await run.stop();
  expect(code).toBe(130);
  expect(run.stderr()).toMatch(/^error: interrupted .*\n {2}hint: log\.csv has not been written\n$/);
  expect(readdirSync(folder)).toEqual([]);
});

test('generate says where it cannot write', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'logs'));
  for (const out of ['logs', 'none/log.csv']) {
    const { code, stderr } = await runDashctl(['generate', '--out', out], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .+\n {2}hint: .+\n$/);
  }
});
