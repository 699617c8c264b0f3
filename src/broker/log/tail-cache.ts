import { type Allocate, BufferPool } from './buffer-pool.ts';
import { batchHeader } from './record-batch.ts';

/** Each partition lets go as much as it takes, so that little lies idle in between. */
const mostIdleBytes = 4 * 1024 * 1024;

/** Memory that the caches of all partitions share: a fixed total, divided by how many hold something. */
export class CacheBudget {
  /** What a cache lets go, another one may use. */
  readonly slabs = new BufferPool(mostIdleBytes);
  readonly #total: number;
  readonly #most: number;
  #holders = 0;

  constructor(total = 16 * 1024 * 1024, most = 2 * 1024 * 1024) {
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

/** Small enough that walking through its batches costs less than a read from the disk. */
const slabBytes = 64 * 1024;
/** The system's own cache gives larger ones as fast, and their copies would cost the producer. */
const largestBatch = 32 * 1024;

/** Batches back to back, as they lie in the log: those between `from` and `to` count. */
interface Slab {
  readonly memory: Buffer;
  from: number;
  to: number;
}

/**
 * The newest batches of a partition in memory, so that consumers at the tail cause no disk reads. They are copies, so
 * that a batch does not hold the request in memory that it came in.
 */
export class TailCache {
  readonly #budget: CacheBudget;
  // Oldest first; none is empty.
  readonly #slabs: Slab[] = [];
  #bytes = 0;

  constructor(budget: CacheBudget) {
    this.#budget = budget;
  }

  /** Adds the batch that follows all others, or forgets those when it is a large one. */
  add(batch: Buffer): void {
    if (batch.length > largestBatch) {
      this.clear();
      return;
    }
    if (this.#slabs.length === 0) this.#budget.join();
    const slab = this.#slabWithRoom(batch.length);
    batch.copy(slab.memory, slab.to);
    slab.to += batch.length;
    this.#bytes += batch.length;
    while (this.#bytes > Math.max(this.#budget.share, batch.length)) this.#evict();
  }

  #slabWithRoom(size: number): Slab {
    const newest = this.#slabs.at(-1);
    if (newest && newest.to + size <= newest.memory.length) return newest;
    // A partition that has little to keep takes little.
    const wanted = Math.max(size, Math.min(slabBytes, this.#bytes));
    const slab = { memory: this.#budget.slabs.take(wanted), from: 0, to: 0 };
    this.#slabs.push(slab);
    return slab;
  }

  #evict(): void {
    const [oldest] = this.#slabs;
    if (!oldest) return;
    const size = batchHeader.size(oldest.memory, oldest.from);
    oldest.from += size;
    this.#bytes -= size;
    if (oldest.from === oldest.to) this.#drop(this.#slabs.shift());
  }

  #drop(slab: Slab | undefined): void {
    if (slab) this.#budget.slabs.give(slab.memory);
    if (this.#slabs.length === 0) this.#budget.leave();
  }

  /**
   * Whole batches from the one that holds `offset`, copied into one buffer; undefined when that one is not in memory.
   */
  read(
    offset: number,
    endOffset: number,
    maxBytes: number,
    atLeastOne: boolean,
    allocate: Allocate = Buffer.allocUnsafe,
  ): Buffer[] | undefined {
    const first = this.#slabs.findLastIndex(({ memory, from }) => batchHeader.baseOffset(memory, from) <= offset);
    if (first < 0) return undefined;
    const parts: Buffer[] = [];
    let bytes = 0;
    for (const { memory, from, to } of this.#slabs.slice(first)) {
      const start = parts.length === 0 ? positionOf(memory, from, to, offset) : from;
      let end = start;
      while (end < to && batchHeader.lastOffset(memory, end) < endOffset) {
        const size = batchHeader.size(memory, end);
        if (bytes + size > maxBytes && !(atLeastOne && bytes === 0)) break;
        bytes += size;
        end += size;
      }
      if (end > start) parts.push(memory.subarray(start, end));
      if (end < to) break;
    }
    return bytes === 0 ? [] : [copyOf(parts, allocate(bytes))];
  }

  /** Forgets the batches from an offset on: they did not get to the disk. */
  truncate(offset: number): void {
    for (let slab = this.#slabs.at(-1); slab; slab = this.#slabs.at(-1)) {
      const to = positionOf(slab.memory, slab.from, slab.to, offset);
      this.#bytes -= slab.to - to;
      slab.to = to;
      if (to > slab.from) break;
      this.#drop(this.#slabs.pop());
    }
  }

  /** Forgets the batches before an offset: what the disk has of them is no longer the same. */
  forgetBefore(offset: number): void {
    for (let slab = this.#slabs[0]; slab; slab = this.#slabs[0]) {
      if (batchHeader.lastOffset(slab.memory, slab.from) >= offset) break;
      this.#evict();
    }
  }

  clear(): void {
    this.truncate(0);
  }
}

/** Where the batch begins that holds an offset or follows it. */
function positionOf(memory: Buffer, from: number, to: number, offset: number): number {
  let at = from;
  while (at < to && batchHeader.lastOffset(memory, at) < offset) at += batchHeader.size(memory, at);
  return at;
}

function copyOf(parts: readonly Buffer[], target: Buffer): Buffer {
  let at = 0;
  for (const part of parts) at += part.copy(target, at);
  return target;
}
