import stringWidth from 'string-width';

/** What a piece of text means; what colour that is, only `colors.ts` knows. */
export type Tone = 'text' | 'muted' | 'female' | 'male' | 'first' | 'second' | 'third' | 'good' | 'warn' | 'bad';

export interface Segment {
  text: string;
  tone: Tone;
  bold?: boolean;
}

/** One row of the screen. */
export type Line = readonly Segment[];

// Values of a CSV may hold anything: controls, bidirectional overrides, private glyphs. None may reach the terminal.
const unprintable = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/** A piece of a line, from any text: what a terminal could take for a command becomes a space. */
export function segment(text: string, tone: Tone = 'text', bold = false): Segment {
  const printable = text.replace(unprintable, ' ');
  return bold ? { text: printable, tone, bold } : { text: printable, tone };
}

/** Cells of the terminal that a text takes; a Chinese character takes two. */
export const widthOf = (text: string): number => stringWidth(text);

/** Cells of the terminal that a line takes. */
export const lineWidth = (line: Line): number => line.reduce((width, { text }) => width + widthOf(text), 0);

const graphemes = new Intl.Segmenter();

// As much of the beginning as `width` cells hold; a character of two cells is not halved.
function beginningOf(text: string, width: number): string {
  let kept = '';
  for (const { segment: grapheme } of graphemes.segment(text)) {
    if (widthOf(kept + grapheme) > width) break;
    kept += grapheme;
  }
  return kept;
}

/** The text if it fits, else its beginning and `…`: never wider than `width`. */
export function cutText(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width > 0 ? `${beginningOf(text, width - 1)}…` : '';
}

/** The line if it fits, else its beginning and `…`: never wider than `width`. */
export function cutLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Segment[] = [];
  // The last cell is for the `…` that says that there is more.
  let left = width - 1;
  for (const part of line) {
    const partWidth = widthOf(part.text);
    if (partWidth > left) {
      if (left >= 0) kept.push({ ...part, text: `${beginningOf(part.text, left)}…` });
      break;
    }
    kept.push(part);
    left -= partWidth;
  }
  return kept;
}

export const spaces = (width: number): Segment => ({ text: ' '.repeat(Math.max(0, width)), tone: 'text' });

/** The line, filled with spaces on its right to `width` cells, or on its left when `align` is `right`. */
export function padLine(line: Line, width: number, align: 'left' | 'right' = 'left'): Line {
  const missing = width - lineWidth(line);
  if (missing <= 0) return line;
  return align === 'left' ? [...line, spaces(missing)] : [spaces(missing), ...line];
}

/** The line in the middle of `width` cells. */
export function centerLine(line: Line, width: number): Line {
  const cut = cutLine(line, width);
  return [spaces(Math.floor((width - lineWidth(cut)) / 2)), ...cut];
}
