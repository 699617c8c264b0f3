import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { type BrokerCommandOptions, run } from '../../src/commands/broker.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { connectRaw } from '../broker/_raw-client.ts';

const options = (changes: Partial<BrokerCommandOptions>): BrokerCommandOptions => ({
  dataDir: temporaryFolder(),
  host: '127.0.0.1',
  port: 0,
  allowRemote: false,
  advertise: undefined,
  fsync: 'os',
  retention: -1,
  retentionBytes: -1,
  partitions: 1,
  logger: pino({ level: 'silent' }),
  ...changes,
});

describe('dashctl broker', () => {
  test('says where it listens and how to use it, serves, and ends when it is asked to', async () => {
    const stop = new AbortController();
    const ready = Promise.withResolvers<string>();
    const logger = pino({}, { write: (line: string) => ready.resolve(JSON.parse(line).msg) });
    const running = run(options({ logger }), stop.signal);
    const line = await ready.promise;
    const port = /^ready on 127\.0\.0\.1:(\d+), data in .*; use it with --brokers 127\.0\.0\.1:\1$/.exec(line)?.[1];
    const client = await connectRaw(Number(port));
    stop.abort();
    await Promise.all([running, client.closed]);
  });

  test('metrics are served on a port of their own, where the log says', async () => {
    const stop = new AbortController();
    const said = Promise.withResolvers<string>();
    const write = (line: string) => {
      const url = /^metrics at (.*)$/.exec(JSON.parse(line).msg)?.[1];
      if (url) said.resolve(url);
    };
    const running = run(options({ metricsPort: 0, logger: pino({}, { write }) }), stop.signal);
    const response = await fetch(await said.promise);
    expect(await response.text()).toContain('\ndashctl_broker_connections 0\n');
    stop.abort();
    await running;
  });

  test('another address needs leave and a name', async () => {
    const { signal } = new AbortController();
    await expect(run(options({ host: '0.0.0.0' }), signal)).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--allow-remote'),
    });
    await expect(run(options({ host: '0.0.0.0', allowRemote: true }), signal)).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--advertise'),
    });
  });

  test('flags are read, and SIGTERM ends the process with status 0', async () => {
    const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
    const args = [
      'broker',
      '--port',
      '0',
      '--data-dir',
      temporaryFolder(),
      '--fsync',
      'always',
      '--retention',
      'forever',
      '--log-format',
      'json',
    ];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [line] = await once(child.stderr.setEncoding('utf8'), 'data');
    expect(JSON.parse(line).msg).toMatch(/^ready on 127\.0\.0\.1:\d+/);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
