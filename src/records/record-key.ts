import { isUtf8 } from 'node:buffer';
import { type JsonPath, parseJsonPath, valueAt } from './json-path.ts';
import type { Pipeline } from './pipelines.ts';
import { textOf, valueTest } from './value-condition.ts';

/** A value that cannot be counted, and why. */
export interface Refusal {
  readonly refused: string;
}

/** What a record counts as: a key, nothing because a condition leaves it out (null), or a refusal. */
export type RecordKey = string | null | Refusal;

/** Reads the key from a record's value. Never throws: a topic may hold anything. */
export type KeyReader = (value: Buffer | null) => RecordKey;

/**
 * The longest key, in bytes of UTF-8. Each key is kept for every window that can still be corrected, and is sent with
 * every result; what people call things is far shorter.
 */
const longestKeyBytes = 256;

const tooLong: Refusal = { refused: `longer than ${longestKeyBytes} bytes` };
const notUtf8: Refusal = { refused: 'not UTF-8' };
const notJson: Refusal = { refused: 'not JSON' };
const noValue: Refusal = { refused: 'no value' };

/** How the records of a pipeline's topic are read. */
export function keyReader({ field, whereValue = [] }: Pick<Pipeline, 'field' | 'whereValue'>): KeyReader {
  if (field === undefined && whereValue.length === 0) return textKey;
  const path = field === undefined ? undefined : parseJsonPath(field);
  const tests = whereValue.map(valueTest);
  const keyOf = path && fieldKey(path, `no field ${field}`, `${field} is a list or an object`);
  return (value) => {
    if (value === null) return noValue;
    const parsed = parse(value);
    if (isRefusal(parsed)) return parsed;
    if (!tests.every((holds) => holds(parsed.json))) return null;
    return keyOf ? keyOf(parsed.json) : textKey(value);
  };
}

const oneByteKeys = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** The whole value as text, a record without a value as `NULL`. */
export const textKey: KeyReader = (value) => {
  if (value === null) return 'NULL';
  // A cell is text; most cells here are one ASCII character, which needs no decoding.
  const only = value.length === 1 ? oneByteKeys[value[0] ?? 128] : undefined;
  if (only !== undefined) return only;
  if (value.length > longestKeyBytes) return tooLong;
  return (value.length <= 4 && shortKey(value)) || decode(value);
};

const decode = (value: Buffer): RecordKey => {
  const text = value.toString('utf8');
  return isBroken(text, value) ? notUtf8 : text;
};

// Ids of a few digits come again and again, and decoding one takes several times as long as counting it.
const shortKeys = new Map<number, string>();
const mostShortKeys = 16_384;

/** The text of up to four ASCII characters, which fit into one small number; undefined for other bytes. */
function shortKey(value: Buffer): string | undefined {
  let packed = 1;
  for (let at = 0; at < value.length; at++) {
    const byte = value[at] ?? 128;
    if (byte >= 128) return undefined;
    packed = packed * 128 + byte;
  }
  let key = shortKeys.get(packed);
  if (key === undefined) {
    key = value.toString('latin1');
    if (shortKeys.size < mostShortKeys) shortKeys.set(packed, key);
  }
  return key;
}

// Bytes that are no UTF-8 become U+FFFD, which may also have been written as such.
const isBroken = (text: string, bytes: Buffer) => text.includes('\uFFFD') && !isUtf8(bytes);

function fieldKey(path: JsonPath, missing: string, compound: string): (json: unknown) => RecordKey {
  const [noField, noText]: [Refusal, Refusal] = [{ refused: missing }, { refused: compound }];
  return (json) => {
    const value = valueAt(json, path);
    const text = textOf(value);
    if (text === undefined) return value === undefined ? noField : noText;
    // A character takes up to three bytes a code unit.
    return text.length * 3 > longestKeyBytes && Buffer.byteLength(text) > longestKeyBytes ? tooLong : text;
  };
}

const isRefusal = (parsed: Refusal | { json: unknown }): parsed is Refusal => 'refused' in parsed;

function parse(value: Buffer): Refusal | { json: unknown } {
  const text = value.toString('utf8');
  if (isBroken(text, value)) return notUtf8;
  try {
    return { json: longDigits.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text) };
  } catch {
    return notJson;
  }
}

// 64-bit ids are rounded when they become numbers, and would be counted as one: they stay texts.
const longDigits = /\d{16}/;
const exactNumber = (_: string, value: unknown, { source }: { source?: string } = {}): unknown =>
  typeof value === 'number' && source !== undefined && Number.isInteger(value) && !Number.isSafeInteger(value)
    ? source
    : value;
