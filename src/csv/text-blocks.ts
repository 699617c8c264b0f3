import { isUtf8 } from 'node:buffer';
import { DashctlError } from '../runtime/errors.ts';
import { refuseBinary } from './refuse-binary.ts';

/** Characters that one row may have; what is longer is no row, and must not fill the memory. */
export const longestRow = 128 * 1024;

// No character takes more bytes than four: a line of more bytes than this is longer than `longestRow`.
const longestLineBytes = 4 * longestRow;
const probeBytes = 64 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A line that cannot be a row, whatever its columns say. */
export interface BadLine {
  reason: 'not text' | 'too long';
  /** Set when the line is no exception: the whole file is in another encoding, and this is what to do about it. */
  encodingHint?: string;
}

/** Whole lines of a file, each ended by a line feed, decoded. */
export interface TextBlock {
  text: string;
  /** By the line's place in the block, from 0. */
  badLines: ReadonlyMap<number, BadLine>;
}

/**
 * Turns bytes into blocks of whole lines. How the bytes are cut into chunks does not show: only blocks differ.
 * LF, CRLF (the CR stays, as the row's last character) and CR alone end a line; a byte order mark is dropped.
 * @throws DashctlError `CSV_INVALID` for what is no text, `USAGE` for an encoding that does not exist.
 */
export async function* textBlocks(
  chunks: AsyncIterable<Buffer>,
  { encoding, name }: { encoding: string; name: string },
): AsyncGenerator<TextBlock> {
  const decode = lineDecoder(encoding.startsWith('utf-16') ? 'utf-8' : encoding);
  const cut = lineCutter();
  const probe: Buffer[] = [];
  let probed = 0;
  let first = true;
  const blockOf = (lines: Buffer): TextBlock => {
    const { text, badLines } = decode(lines);
    const marked = first && text.charCodeAt(0) === 0xfeff;
    first = false;
    return { text: marked ? text.slice(1) : text, badLines };
  };
  for await (const chunk of recode(chunks, encoding)) {
    if (probed < probeBytes) {
      probe.push(chunk.subarray(0, probeBytes - probed));
      probed += chunk.length;
      refuseBinary(Buffer.concat(probe), name, encoding);
    }
    const lines = cut(chunk);
    if (lines) yield blockOf(lines);
  }
  const rest = cut(undefined);
  if (rest) yield blockOf(rest);
}

/**
 * Checks the name of an encoding and gives its usual form.
 * @throws DashctlError `USAGE` when there is no such encoding.
 */
export function encodingOf(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw new DashctlError('USAGE', `unknown encoding "${label}"`, {
      hint: 'such as utf-8, gb18030, big5, shift_jis, windows-1252, utf-16le',
    });
  }
}

