import { array, assert, boolean, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { centerLine, cutLine, cutText, lineWidth, padLine, segment, widthOf } from '../../src/tui/line.ts';
import { textOf } from './_states.ts';

describe('segment', () => {
  test('what a terminal would take for a command becomes a space', () => {
    expect(segment('a\u001b[2Jb\r\nc\u202ed\u2028e').text).toBe('a [2Jb c d e');
  });
});

describe('widths', () => {
  test('a Chinese character takes two cells', () => {
    expect(widthOf('女生 5')).toBe(6);
  });

  test('a text is cut at a whole character, with a mark', () => {
    expect(cutText('内蒙古', 6)).toBe('内蒙古');
    expect(cutText('内蒙古', 5)).toBe('内蒙…');
    expect(cutText('内蒙古', 4)).toBe('内…');
    expect(cutText('abc', 0)).toBe('');
  });

  test('a line is cut where its pieces meet as well as inside them', () => {
    const line = [segment('abc', 'good'), segment('def', 'bad')];
    expect(textOf(cutLine(line, 6))).toBe('abcdef');
    expect(textOf(cutLine(line, 5))).toBe('abcd…');
    expect(textOf(cutLine(line, 4))).toBe('abc…');
    expect(textOf(cutLine(line, 3))).toBe('ab…');
    expect(textOf(cutLine(line, 0))).toBe('');
  });

  test('a line is padded by cells, not by characters', () => {
    expect(textOf(padLine([segment('女生')], 6))).toBe('女生  ');
    expect(textOf(padLine([segment('女生')], 6, 'right'))).toBe('  女生');
    expect(textOf(centerLine([segment('女生')], 8))).toBe('  女生');
  });

  test('no text is wider than it was cut to', () => {
    assert(
      property(array(string({ unit: 'binary' })), integer({ min: 0, max: 40 }), boolean(), (parts, width, center) => {
        const line = parts.map((part) => segment(part));
        const cut = center ? centerLine(line, width) : cutLine(line, width);
        expect(lineWidth(cut)).toBeLessThanOrEqual(width);
        expect(widthOf(cutText(parts.join(''), width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
