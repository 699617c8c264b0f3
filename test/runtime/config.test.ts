import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { invalidConfig, readConfig } from '../../src/runtime/config.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

const written = (text: string) => {
  const file = join(temporaryFolder(), 'dashctl.json');
  writeFileSync(file, text);
  return file;
};

describe('a config file', () => {
  test('is JSON, in which comments and a byte order mark are allowed', () => {
    expect(readConfig(written('\uFEFF{ // brokers\n"brokers": "a:9092" /* all */ }'), true)?.content).toEqual({
      brokers: 'a:9092',
    });
  });

  test('that is missing is an error only when it was named', () => {
    const missing = join(temporaryFolder(), 'none.json');
    expect(readConfig(missing, false)).toBeUndefined();
    expect(() => readConfig(missing, true)).toThrow(/no config file .*none\.json/);
  });

  test.each([
    ['{"a": }', '1:7', '} is not expected here'],
    ['{"a": 1,\n  "b": tru\n}', '2:8', 'tru is not expected here'],
    ['{"a": 1', '1:8', 'the end comes too early'],
    ['', '1:1', 'the end comes too early'],
    ['{"a": 1,}', '1:9', '} is not expected here'],
  ])('%j is refused with the place: %s', (text, place, reason) => {
    expect(() => readConfig(written(text), true)).toThrow(`dashctl.json:${place}: not JSON: ${reason}`);
  });

  test('knows where its values stand, and for what is missing what is around it', () => {
    const file = readConfig(written('{\n  "produce": { "rate": 5 },\n  "pipelines": [{}, { "topic": "x" }]\n}'), true);
    expect(file?.placeOf(['produce', 'rate'])).toEqual({ line: 2, column: 24 });
    expect(file?.placeOf(['produce', 'rate'], 'name')).toEqual({ line: 2, column: 16 });
    expect(file?.placeOf(['pipelines', 1, 'topic'])).toEqual({ line: 3, column: 32 });
    expect(file?.placeOf(['pipelines', 1, 'name'])).toEqual({ line: 3, column: 21 });
    expect(file?.placeOf([])).toEqual({ line: 1, column: 1 });
  });

  test('names what it holds twice', () => {
    const { duplicates } = readConfig(written('{"a": 1,\n"b": [{"c": 1, "c": 2}],\n"a": 2}'), true) ?? {};
    expect(duplicates).toEqual([
      { line: 2, column: 16, path: ['b', 0, 'c'], message: 'is given twice, first in line 2' },
      { line: 3, column: 1, path: ['a'], message: 'is given twice, first in line 1' },
    ]);
  });
});

describe('the error of a config file', () => {
  const fault = (line: number) => ({ line, column: 3, path: ['pipelines', 0, 'topic'], message: 'is missing' });

  test('names one fault in one line', () => {
    expect(invalidConfig('a.json', [fault(7)]).message).toBe('a.json:7:3: pipelines[0].topic: is missing');
  });

  test('names ten at most, by their lines, and says how many more there are', () => {
    const lines = invalidConfig('a.json', [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map(fault)).message.split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[0]).toBe('a.json has 12 faults');
    expect(lines[1]).toContain('a.json:1:3');
    expect(lines[11]).toContain('2 more');
  });
});
