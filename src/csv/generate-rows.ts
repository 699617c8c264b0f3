import { userLogColumns } from '../records/user-log.ts';
import { malformedRow } from './malformed-row.ts';
import { randomSource, scramble, weightedIndex } from './random-source.ts';
import { actions, ageRanges, categoryWeights, days, genders, provinces, type Weighted } from './user-log-shape.ts';

export interface GenerateOptions {
  rows: number;
  /** The same seed gives the same bytes. */
  seed: number;
  /** Share of rows that are malformed, 0 to 1; every kind comes in turn. */
  errors: number;
  header: boolean;
}

// Numbers of shoppers and wares; the size of the original's.
const userCount = 424_000;
const itemsPerCategory = 700;
const itemCount = itemsPerCategory * categoryWeights.length;
const merchantCount = 4_995;
const brandCount = 8_477;

const chunkBytes = 256 * 1024;
// No row, malformed or not, is longer.
const longestRowBytes = 256;

/**
 * Synthetic rows of `user_log.csv`, as chunks of bytes. A shopper keeps gender, age and province; a ware keeps category,
 * merchant and brand.
 */
export function* generateRows({ rows, seed, errors, header }: GenerateOptions): Generator<Buffer> {
  const random = randomSource(seed);
  // Whether a row is malformed is drawn apart: the good rows are the same with and without errors.
  const fate = randomSource(seed + 1);
  const malformedBelow = errors * 2 ** 32;
  const nextRow = rowWriter(random);
  const spoil = malformedRow(fate);
  let chunk = Buffer.allocUnsafe(chunkBytes);
  let end = header ? chunk.write(`${userLogColumns.join(',')}\n`) : 0;
  for (let row = 0; row < rows; row++) {
    if (end > chunkBytes - longestRowBytes) {
      yield chunk.subarray(0, end);
      chunk = Buffer.allocUnsafe(chunkBytes);
      end = 0;
    }
    const next = nextRow(chunk, end);
    end = errors > 0 && fate() < malformedBelow ? spoil(chunk, end, next) : next;
  }
  if (end > 0) yield chunk.subarray(0, end);
}

/** Writes one row at `at`, with its line feed; returns where the next begins. */
function rowWriter(random: () => number): (target: Buffer, at: number) => number {
  const categoryOf = weightedIndex(categoryWeights);
  const dayOf = picker(days, ',');
  const actionOf = picker(actions, ',');
  const ageOf = picker(ageRanges, ',');
  const genderOf = picker(genders, ',');
  const provinceOf = picker(provinces, '\n');

  return (target, start) => {
    const user = scale(random(), userCount);
    const category = categoryOf(random(), random());
    // Within a category a few wares are looked at most.
    const item =
      category * itemsPerCategory + scale(scale(random(), 2 ** 16) * scale(random(), 2 ** 16), itemsPerCategory);
    const person = scramble(user);
    const ware = scramble(item + userCount);
    let at = writeNumber(target, start, user + 1);
    // The multiplier shares no factor with the number of wares: each ware has a number of its own.
    at = writeNumber(target, at, ((item * 514_229) % itemCount) + 1);
    at = writeNumber(target, at, category + 1);
    at = writeNumber(target, at, scale(ware, merchantCount) + 1);
    at = writeNumber(target, at, scale(scramble(ware), brandCount) + 1);
    at = copy(dayOf(random(), random()), target, at);
    at = copy(actionOf(random(), random()), target, at);
    at = copy(ageOf(person, scramble(person + 1)), target, at);
    at = copy(genderOf(scramble(person + 2), scramble(person + 3)), target, at);
    return copy(provinceOf(scramble(person + 4), scramble(person + 5)), target, at);
  };
}

/** A uniform number in [0, 2^32) as a whole one in [0, count). */
const scale = (uniform: number, count: number): number => Math.floor((uniform / 2 ** 32) * count);

function picker({ values, weights }: Weighted, ending: string): (column: number, coin: number) => Buffer {
  const cells = values.map((value) => Buffer.from(value + ending));
  const indexOf = weightedIndex(weights);
  const none = Buffer.from(ending);
  return (column, coin) => cells[indexOf(column, coin)] ?? none;
}

// Both write byte by byte: at these lengths a call into the runtime costs more than the bytes.
function copy(cell: Buffer, target: Buffer, start: number): number {
  let at = start;
  for (const byte of cell) target[at++] = byte;
  return at;
}

function writeNumber(target: Buffer, start: number, value: number): number {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits += 1;
  const end = start + digits;
  let rest = value;
  for (let at = end - 1; at >= start; at--) {
    const tens = Math.floor(rest / 10);
    target[at] = 0x30 + rest - tens * 10;
    rest = tens;
  }
  target[end] = 0x2c;
  return end + 1;
}
