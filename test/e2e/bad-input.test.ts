import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { folderOfSuite, temporaryFolder } from '../_support/temporary-folder.ts';

const row = '1,2,3,4,5,11,11,0,2,1,浙江';

/** Says what failed in one line and what to do in another, and nothing that only a developer could read. */
function expectClearError(stderr: string, message: RegExp) {
  const lines = stderr.trimEnd().split('\n');
  const at = lines.findIndex((line) => line.startsWith('error: '));
  expect(lines[at], stderr).toMatch(message);
  expect(lines[at + 1], stderr).toMatch(/^ {2}hint: \S/);
  expect(lines).toHaveLength(at + 2);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain('node:internal');
}

describe('a file that cannot be read', () => {
  const files: [string, (folder: string) => string, RegExp][] = [
    ['that is missing', (folder) => join(folder, 'none.csv'), /none\.csv/],
    [
      'that is a directory',
      (folder) => {
        mkdirSync(join(folder, 'logs.csv'));
        return join(folder, 'logs.csv');
      },
      /logs\.csv.*director/,
    ],
    ['that is empty', (folder) => written(folder, ''), /empty/],
    [
      'that is binary',
      (folder) => written(folder, Buffer.from(Array.from({ length: 4_096 }, (_, i) => i % 256))),
      /binary|text/,
    ],
    [
      'in another encoding',
      (folder) =>
        written(
          folder,
          Buffer.concat([Buffer.from('1,2,3,4,5,11,11,0,2,1,'), Buffer.from([0xd5, 0xe3, 0xbd, 0xad, 0x0a])]),
        ),
      /UTF-8/i,
    ],
    ['with other columns than the pipelines need', (folder) => written(folder, 'a,b\n1,2\n'), /column/],
  ];

  describe.each(['produce', 'up'])('by %s', (command) => {
    test.each(files)('%s', async (_, make, message) => {
      const folder = temporaryFolder();
      const flags = command === 'up' ? ['--once', '--port', '0', '--broker-port', '0'] : [];
      const { code, stdout, stderr } = await runDashctl([command, make(folder), ...flags], { cwd: folder });
      expect(stdout).toBe('');
      expectClearError(stderr, message);
      expect(code).toBe(1);
    });
  });
});

function written(folder: string, content: string | Buffer): string {
  const file = join(folder, 'log.csv');
  writeFileSync(file, content);
  return file;
}

describe('a wrong usage', () => {
  test.each([
    ['an unknown pipeline', ['up', '--pipeline', 'gendre', '--once'], /gendre/],
    ['an unknown pipeline of a stage', ['aggregate', '--pipeline', 'x'], /unknown pipeline "x"/],
    ['an unknown flag', ['produce', 'x.csv', '--rte', '5'], /unknown option '--rte'/],
    ['an unknown command', ['prodcue'], /unknown command 'prodcue'/],
    ['a rate that is no number', ['produce', 'x.csv', '--rate', 'fast'], /--rate/],
    ['a missing argument', ['tail'], /missing required argument 'topic'/],
    ['a port that is none', ['serve', '--port', '70000'], /--port/],
    ['flags that exclude each other', ['up', '--once', '--loop'], /--once and --loop/],
  ])('%s ends with status 2', async (_, args, message) => {
    const { code, stdout, stderr } = await runDashctl(args, { cwd: temporaryFolder() });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('a config file with a fault is named', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'dashctl.json'), '{"brokers": ');
    const { code, stderr } = await runDashctl(['aggregate'], { cwd: folder });
    expectClearError(stderr, /dashctl\.json/);
    expect(code).toBe(1);
  });
});

