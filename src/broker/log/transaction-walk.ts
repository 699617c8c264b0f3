import { batchHeader, isControl, isTransactional } from './record-batch.ts';
import type { EndedTransaction } from './transaction-index.ts';

/** Tells which batches belong to aborted transactions, to one who walks over them in log order from any offset on. */
export class TransactionWalk {
  readonly #aborted: readonly EndedTransaction[];
  #next = 0;
  /** The newest that has begun, of each producer. */
  readonly #begun = new Map<number, EndedTransaction>();

  /** @param aborted those that may be met, by their first offset. */
  constructor(aborted: readonly EndedTransaction[]) {
    this.#aborted = aborted;
  }

  /** Whether the records of a batch were aborted. */
  isAborted(batch: Buffer): boolean {
    if (!isTransactional(batch) || isControl(batch)) return false;
    const offset = batchHeader.baseOffset(batch);
    for (;;) {
      const transaction = this.#aborted[this.#next];
      if (!transaction || transaction.firstOffset > offset) break;
      this.#begun.set(transaction.producerId, transaction);
      this.#next++;
    }
    return offset < (this.#begun.get(batchHeader.producerId(batch))?.lastOffset ?? -1);
  }
}
