import { readMarker } from './control-marker.ts';
import { batchHeader, isTransactional } from './record-batch.ts';

/** A transaction that has ended, from its first record to its marker. */
export interface EndedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of the marker. */
  readonly lastOffset: number;
}

/** A transaction that has no marker yet. */
export interface OpenTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface TransactionSnapshot {
  readonly open: readonly OpenTransaction[];
  readonly aborted: readonly EndedTransaction[];
}

/** What a partition knows of transactions: which are open, and which records were aborted. */
export class TransactionIndex {
  readonly #open = new Map<number, number>();
  /** By ascending offset of the marker, like the next list. */
  #aborted: EndedTransaction[] = [];
  /** Committed or aborted, those whose marker may still be lost, or be unseen by readers. */
  #unsettled: EndedTransaction[] = [];

  /** Notes a batch that is in the log, with its offset in place. */
  note(bytes: Buffer, at: number): void {
    if (!isTransactional(bytes, at)) return;
    const producerId = batchHeader.producerId(bytes, at);
    const marker = readMarker(bytes, at);
    const firstOffset = this.#open.get(producerId);
    if (marker === undefined) {
      if (firstOffset === undefined) this.#open.set(producerId, batchHeader.baseOffset(bytes, at));
    } else if (firstOffset !== undefined) {
      this.#open.delete(producerId);
      const ended = { producerId, firstOffset, lastOffset: batchHeader.baseOffset(bytes, at) };
      if (marker.isAbort) this.#aborted.push(ended);
      this.#unsettled.push(ended);
    }
  }

  isOpen(producerId: number): boolean {
    return this.#open.has(producerId);
  }

  get open(): OpenTransaction[] {
    return [...this.#open].map(([producerId, firstOffset]) => ({ producerId, firstOffset }));
  }

  /** Markers below this offset stay, and readers see them. */
  settle(highWatermark: number): void {
    const first = this.#unsettled.findIndex(({ lastOffset }) => lastOffset >= highWatermark);
    if (first !== 0) this.#unsettled.splice(0, first < 0 ? this.#unsettled.length : first);
  }

  /** The first offset whose transaction is undecided for those who read up to the high watermark; else that. */
  lastStableOffset(highWatermark: number): number {
    let offset = highWatermark;
    for (const first of this.#open.values()) if (first < offset) offset = first;
    for (const { firstOffset, lastOffset } of this.#unsettled) {
      if (lastOffset >= highWatermark && firstOffset < offset) offset = firstOffset;
    }
    return offset;
  }

  /** The aborted transactions with records or a marker between two offsets, by their first offset. */
  abortedBetween(offset: number, endOffset: number): EndedTransaction[] {
    return this.#aborted
      .slice(firstEndingFrom(this.#aborted, offset))
      .filter(({ firstOffset }) => firstOffset < endOffset)
      .sort((a, b) => a.firstOffset - b.firstOffset);
  }

  hasAbortedFrom(offset: number): boolean {
    return (this.#aborted.at(-1)?.lastOffset ?? -1) >= offset;
  }

  /** Forgets what the log does not hold after all from an offset on; transactions that ended there are open again. */
  truncate(offset: number): void {
    for (const [producerId, firstOffset] of this.#open) if (firstOffset >= offset) this.#open.delete(producerId);
    const kept = firstEndingFrom(this.#aborted, offset);
    const lost = [...this.#aborted.slice(kept), ...this.#unsettled.filter(({ lastOffset }) => lastOffset >= offset)];
    for (const { producerId, firstOffset } of lost) {
      if (firstOffset < offset) this.#open.set(producerId, firstOffset);
    }
    this.#aborted.length = kept;
    this.#unsettled = this.#unsettled.filter(({ lastOffset }) => lastOffset < offset);
  }

  /** Forgets aborted transactions that lie whole before an offset. */
  forgetBefore(offset: number): void {
    this.#aborted.splice(0, firstEndingFrom(this.#aborted, offset));
  }

  /** Forgets aborted transactions of which no records are left, by the offsets of their markers. */
  forgetAborted(markers: ReadonlySet<number>): void {
    this.#aborted = this.#aborted.filter(({ lastOffset }) => !markers.has(lastOffset));
  }

  /** A snapshot that was taken before, without what was forgotten since. */
  renew({ open, aborted }: TransactionSnapshot): TransactionSnapshot {
    const known = new Set(this.#aborted.map(({ lastOffset }) => lastOffset));
    return { open, aborted: aborted.filter(({ lastOffset }) => known.has(lastOffset)) };
  }

  /** The state as it is when the log ends at an offset, which is not below what is settled. */
  snapshot(endOffset: number): TransactionSnapshot {
    const reopened = this.#unsettled.filter(({ lastOffset }) => lastOffset >= endOffset);
    return {
      open: [...this.open, ...reopened]
        .filter(({ firstOffset }) => firstOffset < endOffset)
        .map(({ producerId, firstOffset }) => ({ producerId, firstOffset })),
      aborted: this.#aborted.slice(0, firstEndingFrom(this.#aborted, endOffset)),
    };
  }

  restore({ open, aborted }: TransactionSnapshot): void {
    for (const { producerId, firstOffset } of open) this.#open.set(producerId, firstOffset);
    this.#aborted = [...aborted];
  }
}

/** The index of the first transaction whose marker is at an offset or behind it. */
function firstEndingFrom(ended: readonly EndedTransaction[], offset: number): number {
  let [low, high] = [0, ended.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ended[middle]?.lastOffset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
