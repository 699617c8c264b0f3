import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../src/runtime/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'dashctl-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (text: string) => {
  const file = join(folder, 'dashctl.json');
  writeFileSync(file, text);
  return file;
};

test('a config file gives flags by name, for all commands or for one', () => {
  const config = { brokers: 'a:9092', produce: { rate: 100 }, pipelines: [] };
  expect(readConfig(written(JSON.stringify(config)), true)).toEqual(config);
});

test('a missing file is an error only when it was named', () => {
  expect(readConfig(join(folder, 'none.json'), false)).toEqual({});
  expect(() => readConfig(join(folder, 'none.json'), true)).toThrow(/no config file .*none\.json/);
});

test.each(['{"a":', '[]', '"text"', '{"pipelines": {}}', '{"brokers": null}'])(
  '%s is refused, naming the file',
  (text) => {
    expect(() => readConfig(written(text), true)).toThrow(/dashctl\.json/);
  },
);
