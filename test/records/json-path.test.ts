import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonPath, valueAt } from '../../src/records/json-path.ts';

describe('a path', () => {
  test.each([
    ['type', ['type']],
    ['order.items[0].category', ['order', 'items', 0, 'category']],
    ['[2][0].x', [2, 0, 'x']],
    [`["a.b"].c`, ['a.b', 'c']],
    [`tags['it "is"'][1]`, ['tags', 'it "is"', 1]],
    ['用户.城市', ['用户', '城市']],
    ['@timestamp', ['@timestamp']],
    ['user-id.$oid', ['user-id', '$oid']],
    [`[""]`, ['']],
  ])('%s leads through %j', (text, path) => expect(parseJsonPath(text)).toEqual(path));

  test.each(['', '.', '.a', 'a.', 'a..b', 'a[', 'a[x]', 'a[-1]', 'a[1', 'a["b]', 'a"b"', 'a]', 'a.[0]', '[0]b'])(
    '%j is none',
    (text) => expect(parseJsonPath(text)).toBeUndefined(),
  );

  test('any text is read or refused, without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseJsonPath(text)));
  });
});

describe('the value at the end of a path', () => {
  const value = { order: { items: [{ category: 'shoes' }], 'a.b': null }, 0: 'zero' };

  test.each([
    ['order.items[0].category', 'shoes'],
    ['order["a.b"]', null],
    ['["0"]', 'zero'],
    ['order.items[1]', undefined],
    ['order.items.length', undefined],
    ['order.items.category', undefined],
    ['[0]', undefined],
    ['order["a.b"].c', undefined],
    ['order.constructor', undefined],
    ['__proto__', undefined],
  ])('%s is %j', (text, expected) => expect(valueAt(value, parseJsonPath(text) ?? [])).toEqual(expected));
});
