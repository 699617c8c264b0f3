/** Fewer counts than these take little room as they are. */
export const fewestToPack = 64;

const beyondLatin1 = /[^\0-\xff]/;

/**
 * Counts that are kept, but hardly looked at, in a third of the room of a map: keys as one text, in the order in which they
 * were first seen. To be gone through; looking up one key goes through all. The text is bytes, since a long enough part
 * of a string keeps all of it in memory.
 */
export class PackedCounts implements ReadonlyMap<string, number> {
  readonly #text: Buffer;
  readonly #encoding: 'latin1' | 'utf16le';
  /** Where each key ends in the text. */
  readonly #ends: Uint32Array;
  readonly #counts: Uint32Array | Float64Array;

  constructor(counts: ReadonlyMap<string, number>) {
    const most = counts.values().reduce((most, count) => Math.max(most, count), 0);
    const text = [...counts.keys()].join('');
    this.#encoding = beyondLatin1.test(text) ? 'utf16le' : 'latin1';
    this.#text = Buffer.from(text, this.#encoding);
    this.#ends = new Uint32Array(counts.size);
    this.#counts = most < 2 ** 32 ? new Uint32Array(counts.size) : new Float64Array(counts.size);
    const unit = this.#encoding === 'latin1' ? 1 : 2;
    let [at, end] = [0, 0];
    for (const [key, count] of counts) {
      end += key.length * unit;
      this.#ends[at] = end;
      this.#counts[at] = count;
      at += 1;
    }
  }

  get size(): number {
    return this.#ends.length;
  }

  get(key: string): number | undefined {
    return this.entries().find(([each]) => each === key)?.[1];
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  forEach(take: (count: number, key: string, counts: ReadonlyMap<string, number>) => void): void {
    for (const [key, count] of this) take(count, key, this);
  }

  *keys(): Generator<string, undefined> {
    let start = 0;
    for (const end of this.#ends) {
      yield this.#text.toString(this.#encoding, start, end);
      start = end;
    }
  }

  values(): ArrayIterator<number> {
    return this.#counts.values();
  }

  *entries(): Generator<[string, number], undefined> {
    let at = 0;
    for (const key of this.keys()) {
      yield [key, this.#counts[at] ?? 0];
      at += 1;
    }
  }

  [Symbol.iterator](): Generator<[string, number], undefined> {
    return this.entries();
  }
}

/** Counts that stay as they are now, packed where that is worth it. */
export const frozenCounts = (counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> => {
  if (counts instanceof PackedCounts) return counts;
  return counts.size < fewestToPack ? new Map(counts) : new PackedCounts(counts);
};
