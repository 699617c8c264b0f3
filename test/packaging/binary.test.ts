import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const executable = join(root, 'dist', 'bin', 'dashctl');
const isHere = process.env.CI !== undefined || existsSync(executable);

// Nothing in its environment and nothing in its folder: what it needs, it has to bring.
const run = (...args: string[]) => runDashctl(args, { executable, cwd: temporaryFolder() });

function start(...args: string[]): Dashctl {
  const running = dashctl(args, { executable, cwd: temporaryFolder() });
  onTestFinished(async () => {
    await running.stop('SIGKILL');
  });
  return running;
}

const addressOf = async (running: Dashctl) => (await running.waitFor(/127\.0\.0\.1:[1-9]\d*/))[0];

describe.skipIf(!isHere)('the single executable (npm run build:binary makes it)', () => {
  // Quick when it is up to date; a test of yesterday's executable would say nothing.
  beforeAll(() => {
    execFileSync(process.execPath, [join(root, 'bin', 'build-binary.ts')], { cwd: root, stdio: 'pipe' });
  });

  test('tells its version and its commands', async () => {
    expect(await run('--version')).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const command of ['up', 'produce', 'aggregate', 'serve', 'tail', 'broker', 'generate']) {
      expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });

  test('runs everything once on the sample that it carries', async () => {
    const folder = temporaryFolder();
    const args = ['up', '--once', '--rate', 'max', '--port', '0', '--broker-port', '0'];
    const { code, stdout, stderr } = await runDashctl(args, { executable, cwd: folder });
    expect(code, stderr).toBe(0);
    const totals = JSON.parse(stdout);
    expect(totals).toMatchObject({ rows: 10_000, rejected: 0 });
    for (const [pipeline, position] of Object.entries(userLogPositions)) {
      expect(totals.pipelines[pipeline].totals).toEqual(countWithAwk(join(root, 'data', 'user_log.csv'), position));
    }
    expect(readdirSync(folder)).toEqual(['.dashctl']);
  });

  test('serves the page and all it refers to, from a broker of its own', async () => {
    const broker = start('broker', '--port', '0');
    const server = start('serve', '--port', '0', '--brokers', await addressOf(broker));
    const [base] = await server.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
    const page = await fetch(`${base}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const html = await page.text();
    const references = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference = '']) => reference);
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      const asset = await fetch(new URL(reference, `${base}/`));
      expect(asset.status, reference).toBe(200);
      expect((await asset.arrayBuffer()).byteLength, reference).toBeGreaterThan(100);
    }
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${base}/api/pipelines`)).text()).toContain('gender');
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(await broker.stop()).toMatchObject({ code: 0 });
  });

  test('carries stages as separate processes to the same counts', async () => {
    const broker = start('broker', '--port', '0');
    const brokers = ['--brokers', await addressOf(broker), '--pipeline', 'gender'];
    const sample = join(root, 'data', 'user_log.csv');
    expect(await run('produce', sample, '--rate', 'max', ...brokers)).toMatchObject({ code: 0 });
    expect(await run('aggregate', '--from', 'earliest', '--until-end', ...brokers)).toMatchObject({ code: 0 });
    const { code, stdout } = await run('tail', 'result', '-o', ':end', ...brokers.slice(0, 2));
    expect(code).toBe(0);
    const counts: Record<string, number> = {};
    for (const line of stdout.trimEnd().split('\n')) {
      for (const [key, count] of JSON.parse(line).flatMap(Object.entries)) counts[key] = (counts[key] ?? 0) + count;
    }
    expect(counts).toEqual(countWithAwk(sample, userLogPositions.gender));
  });

  test('takes the flags with which the image starts it', async () => {
    const [, flags = '[]'] = /^CMD (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
    const [command = '', ...rest]: string[] = JSON.parse(flags);
    expect([command, ...rest]).toContain('0.0.0.0');
    const server = start(command, ...rest, '--port', '0', '--broker-port', '0');
    const [, port] = await server.waitFor(/http:\/\/[\w.]+:(\d+)/);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    // As a container is stopped.
    expect(await server.stop('SIGTERM')).toMatchObject({ signal: null });
  });

  test('is not changed by what the surroundings tell Node to do', async () => {
    const env = { NODE_OPTIONS: '--require /nowhere.js', NODE_PATH: '/nowhere' };
    expect(await runDashctl(['--version'], { executable, env })).toMatchObject({ code: 0, stderr: '' });
  });

  test('ends in one line and a hint when there is no broker, no file or no such flag', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    const oneLineAndHint = expect.stringMatching(/^error: [^\n]+\n {2}hint: [^\n]+\n$/);
    const failed = { code: 1, stdout: '', stderr: oneLineAndHint };
    expect(await run('produce', 'nowhere.csv', '--brokers', '127.0.0.1:1')).toEqual(failed);
    expect(await run('broker', '--port', port)).toEqual(failed);
    expect(await run('tail', 'result', '--brokers', '127.0.0.1:1')).toEqual(failed);
    expect(await run('up', '--pipeline', 'nothing')).toEqual({ ...failed, code: 2 });
    const { code, stderr } = await run('up', '--no-such-flag');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: unknown option '--no-such-flag'/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
