import { array, assert, boolean, integer, property, record, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cell, fitCells, rightCell } from '../../src/tui/fit-cells.ts';
import { lineWidth, segment } from '../../src/tui/line.ts';
import { textOf } from './_states.ts';

const text = (value: string) => [segment(value)];

describe('fitCells', () => {
  const cells = [cell(0, text('name')), cell(1, text('important'), text('imp')), cell(2, text('nice'))];

  test('all is shown where there is room', () => {
    expect(textOf(fitCells(cells, 21))).toBe('name  important  nice');
  });

  test('the least important leaves first, then the next becomes shorter, then leaves', () => {
    expect(textOf(fitCells(cells, 20))).toBe('name  important');
    expect(textOf(fitCells(cells, 14))).toBe('name  imp');
    expect(textOf(fitCells(cells, 8))).toBe('name');
  });

  test('what never leaves is cut in the end', () => {
    expect(textOf(fitCells(cells, 3))).toBe('na…');
  });

  test('a cell with a rank for each step may become shorter before another leaves', () => {
    const stepped = [cell(2, text('abc')), cell([3, 1], text('long'), text('l'))];
    expect(textOf(fitCells(stepped, 8))).toBe('abc  l');
    expect(textOf(fitCells(stepped, 5))).toBe('l');
  });

  test('right cells stand at the right end', () => {
    expect(textOf(fitCells([cell(0, text('a')), rightCell(1, text('b')), rightCell(2, text('c'))], 10))).toBe(
      'a     b  c',
    );
    expect(textOf(fitCells([cell(0, text('a')), rightCell(1, text('b')), rightCell(2, text('c'))], 5))).toBe('a   b');
  });

  test('no line is wider than it may be, and what never leaves is there whenever it fits alone', () => {
    const some = record({
      rank: integer({ min: 1, max: 5 }),
      words: array(string({ unit: 'grapheme' })),
      right: boolean(),
    });
    assert(
      property(array(some, { maxLength: 8 }), integer({ min: 0, max: 60 }), (others, width) => {
        const line = fitCells(
          [
            cell(0, text('kept')),
            ...others.map(({ rank, words, right }) => ({ rank, right, variants: words.map(text) })),
          ],
          width,
        );
        expect(lineWidth(line)).toBeLessThanOrEqual(width);
        if (width >= 4) expect(textOf(line)).toMatch(/^kept/);
      }),
    );
  });
});
