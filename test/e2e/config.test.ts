import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

function folderWith(config: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'dashctl.json'), config);
  return folder;
}

const faulty = `{
  // where it runs
  "brokrs": "a:9092",
  "produce": { "rate": "fast" },
  "pipelines": [{ "name": "brand", "topc": "brand" }]
}`;

describe('dashctl config check', () => {
  test('says that a file is well', async () => {
    const cwd = folderWith('{"brokers": "a:9092", "up": {"port": 0, "loop": true}, "port": 80 /* of serve */}');
    expect(await runDashctl(['config', 'check'], { cwd })).toEqual({
      code: 0,
      stdout: 'dashctl.json: no faults\n',
      stderr: '',
    });
  });

  test('names all faults with line and column, what was meant, and a way on', async () => {
    const { code, stdout, stderr } = await runDashctl(['config', 'check'], { cwd: folderWith(faulty) });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toEqual([
      'error: dashctl.json has 4 faults',
      expect.stringMatching(/^ {2}dashctl\.json:3:3: brokrs: no such name, did you mean "brokers"/),
      '  dashctl.json:4:24: produce.rate: expected rows per second, such as 10 or 0.5, or max',
      '  dashctl.json:5:17: pipelines[0].topic: is missing',
      '  dashctl.json:5:36: pipelines[0].topc: no such name, did you mean "topic"?',
      expect.stringMatching(/^ {2}hint: /),
    ]);
  });

  test('names a file that is not there', async () => {
    const { code, stderr } = await runDashctl(['config', 'check', 'wall.json'], { cwd: temporaryFolder() });
    expect(code).toBe(1);
    expect(stderr).toContain('no config file wall.json');
  });
});

test.each([['tail', 'sex'], ['aggregate'], ['topics', 'describe', 'sex'], ['up', '--once']])(
  'a faulty file stops %s before it does anything, for flags of other commands too',
  async (...args) => {
    const { code, stdout, stderr } = await runDashctl(args, { cwd: folderWith(faulty) });
    expect(stderr).toContain('error: dashctl.json has 4 faults');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  },
);

test('a file that holds flags of other commands does not stop one', async () => {
  const cwd = folderWith('{"rate": 5, "brokers": "127.0.0.1:1", "serve": {"port": 80}}');
  expect((await runDashctl(['tail', 'sex'], { cwd })).stderr).toContain('no Kafka broker at 127.0.0.1:1');
});

test('dashctl config schema prints a JSON Schema that names every flag with its help', async () => {
  const { code, stdout } = await runDashctl(['config', 'schema'], { cwd: folderWith('{"faulty": true}') });
  expect(code).toBe(0);
  const schema = JSON.parse(stdout);
  expect(schema.$schema).toContain('json-schema.org');
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.rate.description).toBe('rows per second (default: 10)');
  expect(schema.properties.aggregate.properties['allowed-lateness'].description).toContain('(default: 60s)');
  expect(schema.properties['log-level'].enum).toContain('debug');
  expect(schema.properties.pipelines.items.required).toEqual(['name', 'topic']);
  expect(Object.keys(schema.properties.pipelines.items.properties)).toContain('field');
});

test('the example of the README has no faults', async () => {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const [example] = /^ {4}\{\n {6}"\$schema"[\s\S]*?^ {4}\}\n/m.exec(readme) ?? [''];
  const { code, stderr } = await runDashctl(['config', 'check'], { cwd: folderWith(example) });
  expect(stderr).toBe('');
  expect(code).toBe(0);
});
