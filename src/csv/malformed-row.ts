const comma = 0x2c;
const lineFeed = 0x0a;
const quote = 0x22;

/**
 * Spoils rows, each kind in its turn, so that any ten in a row hold all kinds: too few columns, too many, a quote that is
 * not closed, a quote inside a cell, bytes that are no text.
 * @returns a function that spoils the row at [start, end) of the target and returns the new end.
 */
export function malformedRow(random: () => number): (target: Buffer, start: number, end: number) => number {
  const kinds = [cutShort, addColumns, leaveOpen, strayQuote, noText];
  let turn = 0;
  return (target, start, end) => {
    const kind = kinds[turn++ % kinds.length] ?? cutShort;
    return kind(target, start, end, random);
  };
}

type Spoil = (target: Buffer, start: number, end: number, random: () => number) => number;

const cutShort: Spoil = (target, start, end, random) => {
  const at = nthComma(target, start, end, 1 + (random() % 9));
  target[at] = lineFeed;
  return at + 1;
};

const addColumns: Spoil = (target, _start, end, random) => {
  let at = end - 1;
  for (let more = 1 + (random() % 3); more > 0; more--) {
    target[at++] = comma;
    target[at++] = 0x30;
  }
  target[at] = lineFeed;
  return at + 1;
};

const leaveOpen: Spoil = (target, start, end, random) =>
  insertQuote(target, nthComma(target, start, end, 1 + (random() % 9)) + 1, end);

// After the first character of a cell: at its start it would be an opening quote.
const strayQuote: Spoil = (target, start, end, random) =>
  insertQuote(target, nthComma(target, start, end, 1 + (random() % 9)) + 2, end);

const noText: Spoil = (target, start, _end, random) => {
  const length = 20 + (random() % 60);
  // A byte that begins no character in UTF-8 or GB18030.
  target[start] = 0xff;
  for (let at = start + 1; at < start + length; at++) {
    const byte = random() >>> 24;
    // Line ends would make two lines of it, and a zero byte is taken for a binary file.
    target[at] = byte === 0 || byte === 0x0a || byte === 0x0d ? 0xfe : byte;
  }
  target[start + length] = lineFeed;
  return start + length + 1;
};

function insertQuote(target: Buffer, at: number, end: number): number {
  target.copyWithin(at + 1, at, end);
  target[at] = quote;
  return end + 1;
}

/** Where the n-th comma of a row is, from 1. */
function nthComma(target: Buffer, start: number, end: number, n: number): number {
  let at = start - 1;
  for (let found = 0; found < n; found++) at = target.indexOf(comma, at + 1);
  return Math.min(at, end - 1);
}
