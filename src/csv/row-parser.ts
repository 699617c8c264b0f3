import { countFeeds, type Frame, frameRow, lineEnd, linesAreRows, parseQuoted, quoteFault } from './quoted-rows.ts';
import type { RejectedRow, RejectReason } from './rejected-row.ts';
import { type BadLine, longestRow, type TextBlock } from './text-blocks.ts';

export interface ParsedRows {
  /** The picked cells of each row. */
  rows: string[][];
  rejects: RejectedRow[];
}

const feed = 0x0a;
// Rows with quotes are handed to csv-parse together: a call of its own for each costs five times as much.
const quotedRun = 256;

/**
 * Reads rows from blocks of whole lines.
 *
 * Lines before the next quote need no parser: they are cut at the delimiter, and only the cells that are asked for are
 * made into strings. Rows with quotes are framed here by counting quotes (a row ends at a line end with an even number
 * of them behind it) and read by csv-parse. Whatever is wrong with a row costs the line that it begins on and nothing
 * more: an unclosed quote would otherwise take all rows up to the next quote with it.
 */
export class RowParser {
  readonly #delimiter: string;
  readonly #strict: boolean;
  #text = '';
  #position = 0;
  /** Number of the line that `#position` is at. */
  #line = 1;
  /** The first quote at or after `#position`, the text's length when there is none. */
  #nextQuote = 0;
  readonly #badLines = new Map<number, BadLine>();
  #ended = false;
  #columns = 0;
  /** Column → place in the picked row, or -1. */
  #slots = new Int32Array(0);
  #width = 0;
  #out: ParsedRows = { rows: [], rejects: [] };
  #afterFirst = { position: 0, line: 1 };

  /** @param strict stops at the first rejected row: no row after it is handed out. */
  constructor(delimiter: string, strict: boolean) {
    this.#delimiter = delimiter;
    this.#strict = strict;
  }

  /** Adds lines. All complete rows of what was added before should have been taken. */
  append({ text, badLines }: TextBlock): void {
    const rest = this.#text.slice(this.#position);
    if (badLines.size > 0) {
      const first = this.#line + countFeeds(rest);
      for (const [index, bad] of badLines) this.#badLines.set(first + index, bad);
    }
    this.#text = rest + text;
    this.#position = 0;
    this.#nextQuote = -1;
  }

  /** No more lines follow: a quote that is still open stays open. */
  end(): void {
    this.#ended = true;
  }

  /** Which cells of a row of `columns` cells to hand out, and in which order. */
  pick(columns: number, picked: readonly number[]): void {
    this.#columns = columns;
    this.#slots = new Int32Array(columns).fill(-1);
    this.#width = picked.length;
    for (const [slot, column] of picked.entries()) this.#slots[column] = slot;
  }

