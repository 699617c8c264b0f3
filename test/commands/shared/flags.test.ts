import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  duration,
  type StageContext,
  stageContext,
  wholeNumber,
  withSharedFlags,
} from '../../../src/commands/shared/flags.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dashctl-flags-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const configFile = (config: unknown) => {
  const file = join(folder, 'dashctl.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
};

/** Runs a command with these arguments and gives what its action saw. */
async function parsed(...args: string[]): Promise<StageContext & { rate?: number }> {
  let seen: (StageContext & { rate?: number }) | undefined;
  const command = withSharedFlags(new Command('produce').option('--rate <n>', 'rows', wholeNumber(1), 10))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((flags: { rate: number }) => {
      seen = { ...stageContext(command), rate: flags.rate };
    });
  await command.parseAsync(args, { from: 'user' });
  if (!seen) throw new Error('the action did not run');
  return seen;
}

describe('flags > environment > config file > defaults', () => {
  test('the default is the broker of this machine', async () => {
    expect((await parsed()).connection.brokers).toEqual(['localhost:9092']);
  });

  test('the config file replaces a default', async () => {
    expect((await parsed('--config', configFile({ brokers: 'file:1' }))).connection.brokers).toEqual(['file:1']);
  });

  test('the environment replaces the config file', async () => {
    vi.stubEnv('DASHCTL_BROKERS', 'env:1');
    expect((await parsed('--config', configFile({ brokers: 'file:1' }))).connection.brokers).toEqual(['env:1']);
  });

  test('a flag replaces all', async () => {
    vi.stubEnv('DASHCTL_BROKERS', 'env:1');
    const { connection } = await parsed('--config', configFile({ brokers: 'file:1' }), '--brokers', 'a:1, b:2');
    expect(connection.brokers).toEqual(['a:1', 'b:2']);
  });

  test("a command's own section goes before the top of the file, and is checked like a flag", async () => {
    expect((await parsed('--config', configFile({ rate: 5, produce: { rate: 100 } }))).rate).toBe(100);
    await expect(parsed('--config', configFile({ rate: 'many' }))).rejects.toThrow();
  });
});

describe('pipelines', () => {
  const own = {
    name: 'brand',
    title: { zh: '品牌', en: 'Brand' },
    column: 'brand_id',
    topic: 'brand',
    resultTopic: 'brand_results',
    window: 1_000,
    labels: {},
    unknown: [],
  };

  test('are all the built-in ones by default', async () => {
    expect((await parsed()).pipelines.map(({ name }) => name)).toEqual([
      'gender',
      'category',
      'action',
      'age',
      'province',
    ]);
  });

  test('are narrowed by name, in the order given', async () => {
    expect((await parsed('--pipeline', 'age, gender')).pipelines.map(({ name }) => name)).toEqual(['age', 'gender']);
  });

  test('a config file adds one with one entry', async () => {
    const { pipelines } = await parsed('--config', configFile({ pipelines: [own] }), '--pipeline', 'brand');
    expect(pipelines).toEqual([own]);
  });

  test('an unknown one is a wrong usage that names the known ones', async () => {
    await expect(parsed('--pipeline', 'gendre')).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('gender'),
    });
  });

  test('a wrong entry of the config file is named by its place', async () => {
    const file = configFile({ pipelines: [own, { ...own, topic: 'no spaces' }] });
    await expect(parsed('--config', file)).rejects.toThrow(/pipelines\[1\]\.topic/);
  });
});

describe('security', () => {
  test('a login without its password is a wrong usage that says where to put it', async () => {
    await expect(parsed('--sasl', 'plain')).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('DASHCTL_SASL_PASSWORD'),
    });
  });

  test('a login comes from the environment', async () => {
    vi.stubEnv('DASHCTL_SASL_USERNAME', 'ann');
    vi.stubEnv('DASHCTL_SASL_PASSWORD', 'secret');
    const { connection } = await parsed('--sasl', 'scram-sha-256');
    expect(connection.sasl).toEqual({ mechanism: 'scram-sha-256', username: 'ann', password: 'secret' });
  });

  test('a certificate file that is not there is named', async () => {
    await expect(parsed('--ssl-ca', '/nowhere/ca.pem')).rejects.toThrow('/nowhere/ca.pem');
  });
});

test.each([
  ['500ms', 500],
  ['1s', 1_000],
  ['1.5s', 1_500],
  ['15m', 900_000],
  ['24h', 86_400_000],
  ['30d', 2_592_000_000],
])('the duration %s is %d ms', (text, expected) => expect(duration(text)).toBe(expected));

test.each(['', '5', 's', '-1s', '1 s', '1w'])('%j is no duration', (text) => {
  expect(() => duration(text)).toThrow('expected a duration');
});

test.each(['', '-1', '1.5', 'x', '70000'])('%j is no port', (text) => {
  expect(() => wholeNumber(0, 65_535)(text)).toThrow('from 0 to 65535');
});
