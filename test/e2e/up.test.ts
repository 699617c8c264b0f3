import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const sample = join(root, 'data', 'user_log.csv');
const ports = ['--port', '0', '--broker-port', '0'];

describe('up without a terminal', () => {
  test('logs lines, serves the page, and ends in order on Ctrl-C: what was sent is counted at the next start', async () => {
    const folder = temporaryFolder();
    const up = dashctl(['up', sample, '--rate', '500', '--loop', ...ports], { cwd: folder });
    const [url] = await up.waitFor(/http:\S+/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    // The first window is out, so there are rows in the topics.
    await untilTotals(url, (totals) => sumOf(totals) > 0);
    expect(await up.stop()).toEqual({ code: 0, signal: null });
    expect(up.stdout()).toBe('');
    const [, sent] = /([\d,]+) rows sent/.exec(up.stderr()) ?? [];
    const rows = Number(sent?.replaceAll(',', ''));
    expect(rows).toBeGreaterThan(0);

    const broker = dashctl(['broker', '--port', '0'], { cwd: folder });
    onTestFinished(async () => void (await broker.stop()));
    const [address] = await broker.waitFor(/127\.0\.0\.1:\d+/);
    expect((await runDashctl(['aggregate', '--until-end', '--brokers', address])).code).toBe(0);
    const { stdout } = await runDashctl(['tail', 'result', '-o', ':end', '--json', '--brokers', address]);
    const windows = new Map(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => [JSON.parse(line).key, JSON.parse(line).value]),
    );
    const counts = [...windows.values()].flatMap((value) => JSON.parse(value)).flatMap((entry) => Object.values(entry));
    expect(counts.reduce((sum: number, count) => sum + Number(count), 0)).toBe(rows);
  });

  test('SIGTERM ends it as Ctrl-C does', async () => {
    const up = dashctl(['up', ...ports], { cwd: temporaryFolder() });
    await up.waitFor(/http:\S+/);
    expect(await up.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  test('an interrupted --once has no totals and says that it was not complete', async () => {
    const up = dashctl(['up', '--once', '--rate', '1', ...ports], { cwd: temporaryFolder() });
    await up.waitFor(/http:\S+/);
    expect((await up.stop()).code).toBe(130);
    expect(up.stdout()).toBe('');
    expect(up.stderr()).toMatch(/error: interrupted.*\n {2}hint: /);
  });

  test('a stage that fails stops all, with its reason', async () => {
    const up = dashctl(['up', '-', '--strict', '--header', 'no', ...ports], {
      cwd: temporaryFolder(),
      input: `${'1,2,3,4,5,11,11,0,2,1,浙江\n'.repeat(3)}1,2,3\n`,
    });
    expect((await up.ended).code).toBe(1);
    expect(up.stderr()).toMatch(/error: .*:4.*\n {2}hint: /);
  });

  test.skipIf(!kafkaIsAvailable())('runs its stages on Apache Kafka when brokers are named', async () => {
    const kafka = await startKafka();
    onTestFinished(() => kafka.stop());
    const folder = temporaryFolder();
    const args = ['up', sample, '--rate', 'max', '--once', '--port', '0', '--brokers', kafka.address];
    const { code, stdout, stderr } = await runDashctl(args, { cwd: folder });
    expect(code, stderr).toBe(0);
    const { rows, pipelines } = JSON.parse(stdout);
    expect(rows).toBe(10_000);
    expect(sumOf(pipelines.gender.totals)).toBe(10_000);
  });
});

const control = `${String.fromCharCode(27)}[`;
const scriptIsAvailable = process.env.CI !== undefined || spawnSync('script', ['--version']).status === 0;

describe.skipIf(!scriptIsAvailable)('up on a terminal', () => {
  test('draws on the alternate screen, obeys q, gives the terminal back and sums up', async () => {
    // A pseudo-terminal begins without a size.
    const command = `stty cols 100 rows 30; ${process.execPath} ${join(root, 'bin', 'dashctl.js')} up ${sample} --rate 200 --loop --lang en ${ports.join(' ')}`;
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: temporaryFolder(),
      env: { ...process.env, TERM: 'xterm-256color' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let screen = '';
    const drawn = (condition: (text: string) => boolean) =>
      new Promise<void>((resolve, reject) => {
        const look = () => condition(screen) && resolve();
        child.stdout.on('data', look);
        child.once('close', () => reject(new Error(`ended first\n${screen}`)));
        look();
      });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
    });
    onTestFinished(() => void child.kill());
    const closed = once(child, 'close');
    await drawn((text) => text.includes(`${control}?1049h`));
    await drawn((text) => /windows\s+[1-9]/.test(stripVTControlCharacters(text)));
    child.stdin.write('q');
    expect((await closed)[0]).toBe(0);
    const after = screen.slice(screen.lastIndexOf(`${control}?1049l`));
    expect(after, 'the view is left before the summary').toMatch(/rows sent/);
    expect(after, 'the cursor is shown again').toContain(`${control}?25h`);
  });
});

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Asks the API until the gender totals are as wanted. */
const untilTotals = (url: string, condition: (totals: Record<string, number>) => boolean): Promise<void> =>
  vi.waitFor(
    async () => {
      const response = await fetch(`${url}/api/totals?pipeline=gender`);
      const { gender } = (await response.json()) as { gender: { counts: Record<string, number> } };
      expect(condition(gender.counts)).toBe(true);
    },
    { timeout: 30_000, interval: 200 },
  );
