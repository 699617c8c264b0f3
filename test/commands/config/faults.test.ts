import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { configFaults } from '../../../src/commands/config/faults.ts';
import { configSchema } from '../../../src/commands/config/schema.ts';
import { wholeNumber, withSharedFlags } from '../../../src/commands/shared/flags.ts';
import { readConfig } from '../../../src/runtime/config.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';

const produce = withSharedFlags(
  new Command('produce')
    .option('--limit <n>', 'rows', wholeNumber(1))
    .option('--loop', 'again')
    .addOption(new Option('--header <when>', 'header').choices(['yes', 'no']))
    .option('--columns <a,b,...>', 'names')
    .option('--where <condition>', 'rows', (text: string, before: string[] | undefined) => [...(before ?? []), text]),
);
const serve = withSharedFlags(new Command('serve').option('--limit <n>', 'megabytes', wholeNumber(100)));
const schema = configSchema([produce, serve, new Command('generate').option('--rows <n>', 'rows')]);

function faults(text: string): string[] {
  const file = join(temporaryFolder(), 'dashctl.json');
  writeFileSync(file, text);
  const config = readConfig(file, true);
  return config
    ? configFaults(config, schema).map(
        ({ line, column, path, message }) => `${line}:${column} ${path.join('.')} ${message}`,
      )
    : [];
}

describe('a config file without a fault', () => {
  test.each([
    '{}',
    '{"$schema": "./s.json", "brokers": "a:1", "produce": {"limit": 5, "loop": true, "header": "yes"}}',
    '{"brokers": ["a:1", "b:1"], "columns": ["a", "b"], "where": ["a=1", "b=2"], "color": false}',
    '{"limit": "5"}',
    '{"pipelines": [{"name": "a", "topic": "a", "where": {"field": "b", "equals": 1}}]}',
  ])('%s', (text) => expect(faults(text)).toEqual([]));

  test('may give a flag that one of its commands takes', () => {
    expect(faults('{"limit": 50}')).toEqual([]);
    expect(faults('{"serve": {"limit": 50}}')).toEqual(['1:21 serve.limit expected a whole number from 100 up']);
  });
});

describe('a fault is told with its place and what would be right', () => {
  test.each([
    ['[]', '1:1  expected object, received array'],
    ['{"brokrs": "a"}', '1:2 brokrs no such name, did you mean "brokers"?'],
    ['{"pipelins": []}', '1:2 pipelins no such name, did you mean "pipeline" or "pipelines"?'],
    ['{"produce": {"limt": 1}}', '1:14 produce.limt no such name, did you mean "limit"?'],
    ['{"produce": 5}', '1:13 produce expected object, received number'],
    ['{"limit": "many"}', '1:11 limit expected a whole number from 1 up'],
    ['{"limit": [1, 2]}', '1:11 limit expected a text or a number'],
    ['{"loop": "yes"}', '1:10 loop expected boolean, received string'],
    ['{"header": "maybe"}', '1:12 header expected one of "yes"|"no"'],
    ['{"loop": true, "loop": false}', '1:16 loop is given twice, first in line 1'],
    ['{"pipelines": [{"topic": "a"}]}', '1:16 pipelines.0.name is missing'],
    [
      '{"pipelines": [{"name": "a", "topic": "a", "feild": "b"}]}',
      '1:44 pipelines.0.feild no such name, did you mean "field"?',
    ],
    [
      '{"pipelines": [{"name": "a", "topic": "a", "where": [{"field": "b", "equal": 1}]}]}',
      '1:69 pipelines.0.where.0.equal no such name, did you mean "equals" or "notEquals"?',
    ],
    [
      '{"pipelines": [{"name": "a", "topic": "a", "window": true}]}',
      '1:54 pipelines.0.window expected whole milliseconds above 0, or a duration such as "5s"',
    ],
    [
      '{"pipelines": [{"name": "a", "topic": "a", "window": "5"}]}',
      '1:54 pipelines.0.window expected a duration such as "500ms", "5s" or "1m"',
    ],
  ])('%s', (text, fault) => expect(faults(text)).toContain(fault));

  test('a flag that says where the file is has no place in it', () => {
    expect(faults('{"config": "other.json"}')).toEqual([expect.stringContaining('1:2 config no such name')]);
  });

  test('all at once', () => {
    expect(faults('{"brokrs": "a",\n"loop": 1,\n"pipelines": [{"name": "A", "topic": "b c"}]}')).toHaveLength(4);
  });
});
