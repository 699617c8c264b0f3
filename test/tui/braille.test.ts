import { array, assert, constant, double, integer, oneof, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawBraille } from '../../src/tui/braille.ts';

const solid = [1, 0] as const;
const charsOf = (rows: { char: string }[][]) => rows.map((row) => row.map(({ char }) => char).join(''));
const dotsIn = (rows: { char: string }[][]) =>
  charsOf(rows)
    .join('')
    .replaceAll(' ', '')
    .split('')
    .reduce((sum, char) => sum + (char.charCodeAt(0) - 0x2800).toString(2).replaceAll('0', '').length, 0);

describe('drawBraille', () => {
  test('a row of zeros is the lowest row of dots', () => {
    const drawing = drawBraille([{ points: [0, 0, 0], dash: solid }], { columns: 3, rows: 2, top: 10 });
    expect(charsOf(drawing)).toEqual(['   ', '⣀⣀⣀']);
  });

  test('the greatest value is the highest row of dots', () => {
    const drawing = drawBraille([{ points: [10, 10], dash: solid }], { columns: 3, rows: 2, top: 10 });
    expect(charsOf(drawing)).toEqual(['⠉⠉⠉', '   ']);
  });

  test('a rise is drawn dot by dot from corner to corner', () => {
    const drawing = drawBraille([{ points: [0, 3], dash: solid }], { columns: 2, rows: 1, top: 3 });
    expect(charsOf(drawing)).toEqual(['⡠⠊']);
  });

  test('a gap stays empty and a point alone between gaps is one dot', () => {
    const drawing = drawBraille([{ points: [0, null, 0, null, 0], dash: [4, 3] }], { columns: 5, rows: 1, top: 1 });
    expect(dotsIn(drawing)).toBe(3);
    expect(drawing[0]?.[1]?.char).toBe(' ');
  });

  test('a dashed line has fewer dots than a whole one, and its ends apart', () => {
    const points = Array.from({ length: 40 }, () => 5);
    const size = { columns: 20, rows: 2, top: 10 };
    expect(dotsIn(drawBraille([{ points, dash: solid }], size))).toBe(40);
    expect(dotsIn(drawBraille([{ points, dash: [4, 3] }], size))).toBe(23);
  });

  test('a character that two curves share keeps the dots of both and the colour of the one with more', () => {
    const drawing = drawBraille(
      [
        { points: [null, 0], dash: solid },
        { points: [3, 3], dash: solid },
      ],
      { columns: 1, rows: 1, top: 3 },
    );
    expect(drawing).toEqual([[{ char: '⢉', curve: 1 }]]);
  });

  test('any curve makes a drawing of exactly the size that was asked for, of braille and spaces only', () => {
    const point = oneof(constant(null), double({ min: -1e9, max: 1e9, noNaN: true }));
    assert(
      property(
        array(array(point), { maxLength: 3 }),
        integer({ min: 0, max: 40 }),
        integer({ min: 0, max: 9 }),
        integer({ min: 0, max: 9 }),
        (curves, columns, rows, top) => {
          const drawing = charsOf(
            drawBraille(
              curves.map((points) => ({ points, dash: [4, 3] as const })),
              { columns, rows, top },
            ),
          );
          expect(drawing).toHaveLength(rows);
          for (const line of drawing) expect(line).toMatch(new RegExp(`^[ \\u2801-\\u28ff]{${columns}}$`));
        },
      ),
    );
  });
});