describe('no broker', () => {
  test.each([
    ['produce', ['produce', 'log.csv']],
    ['aggregate', ['aggregate']],
    ['serve', ['serve', '--port', '0']],
    ['tail', ['tail', 'result']],
    ['up', ['up', 'log.csv', '--once', '--port', '0']],
  ])('%s says so and how to start one', async (_, args) => {
    const folder = temporaryFolder();
    written(folder, `${row}\n`);
    // A port that was free a moment ago: nothing listens there.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { code, stdout, stderr } = await runDashctl([...args, '--brokers', `127.0.0.1:${port}`], { cwd: folder });
    expectClearError(stderr, new RegExp(`no Kafka broker at 127\\.0\\.0\\.1:${port}`));
    expect(stderr).toContain('dashctl broker');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});

describe('a port that is taken', () => {
  const taken = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return String((server.address() as AddressInfo).port);
  };

  test('by the broker', async () => {
    const port = await taken();
    const { code, stderr } = await runDashctl(['broker', '--port', port], { cwd: temporaryFolder() });
    expectClearError(stderr, new RegExp(port));
    expect(code).toBe(1);
  });

  test('by the page of up', async () => {
    const port = await taken();
    const { code, stderr } = await runDashctl(['up', '--port', port, '--broker-port', '0', '--headless'], {
      cwd: temporaryFolder(),
    });
    expectClearError(stderr, new RegExp(port));
    expect(code).toBe(1);
  });

  test('the embedded broker of up takes another', async () => {
    const args = ['up', '--once', '--rate', 'max', '--port', '0', '--broker-port', await taken()];
    const { code, stdout, stderr } = await runDashctl(args, { cwd: temporaryFolder() });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 10_000 });
  });
});

describe('a data directory', () => {
  test('in use by another broker is refused, naming its process', async () => {
    const folder = temporaryFolder();
    const first = dashctl(['broker', '--port', '0'], { cwd: folder });
    onTestFinished(async () => void (await first.stop()));
    await first.waitFor(/127\.0\.0\.1:\d+/);
    const { code, stderr } = await runDashctl(['broker', '--port', '0'], { cwd: folder });
    expectClearError(stderr, new RegExp(String(first.process.pid)));
    expect(code).toBe(1);
  });

  test('that is a file is refused', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'taken'), '');
    const { code, stderr } = await runDashctl(['broker', '--port', '0', '--data-dir', 'taken'], { cwd: folder });
    expectClearError(stderr, /taken/);
    expect(code).toBe(1);
  });
});

describe('bad rows', () => {
  let broker: Dashctl;
  let address: string;
  const folder = folderOfSuite();
  beforeAll(async () => {
    broker = dashctl(['broker', '--port', '0'], { cwd: folder });
    [address] = await broker.waitFor(/127\.0\.0\.1:\d+/);
  });
  afterAll(async () => void (await broker.stop()));

  const bad = ['1,2,3', row, `${row},too,many`, row, `1,"2,3,4,5,11,11,0,2,1,浙江`, row];
  const produce = (...flags: string[]) => {
    writeFileSync(join(folder, 'bad.csv'), `${[row, ...bad].join('\n')}\n`);
    return runDashctl(['produce', 'bad.csv', '--rate', 'max', '--brokers', address, ...flags], { cwd: folder });
  };

  test('are counted and named by line, and the others are sent', async () => {
    const { code, stderr } = await produce();
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/\b4 rows/);
    for (const line of [2, 4, 6].map((number) => `bad.csv line ${number}\n`)) expect(stderr).toContain(line);
  });

  test('stop a strict run at the first', async () => {
    const { code, stderr } = await produce('--strict');
    expectClearError(stderr, /bad\.csv:2/);
    expect(code).toBe(1);
  });

  test('a byte order mark is no part of the first cell', async () => {
    writeFileSync(join(folder, 'bom.csv'), `\uFEFF${row}\n`);
    const args = ['produce', 'bom.csv', '--column', 'user_id', '--topic', 'bom', '--brokers', address];
    expect(await runDashctl(args, { cwd: folder })).toMatchObject({ code: 0 });
    const { stdout } = await runDashctl(['tail', 'bom', '-o', 'start', '-n', '1', '--brokers', address]);
    expect(stdout).toBe('1\n');
  });
});