  /** All cells of the first row, which stays to be read; undefined while it is not complete. */
  peekFirst(): string[] | undefined {
    while (this.#position < this.#text.length) {
      const eol = this.#text.indexOf('\n', this.#position);
      const blank = lineEnd(this.#text, this.#position, eol) === this.#position;
      const bad = this.#badLines.get(this.#line);
      if (blank || bad) {
        if (bad && this.#reject(bad.reason, bad.encodingHint)) return undefined;
        if (blank && !bad) this.#skipLine(eol);
        continue;
      }
      const frame = this.#frame();
      if (frame === 'incomplete') return undefined;
      const cells = frame === 'unclosed' ? undefined : this.#parse([frame])?.[0];
      if (frame !== 'unclosed' && cells) {
        this.#afterFirst = { position: frame.end, line: this.#line + frame.lines };
        return cells;
      }
      if (this.#reject(this.#quoteFault())) return undefined;
    }
    return undefined;
  }

  /** What has been rejected since the last `take`. */
  get rejects(): readonly RejectedRow[] {
    return this.#out.rejects;
  }

  /** Leaves out the row that `peekFirst` has shown. */
  skipFirst(): void {
    this.#position = this.#afterFirst.position;
    this.#line = this.#afterFirst.line;
  }

  /** Takes all rows that are complete, and the rejects since the last call. */
  take(): ParsedRows {
    while (this.#position < this.#text.length && !this.#stopped()) {
      const plainEnd = this.#endOfPlainLines();
      if (plainEnd > this.#position) this.#takePlain(plainEnd);
      else if (!this.#takeQuoted()) break;
    }
    const taken = this.#out;
    this.#out = { rows: [], rejects: [] };
    return taken;
  }

  #stopped(): boolean {
    return this.#out.rejects.length > 0 && (this.#strict || this.#out.rejects.at(-1)?.encodingHint !== undefined);
  }

  #seekQuote(): number {
    if (this.#nextQuote < this.#position) {
      const found = this.#text.indexOf('"', this.#position);
      this.#nextQuote = found < 0 ? this.#text.length : found;
    }
    return this.#nextQuote;
  }

  #endOfPlainLines(): number {
    const quote = this.#seekQuote();
    return quote === this.#text.length ? quote : this.#text.lastIndexOf('\n', quote) + 1;
  }

  // The hot loop: every character of an ordinary file passes here once.
  #takePlain(end: number): void {
    const text = this.#text;
    const slots = this.#slots;
    const delimiter = this.#delimiter.charCodeAt(0);
    const { rows } = this.#out;
    let row: string[] = new Array(this.#width);
    let column = 0;
    let cell = this.#position;
    for (let at = cell; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === delimiter) {
        const slot = slots[column] ?? -1;
        if (slot >= 0) row[slot] = text.substring(cell, at);
        column += 1;
        cell = at + 1;
      } else if (code === feed) {
        const stop = lineEnd(text, this.#position, at);
        const bad = this.#badLines.size > 0 ? this.#badLines.get(this.#line) : undefined;
        if (column + 1 === this.#columns && !bad && stop > this.#position && stop - this.#position <= longestRow) {
          const slot = slots[column] ?? -1;
          if (slot >= 0) row[slot] = text.substring(cell, stop);
          rows.push(row);
          row = new Array(this.#width);
          this.#skipLine(at);
        } else if (stop === this.#position && !bad) {
          this.#skipLine(at);
        } else if (this.#reject(bad?.reason ?? this.#columnFault(column + 1, stop), bad?.encodingHint)) {
          return;
        }
        column = 0;
        cell = at + 1;
      }
    }
  }

  /** Reads rows that have quotes; false when the last one is not complete yet. */
  #takeQuoted(): boolean {
    const start = { position: this.#position, line: this.#line };
    const frames: Frame[] = [];
    let broken: Frame | 'incomplete' | 'unclosed' | undefined;
    while (frames.length < quotedRun && this.#endOfPlainLines() <= this.#position) {
      if (this.#position >= this.#text.length) break;
      const frame = this.#badLines.has(this.#line) ? 'unclosed' : this.#frame();
      if (typeof frame === 'string') {
        broken = frame;
        break;
      }
      frames.push(frame);
      this.#position = frame.end;
      this.#line += frame.lines;
    }
    this.#position = start.position;
    this.#line = start.line;
    this.#nextQuote = -1;
    const together = frames.length > 0 ? this.#parse(frames) : [];
    for (const [index, frame] of frames.entries()) {
      const cells = together ? together[index] : this.#parse([frame])?.[0];
      const severalRows = cells !== undefined && linesAreRows(this.#text, frame, this.#delimiter, this.#columns);
      if (cells?.length === this.#columns && !severalRows) {
        this.#out.rows.push(this.#picked(cells));
        this.#position = frame.end;
        this.#line += frame.lines;
        continue;
      }
      this.#reject(cells && !severalRows ? this.#columnFault(cells.length, frame.start) : this.#quoteFault());
      // What follows on the other lines of this row is framed anew.
      return true;
    }
    if (broken === 'incomplete') return false;
    if (broken === 'unclosed') {
      const bad = this.#badLines.get(this.#line);
      this.#reject(bad?.reason ?? this.#quoteFault(), bad?.encodingHint);
    }
    return true;
  }

  /** Finds the end of the row at `#position`. */
  #frame(): Frame | 'incomplete' | 'unclosed' {
    const frame = frameRow(this.#text, this.#position, this.#seekQuote(), (line) =>
      this.#badLines.has(this.#line + line),
    );
    return frame === 'incomplete' && this.#ended ? 'unclosed' : frame;
  }

  #parse(frames: readonly Frame[]): string[][] | undefined {
    return parseQuoted(this.#text, frames, this.#delimiter);
  }

  #picked(cells: readonly string[]): string[] {
    const row: string[] = new Array(this.#width);
    for (const [column, slot] of this.#slots.entries()) if (slot >= 0) row[slot] = cells[column] ?? '';
    return row;
  }

  #columnFault(columns: number, stop: number): RejectReason {
    if (stop - this.#position > longestRow) return 'too long';
    return columns < this.#columns ? 'too few columns' : 'too many columns';
  }

  // A row that took in further lines before it failed is judged by its first line alone.
  #quoteFault(): RejectReason {
    const eol = this.#text.indexOf('\n', this.#position);
    const end = lineEnd(this.#text, this.#position, eol);
    if (end - this.#position > longestRow) return 'too long';
    return quoteFault(this.#text.slice(this.#position, end), this.#delimiter);
  }

  #skipLine(eol: number): void {
    this.#position = eol + 1;
    this.#line += 1;
  }

  /** Leaves out the line at `#position`; true when nothing after it is to be read. */
  #reject(reason: RejectReason, encodingHint?: string): boolean {
    const eol = this.#text.indexOf('\n', this.#position);
    const end = Math.min(lineEnd(this.#text, this.#position, eol), this.#position + longestRow);
    const raw = this.#text.slice(this.#position, end);
    this.#out.rejects.push({ line: this.#line, reason, raw, ...(encodingHint ? { encodingHint } : {}) });
    this.#badLines.delete(this.#line);
    this.#skipLine(eol);
    return this.#stopped();
  }
}
