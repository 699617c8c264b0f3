import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeWindowCount, encodeWindowCount, type WindowCount } from '../../src/records/window-count.ts';

const context = { pipeline: 'gender', window: 1_000 };
const window = (counts: [string, number][], more: Partial<WindowCount> = {}): WindowCount => ({
  pipeline: 'gender',
  start: 1_000,
  end: 2_000,
  revision: 0,
  lateDropped: 0,
  counts: new Map(counts),
  ...more,
});

describe('a result record', () => {
  test('has the list of the lab as its value, keys in code-unit order', () => {
    const { value } = encodeWindowCount(
      window([
        ['2', 1],
        ['0', 3],
        ['10', 7],
        ['1', 5],
        ['NULL', 2],
      ]),
    );
    expect(value).toBe('[{"0":3},{"1":5},{"10":7},{"2":1},{"NULL":2}]');
  });

  test('is keyed by its window, dated at its end, and says what it is in headers', () => {
    expect(encodeWindowCount(window([['0', 3]], { revision: 2, lateDropped: 7 }))).toMatchObject({
      key: '1000/2000',
      timestamp: 2_000,
      headers: { pipeline: 'gender', 'window-start': '1000', 'window-end': '2000', revision: '2', 'late-dropped': '7' },
    });
  });

  test('can be a self-describing object, in the same key order', () => {
    const { value } = encodeWindowCount(
      window([
        ['1', 5],
        ['0', 3],
      ]),
      'object',
    );
    expect(value).toBe(
      '{"pipeline":"gender","windowStart":1000,"windowEnd":2000,"revision":0,"lateDropped":0,"counts":{"0":3,"1":5}}',
    );
  });

  test('reads back as it was written, in both formats and with any keys', () => {
    const counts = fc.dictionary(fc.string({ unit: 'binary' }), fc.nat()).map((object) => Object.entries(object));
    const roundTrip = fc.property(
      counts,
      fc.nat(),
      fc.nat(),
      fc.constantFrom('list', 'object'),
      (entries, revision, lateDropped, format) => {
        const original = window(
          entries.filter(([key]) => key !== '__proto__'),
          { revision, lateDropped },
        );
        expect(decodeWindowCount(encodeWindowCount(original, format), context)).toEqual(original);
      },
    );
    fc.assert(roundTrip);
  });

  test('without headers belongs to the window that its timestamp falls in', () => {
    const record = { key: null, value: '[{"0":3},{"1":5}]', timestamp: 1_732_000_000_456, headers: {} };
    expect(decodeWindowCount(record, context)).toEqual(
      window(
        [
          ['0', 3],
          ['1', 5],
        ],
        { start: 1_732_000_000_000, end: 1_732_000_001_000 },
      ),
    );
  });

  test.each([
    ['text', 'not JSON'],
    ['[1]', 'not a list'],
    ['[{"0":-1}]', 'not a whole number'],
    ['[{"0":"3"}]', 'not a whole number'],
    ['[{"0":1.5}]', 'not a whole number'],
    ['null', 'not a list'],
  ])('with the value %s is called invalid, with the reason', (value, reason) => {
    const decoded = decodeWindowCount({ key: null, value, timestamp: 0, headers: {} }, context);
    expect(decoded).toHaveProperty('invalid', expect.stringContaining(reason));
  });

  test.each(['', 'x', '1e3', '99999999999999999999'])(
    'with the header window-start %j is read as if it had none',
    (text) => {
      const record = {
        key: null,
        value: '[]',
        timestamp: 5_500,
        headers: { 'window-start': text, 'window-end': '6000' },
      };
      expect(decodeWindowCount(record, context)).toMatchObject({ start: 5_000, end: 6_000 });
    },
  );
});
