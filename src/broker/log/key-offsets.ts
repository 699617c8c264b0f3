import { hash } from 'node:crypto';

const wordsInHash = 4;
const firstSlots = 1024;
// 24 bytes each: 48 MiB, for the one log that is compacted at a time.
const mostSlots = 2 ** 21;

/**
 * The newest offset of each key. Keys are known by 128 bits of their SHA-256, which makes the memory independent of
 * their length; two keys with the same bits are not to be met, not even by one who looks for them.
 */
export class KeyOffsets {
  readonly #mostSlots: number;
  #hashes = new Int32Array(firstSlots * wordsInHash);
  #offsets = new Float64Array(firstSlots).fill(-1);
  #count = 0;

  constructor(slots = mostSlots) {
    this.#mostSlots = slots;
  }

  /** No further batch should be noted: more passes over the log are cheaper than more memory. */
  get isFull(): boolean {
    return this.#count >= this.#mostSlots * 0.7;
  }

  /** Notes a key, in log order. */
  set(key: Buffer, offset: number): void {
    if (this.#count >= this.#offsets.length * 0.75) this.#grow();
    const words = wordsOf(key);
    const slot = this.#slotOf(words, 0);
    if ((this.#offsets[slot] ?? -1) < 0) {
      this.#hashes.set(words, slot * wordsInHash);
      this.#count++;
    }
    this.#offsets[slot] = offset;
  }

  /** The newest offset that was noted for a key; -1 for none. */
  get(key: Buffer): number {
    return this.#offsets[this.#slotOf(wordsOf(key), 0)] ?? -1;
  }

  /** The slot of the hash whose words lie at `at`, or the free one that it would take. */
  #slotOf(words: Int32Array, at: number): number {
    const mask = this.#offsets.length - 1;
    let slot = (words[at] ?? 0) & mask;
    while ((this.#offsets[slot] ?? -1) >= 0 && !this.#holds(slot, words, at)) slot = (slot + 1) & mask;
    return slot;
  }

  #holds(slot: number, words: Int32Array, at: number): boolean {
    const start = slot * wordsInHash;
    for (let word = 0; word < wordsInHash; word++) {
      if (this.#hashes[start + word] !== words[at + word]) return false;
    }
    return true;
  }

  #grow(): void {
    const [hashes, offsets] = [this.#hashes, this.#offsets];
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#offsets = new Float64Array(offsets.length * 2).fill(-1);
    for (const [slot, offset] of offsets.entries()) {
      if (offset < 0) continue;
      const at = slot * wordsInHash;
      const free = this.#slotOf(hashes, at);
      this.#hashes.set(hashes.subarray(at, at + wordsInHash), free * wordsInHash);
      this.#offsets[free] = offset;
    }
  }
}

function wordsOf(key: Buffer): Int32Array {
  const digest = hash('sha256', key, 'buffer');
  return Int32Array.of(digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12));
}
