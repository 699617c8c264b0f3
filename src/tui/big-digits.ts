// Three rows of box-drawing strokes: the same weight as the chart's axis, and readable from across a room.
const glyphs: Readonly<Record<string, readonly [string, string, string]>> = {
  0: ['┏━┓', '┃ ┃', '┗━┛'],
  1: [' ╻ ', ' ┃ ', ' ╹ '],
  2: ['╺━┓', '┏━┛', '┗━╸'],
  3: ['╺━┓', '╺━┫', '╺━┛'],
  4: ['╻ ╻', '┗━┫', '  ╹'],
  5: ['┏━╸', '┗━┓', '╺━┛'],
  6: ['┏━╸', '┣━┓', '┗━┛'],
  7: ['╺━┓', '  ┃', '  ╹'],
  8: ['┏━┓', '┣━┫', '┗━┛'],
  9: ['┏━┓', '┗━┫', '╺━┛'],
  ',': [' ', ' ', '╻'],
  '.': [' ', ' ', '╹'],
};

const blank: readonly [string, string, string] = ['   ', '   ', '   '];
const missing: readonly [string, string, string] = ['   ', '╺━╸', '   '];

/** A number, as `formatCount` writes it and padded or not, in three rows of equal width. */
export function bigDigits(text: string): string[] {
  const columns = [...text].map((char) => (char === ' ' ? blank : (glyphs[char] ?? missing)));
  return [0, 1, 2].map((row) => columns.map((column) => column[row]).join(' '));
}
