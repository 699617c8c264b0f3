import { parse } from 'csv-parse/sync';
import { longestRow } from './text-blocks.ts';

/** Where a row is in a text, its last line feed included. */
export interface Frame {
  start: number;
  end: number;
  lines: number;
}

const carriageReturn = 0x0d;

// Delimiters in the right number on line after line: fewer may be chance, as in a text with a comma here and there.
const convincingDelimiters = 8;

/** Where a line's text ends, given where its line feed is: before the CR of a CRLF. */
export const lineEnd = (text: string, start: number, eol: number): number =>
  eol > start && text.charCodeAt(eol - 1) === carriageReturn ? eol - 1 : eol;

/** How many line feeds a text has. */
export function countFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/**
 * Finds the end of a row: the first line end with an even number of quotes before it.
 * @param quote where the first quote at or after `start` is.
 * @param isBad whether the line so many lines after the first is no text; no row goes on over such a line.
 */
export function frameRow(
  text: string,
  start: number,
  quote: number,
  isBad: (line: number) => boolean,
): Frame | 'incomplete' | 'unclosed' {
  let nextQuote = quote;
  let open = false;
  let at = start;
  for (let lines = 1; ; lines++) {
    const eol = text.indexOf('\n', at);
    if (eol < 0) return 'incomplete';
    for (; nextQuote < eol; open = !open) {
      const found = text.indexOf('"', nextQuote + 1);
      nextQuote = found < 0 ? text.length : found;
    }
    if (eol - start > longestRow) return 'unclosed';
    if (!open) return { start, end: eol + 1, lines };
    if (isBad(lines)) return 'unclosed';
    at = eol + 1;
  }
}

/** The cells of framed rows; undefined when one of them is not well-formed. */
export function parseQuoted(text: string, frames: readonly Frame[], delimiter: string): string[][] | undefined {
  const rows = frames.map(({ start, end }) => text.slice(start, lineEnd(text, start, end - 1)));
  try {
    return parse(rows.join('\n'), { delimiter, record_delimiter: '\n', relax_column_count: true });
  } catch {
    return undefined;
  }
}

/** What is wrong with the quotes of a line that is no row by itself. */
export function quoteFault(line: string, delimiter: string): 'unclosed quote' | 'stray quote' {
  try {
    parse(line, { delimiter, record_delimiter: '\n' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'CSV_QUOTE_NOT_CLOSED')) return 'stray quote';
  }
  return 'unclosed quote';
}

/**
 * Whether a row of several lines is really one with an unclosed quote, that some later stray quote happened to close:
 * then most lines after its first have as many columns as a row, which the lines of a text in a cell do not.
 */
export function linesAreRows(text: string, { start, end, lines }: Frame, delimiter: string, columns: number): boolean {
  if (lines === 1) return false;
  let alike = 0;
  for (let at = text.indexOf('\n', start) + 1; at < end; ) {
    const eol = text.indexOf('\n', at);
    if (text.slice(at, eol).split(delimiter).length === columns) alike += 1;
    at = eol + 1;
  }
  return alike * 2 >= lines - 1 && alike * (columns - 1) >= convincingDelimiters;
}