// In every other encoding a line feed is one byte that is part of no other character, so lines can be cut before decoding.
async function* recode(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  if (!encoding.startsWith('utf-16')) {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/** Gathers bytes to whole lines, of one that is too long only the beginning; called with undefined at the end. */
function lineCutter(): (chunk: Buffer | undefined) => Buffer | undefined {
  let terminator: number | undefined;
  let held: Buffer[] = [];
  let heldBytes = 0;
  // The rest of a line that was too long, up to its end.
  let skipping = false;

  const hold = (bytes: Buffer) => {
    if (bytes.length === 0) return;
    held.push(bytes);
    heldBytes += bytes.length;
  };
  const release = (...more: Buffer[]): Buffer => {
    const bytes = Buffer.concat([...held, ...more]);
    held = [];
    heldBytes = 0;
    return bytes;
  };
  const feed = Buffer.from([lineFeed]);

  return (chunk) => {
    if (chunk === undefined) {
      skipping = false;
      if (heldBytes === 0) return undefined;
      const bytes = release();
      if (terminator === undefined) replaceReturns(bytes);
      return bytes.at(-1) === lineFeed ? bytes : Buffer.concat([bytes, feed]);
    }
    let bytes = chunk;
    if (terminator === undefined) {
      bytes = release(chunk);
      terminator = terminatorOf(bytes);
      if (terminator === carriageReturn) replaceReturns(bytes);
    } else if (terminator === carriageReturn) {
      bytes = replaceReturns(Buffer.from(chunk));
    }
    if (skipping) {
      const end = bytes.indexOf(lineFeed);
      if (end < 0) return undefined;
      skipping = false;
      bytes = bytes.subarray(end + 1);
    }
    const end = bytes.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      const lines = release(bytes.subarray(0, end));
      hold(bytes.subarray(end));
      return lines;
    }
    hold(bytes);
    if (heldBytes <= longestLineBytes) return undefined;
    skipping = true;
    return Buffer.concat([release().subarray(0, longestLineBytes), feed]);
  };
}

// A file has one kind of line end; the first tells which. A CR that is the last byte so far may be half of a CRLF.
function terminatorOf(bytes: Buffer): number | undefined {
  const feedAt = bytes.indexOf(lineFeed);
  const returnAt = bytes.indexOf(carriageReturn);
  if (returnAt >= 0 && returnAt + 1 < bytes.length && bytes[returnAt + 1] !== lineFeed) {
    if (feedAt < 0 || returnAt < feedAt) return carriageReturn;
  }
  return feedAt < 0 ? undefined : lineFeed;
}

function replaceReturns(bytes: Buffer): Buffer {
  for (let at = bytes.indexOf(carriageReturn); at >= 0; at = bytes.indexOf(carriageReturn, at + 1))
    bytes[at] = lineFeed;
  return bytes;
}

const noBadLines: ReadonlyMap<number, BadLine> = new Map();

// Fewer undecodable lines than this may be damage; more, with not one good line among them, are another encoding.
const tooManyUndecodable = 20;

function lineDecoder(encoding: string): (lines: Buffer) => TextBlock {
  const strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const lenient = new TextDecoder(encoding, { ignoreBOM: true });
  // Whether a line beyond ASCII was in the expected encoding: then one that is not is damaged, and not the file's way.
  let proven = false;
  let undecodable = 0;

  const tryDecode = (bytes: Buffer): string | undefined => {
    if (encoding === 'utf-8' && !isUtf8(bytes)) return undefined;
    try {
      const text = encoding === 'utf-8' ? bytes.toString('utf8') : strict.decode(bytes);
      if (text.length !== bytes.length) proven = true;
      return text;
    } catch {
      return undefined;
    }
  };
  const badLine = (bytes: Buffer): BadLine => {
    undecodable += 1;
    if (proven) return { reason: 'not text' };
    const hint = encodingHint(bytes, encoding, undecodable > tooManyUndecodable);
    return hint ? { reason: 'not text', encodingHint: hint } : { reason: 'not text' };
  };

  return (bytes) => {
    const whole = tryDecode(bytes);
    if (whole !== undefined) return { text: whole, badLines: noBadLines };
    const badLines = new Map<number, BadLine>();
    let text = '';
    let index = 0;
    for (let at = 0; at < bytes.length; index += 1) {
      const end = bytes.indexOf(lineFeed, at) + 1;
      const line = bytes.subarray(at, end);
      const tooLong = line.length > longestLineBytes;
      const decoded = tooLong ? undefined : tryDecode(line);
      text += decoded ?? lenient.decode(line);
      if (decoded === undefined) badLines.set(index, tooLong ? { reason: 'too long' } : badLine(line));
      at = end;
    }
    return { text, badLines };
  };
}

// Text in another encoding reads well in it; damage does not.
function encodingHint(line: Buffer, encoding: string, many: boolean): string | undefined {
  if (encoding === 'utf-8') {
    try {
      const text = new TextDecoder('gb18030', { fatal: true }).decode(line);
      if (!/\p{Cc}/u.test(text.replace(/[\t\r\n]/g, ''))) return 'if it is Chinese text, add --encoding gb18030';
    } catch {
      // Not GB18030 either.
    }
  }
  if (!many) return undefined;
  return encoding === 'utf-8' ? 'name its encoding, such as --encoding windows-1252' : 'name another --encoding';
}
