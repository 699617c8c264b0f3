import { batchHeader } from './record-batch.ts';

/** Memory that the caches of all partitions share: a fixed total, divided by how many hold something. */
export class CacheBudget {
  readonly #total: number;
  readonly #most: number;
  #holders = 0;

  constructor(total = 48 * 1024 * 1024, most = 8 * 1024 * 1024) {
    this.#total = total;
    this.#most = most;
  }

  join(): void {
    this.#holders++;
  }

  leave(): void {
    this.#holders--;
  }

  get share(): number {
    return Math.min(this.#most, this.#total / Math.max(1, this.#holders));
  }
}

/** The newest batches of a partition in memory, so that consumers at the tail cause no disk reads. */
export class TailCache {
  readonly #budget: CacheBudget;
  #batches: Buffer[] = [];
  // Batches before this index are evicted; the array is cut when they are many.
  #first = 0;
  #bytes = 0;

  constructor(budget: CacheBudget) {
    this.#budget = budget;
  }

  /** Adds the batch that follows all others. It must not change any more. */
  add(added: Buffer): void {
    const batch = unpinned(added);
    if (this.#batches.length === 0) this.#budget.join();
    this.#batches.push(batch);
    this.#bytes += costOf(batch);
    while (this.#bytes > this.#budget.share && this.#first < this.#batches.length - 1) this.#evict();
    if (this.#first > 1024 && this.#first > this.#batches.length / 2) {
      this.#batches = this.#batches.slice(this.#first);
      this.#first = 0;
    }
  }

  #evict(): void {
    this.#bytes -= costOf(this.#batches[this.#first] ?? hole);
    // A hole, so that the buffer can be freed before the array is cut.
    this.#batches[this.#first] = hole;
    this.#first++;
  }

  /** Whole batches from the one that holds `offset`; undefined when that one is not in memory. */
  read(offset: number, endOffset: number, maxBytes: number, atLeastOne: boolean): Buffer[] | undefined {
    const from = this.#indexOf(offset);
    if (from === undefined) return undefined;
    const found: Buffer[] = [];
    let bytes = 0;
    for (let index = from; index < this.#batches.length; index++) {
      const batch = this.#batches[index] ?? hole;
      if (batchHeader.lastOffset(batch) >= endOffset) break;
      bytes += batch.length;
      if (bytes > maxBytes && !(atLeastOne && found.length === 0)) break;
      found.push(batch);
    }
    return found;
  }

  #indexOf(offset: number): number | undefined {
    const oldest = this.#batches[this.#first];
    if (oldest === undefined || batchHeader.baseOffset(oldest) > offset) return undefined;
    let low = this.#first;
    let high = this.#batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (batchHeader.baseOffset(this.#batches[middle] ?? hole) <= offset) low = middle;
      else high = middle - 1;
    }
    return batchHeader.lastOffset(this.#batches[low] ?? hole) >= offset ? low : undefined;
  }

  /** Forgets the batches from an offset on: they did not get to the disk. */
  truncate(offset: number): void {
    for (;;) {
      const newest = this.#batches.at(-1);
      if (newest === undefined || newest === hole || batchHeader.baseOffset(newest) < offset) break;
      this.#batches.pop();
      this.#bytes -= costOf(newest);
    }
    if (this.#batches.length <= this.#first) this.clear();
  }

  /** Forgets the batches before an offset: what the disk has of them is no longer the same. */
  forgetBefore(offset: number): void {
    for (;;) {
      const oldest = this.#batches[this.#first];
      if (oldest === undefined || batchHeader.lastOffset(oldest) >= offset) break;
      this.#evict();
    }
    if (this.#batches.length <= this.#first) this.clear();
  }

  clear(): void {
    if (this.#batches.length > 0) this.#budget.leave();
    this.#batches = [];
    this.#first = 0;
    this.#bytes = 0;
  }
}

const hole: Buffer = Buffer.alloc(61);

// A Buffer object costs memory besides its bytes, which counts when batches hold one record each.
const costOf = (batch: Buffer): number => batch.length + 200;

// Below this, a copy is cheaper than keeping the request that the batch came in.
const smallBatch = 4096;

/** A copy of a batch that would hold a much larger request in memory, else the batch itself. */
function unpinned(batch: Buffer): Buffer {
  return batch.length < smallBatch || batch.buffer.byteLength > batch.length * 4 ? Buffer.from(batch) : batch;
}
