/** Random numbers that a seed decides, the same on every machine: integer arithmetic only. */
export type RandomSource = () => number;

/** Uniform whole numbers in [0, 2^32): the sfc32 generator of the PractRand suite. */
export function randomSource(seed: number): RandomSource {
  let a = 0x9e3779b9 ^ (seed >>> 0);
  let b = 0x243f6a88 ^ (Math.floor(seed / 2 ** 32) >>> 0);
  let c = 0xb7e15162;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // Seeds that differ in one bit give similar numbers at first.
  for (let round = 0; round < 15; round++) next();
  return next;
}

/** A number in [0, 2^32) that depends on `value` alone, in no visible way. */
export function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Draws indexes in proportion to whole-number weights, each draw at the same small cost however many there are
 * (Vose's alias method, in whole numbers so that rounding cannot differ between machines).
 * @returns a function from two uniform numbers in [0, 2^32) to an index.
 */
export function weightedIndex(weights: readonly number[]): (column: number, coin: number) => number {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // A column is full at `total`; the coin's 2^32 is compared with the filled part of it.
  const filled = Float64Array.from(weights, (weight) => weight * count);
  const alias = Uint32Array.from(weights, (_, index) => index);
  const small: number[] = [];
  const large: number[] = [];
  for (let index = 0; index < count; index++) ((filled[index] ?? 0) < total ? small : large).push(index);
  for (;;) {
    const less = small.pop();
    const more = large.at(-1);
    if (less === undefined || more === undefined) break;
    alias[less] = more;
    const rest = (filled[more] ?? 0) - (total - (filled[less] ?? 0));
    filled[more] = rest;
    if (rest < total) {
      large.pop();
      small.push(more);
    }
  }
  const threshold = Float64Array.from(filled, (part) => Math.floor((part / total) * 2 ** 32));
  return (column, coin) => {
    const index = Math.floor((column / 2 ** 32) * count);
    return coin < (threshold[index] ?? 0) ? index : (alias[index] ?? 0);
  };
}
