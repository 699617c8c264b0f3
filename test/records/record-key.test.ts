import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyReader, textKey } from '../../src/records/record-key.ts';

const bytes = (text: string) => Buffer.from(text);

describe('a value as text', () => {
  test.each(['0', '', 'NULL', '浙江省', ' 1 ', '\uFFFD', 'x'.repeat(256)])('%j is its own key', (text) =>
    expect(textKey(bytes(text))).toBe(text),
  );

  test('a record without a value counts as NULL', () => expect(textKey(null)).toBe('NULL'));

  test.each([
    ['a megabyte', Buffer.alloc(1_000_000, 0x61), 'longer than 256 bytes'],
    ['257 bytes', Buffer.alloc(257, 0x61), 'longer than 256 bytes'],
    ['a byte above ASCII alone', Buffer.from([0xff]), 'not UTF-8'],
    ['half a character', bytes('浙').subarray(0, 2), 'not UTF-8'],
    ['another encoding', Buffer.from([0xd5, 0xe3, 0xbd, 0xad]), 'not UTF-8'],
  ])('%s is refused', (_, value, refused) => expect(textKey(value)).toEqual({ refused }));
});

describe('a field of a JSON value', () => {
  const category = keyReader({ field: 'order.items[0].category' });
  const order = (item: unknown) => bytes(JSON.stringify({ order: { items: [item] } }));

  test.each([
    ['a text', 'shoes', 'shoes'],
    ['an empty text', '', ''],
    ['a number', 4.5, '4.5'],
    ['true', true, 'true'],
    ['null', null, 'NULL'],
  ])('%s counts as such', (_, value, key) => expect(category(order({ category: value }))).toBe(key));

  test('an id of 64 bits is not rounded', () => {
    const id = keyReader({ field: 'id' });
    expect(id(bytes('{"id": 9007199254740993, "at": 1700000000000}'))).toBe('9007199254740993');
    expect(id(bytes('{"id": 1700000000000000}'))).toBe('1700000000000000');
  });

  test.each([
    ['a missing field', order({}), 'no field order.items[0].category'],
    ['a missing list', bytes('{}'), 'no field order.items[0].category'],
    ['another kind of JSON', bytes('7'), 'no field order.items[0].category'],
    ['an object', order({ category: {} }), 'order.items[0].category is a list or an object'],
    ['a list', order({ category: [1] }), 'order.items[0].category is a list or an object'],
    ['no JSON', bytes('shoes'), 'not JSON'],
    ['an empty value', bytes(''), 'not JSON'],
    ['a schema registry prefix', Buffer.concat([Buffer.alloc(5), order({ category: 'a' })]), 'not JSON'],
    ['invalid UTF-8', Buffer.concat([bytes('{"a":"'), Buffer.from([0xff]), bytes('"}')]), 'not UTF-8'],
    ['no value', null, 'no value'],
    ['a text of 86 characters in 258 bytes', order({ category: '浙'.repeat(86) }), 'longer than 256 bytes'],
    ['brackets without end', bytes('['.repeat(200_000)), 'not JSON'],
  ])('%s is refused', (_, value, refused) => expect(category(value)).toEqual({ refused }));

  test('a long value is read all the same when its field is short', () => {
    expect(
      category(bytes(JSON.stringify({ rest: 'x'.repeat(1_000_000), order: { items: [{ category: 'a' }] } }))),
    ).toBe('a');
    expect(category(order({ category: '浙'.repeat(85) }))).toBe('浙'.repeat(85));
  });

  test('whatever a topic holds, reading it throws nothing', () => {
    const anything = fc.oneof(
      fc.uint8Array().map((array) => Buffer.from(array)),
      fc.json().map(bytes),
    );
    const filtered = keyReader({ field: 'a', whereValue: [{ field: 'b', greaterThan: 1, notEquals: 3 }] });
    fc.assert(
      fc.property(anything, (value) => [textKey, category, filtered].every((read) => read(value) !== undefined)),
    );
  });
});

describe('conditions on a JSON value', () => {
  const passes = (condition: object, value: unknown) =>
    keyReader({ field: 'k', whereValue: [{ field: 'type', ...condition }] })(
      bytes(JSON.stringify({ k: 'key', ...(value === undefined ? {} : { type: value }) })),
    ) === 'key';

  test.each([
    [{ equals: 'buy' }, ['buy'], ['click', undefined, null, ['buy'], 'BUY']],
    [{ equals: 5 }, [5, '5', 5.0], [6, '05', undefined]],
    [{ equals: null }, [null], ['', undefined, 0]],
    [{ notEquals: 'buy' }, ['click', undefined, null, {}], ['buy']],
    [{ in: ['a', 2] }, ['a', 2, '2'], ['b', undefined, null, []]],
    [{ exists: true }, ['a', null, {}], [undefined]],
    [{ exists: false }, [undefined], ['a', null]],
    [{ greaterThan: 10 }, [11, '10.5'], [10, '', 'x', null, undefined, [11]]],
    [{ lessThan: 10 }, [9, '-1'], [10, '', null, undefined, true]],
    [{ greaterThan: 1, lessThan: 3 }, [2], [1, 3]],
  ])('%j', (condition, passing, failing) => {
    for (const value of passing) expect(passes(condition, value), JSON.stringify(value)).toBe(true);
    for (const value of failing) expect(passes(condition, value), JSON.stringify(value)).toBe(false);
  });

  test('all must hold, and what they leave out is no fault even without the counted field', () => {
    const read = keyReader({
      field: 'city',
      whereValue: [
        { field: 'type', equals: 'buy' },
        { field: 'price', greaterThan: 10 },
      ],
    });
    expect(read(bytes('{"type": "buy", "price": 11, "city": "杭州"}'))).toBe('杭州');
    expect(read(bytes('{"type": "buy", "price": 9, "city": "杭州"}'))).toBeNull();
    expect(read(bytes('{"type": "click"}'))).toBeNull();
    expect(read(bytes('{"type": "buy", "price": 11}'))).toEqual({ refused: 'no field city' });
  });

  test('without a field, the whole value of those that pass is the key', () => {
    expect(keyReader({ whereValue: [{ field: 'a', exists: true }] })(bytes('{"a":1}'))).toBe('{"a":1}');
  });
});
