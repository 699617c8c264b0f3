import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { dashctl, type RunOptions, runDashctl } from '../_support/dashctl.ts';
import { folderOfSuite, temporaryFolder } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';

const token = 'correct-horse-battery';
const folder = folderOfSuite();
let cluster: BrokerProcess;
beforeAll(async () => {
  const [embedded] = brokers;
  cluster = (await embedded?.startBroker(folder)) ?? expect.fail();
});
afterAll(() => cluster?.stop());

async function serve(args: readonly string[], options: RunOptions = {}) {
  const stage = dashctl(['serve', '--port', '0', '--brokers', cluster.address, ...args], options);
  onTestFinished(async () => void (await stage.stop()));
  const [url] = await stage.waitFor(/http:\S+/);
  return { stage, url };
}
const statusOf = async (url: string, headers: Record<string, string> = {}) => (await fetch(url, { headers })).status;

describe('serve with a token', () => {
  test('lets those in who show it, and nobody else', async () => {
    const { stage, url } = await serve(['--token', token]);
    expect(await statusOf(`${url}/api/totals`)).toBe(401);
    expect(await statusOf(`${url}/`)).toBe(401);
    expect(await statusOf(`${url}/api/totals`, { authorization: `Bearer ${token}` })).toBe(200);
    const entered = await fetch(`${url}/?token=${token}`, { redirect: 'manual' });
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/']);
    const [cookie = ''] = entered.headers.getSetCookie();
    expect(await statusOf(`${url}/`, { cookie: cookie.split(';')[0] ?? '' })).toBe(200);
    expect(await statusOf(`${url}/?token=wrong-wrong`)).toBe(401);
    await stage.waitFor(/a wrong token came from 127\.0\.0\.1/);
    expect(stage.stderr()).toContain(`page on ${url} (which asks for the token)`);
    expect(stage.stdout() + stage.stderr()).not.toMatch(/correct-horse|wrong-wrong/);
  });

  test('takes it from the environment and from the config file as well', async () => {
    const byEnvironment = await serve([], { env: { DASHCTL_TOKEN: token } });
    expect(await statusOf(`${byEnvironment.url}/api/totals`)).toBe(401);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'dashctl.json'), JSON.stringify({ serve: { token, host: '0.0.0.0' } }));
    const byFile = await serve([], { cwd });
    expect(await statusOf(`${byFile.url}/api/totals`)).toBe(401);
    expect(await statusOf(`${byFile.url}/api/totals`, { authorization: `Bearer ${token}` })).toBe(200);
  });

  test('never tells it in the help', async () => {
    for (const command of ['serve', 'up']) {
      const { stdout } = await runDashctl([command, '--help'], { env: { DASHCTL_TOKEN: token } });
      expect(stdout).toContain('--token <text>');
      expect(stdout).not.toContain(token);
    }
  });
});

describe.each([
  ['serve', ['serve', '--port', '0']],
  ['up', ['up', '--port', '0', '--broker-port', '0', '--once']],
])('%s on an address that others reach', (_, command) => {
  const run = (...args: string[]) => runDashctl([...command, ...args], { cwd: temporaryFolder() });

  test('wants a token, or to be told that it needs none', async () => {
    const { code, stderr } = await run('--host', '0.0.0.0');
    expect(code).toBe(2);
    expect(stderr).toContain('--host 0.0.0.0 would show the page to other machines, and it has no login');
    expect(stderr).toMatch(/add --token TEXT.* or --insecure/);
  });

  test('takes no token that is easily guessed, and does not repeat it', async () => {
    const { code, stderr } = await run('--host', '0.0.0.0', '--token', 'qwertz');
    expect(code).toBe(2);
    expect(stderr).toContain('the token is too short');
    expect(stderr).not.toContain('qwertz');
  });
});

test('a host of all addresses is fine with a token, and with --insecure', async () => {
  const guarded = await serve(['--host', '0.0.0.0', '--token', token]);
  expect(await statusOf(`${guarded.url}/healthz`)).toBe(200);
  const open = await serve(['--host', '0.0.0.0', '--insecure']);
  expect(await statusOf(`${open.url}/api/totals`)).toBe(200);
});
