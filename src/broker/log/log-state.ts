import type { Checkpoint } from './checkpoint.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { ProducerStates } from './producer-states.ts';
import { TransactionIndex } from './transaction-index.ts';

/** What a partition knows of its records without reading them: it is made from their headers and kept in checkpoints. */
export class LogState {
  readonly producers = new ProducerStates();
  readonly transactions = new TransactionIndex();
  readonly epochs: LeaderEpochs;

  constructor({ producers, transactions, epochs }: Checkpoint) {
    this.producers.restore(producers);
    if (transactions) this.transactions.restore(transactions);
    this.epochs = new LeaderEpochs(epochs);
  }

  /** Notes a batch that is in the log, with its offset in place. */
  note(bytes: Buffer, at: number, now: number): void {
    this.producers.note(bytes, at, now);
    this.transactions.note(bytes, at);
  }

  /** Forgets what the log does not hold after all, from an offset on. */
  truncate(offset: number): void {
    this.producers.truncate(offset);
    this.transactions.truncate(offset);
  }

  /** The state as it is when the log ends at an offset. */
  snapshot(endOffset: number): Pick<Checkpoint, 'epochs' | 'producers' | 'transactions'> {
    return {
      epochs: this.epochs.starts,
      producers: this.producers.snapshot(endOffset),
      transactions: this.transactions.snapshot(endOffset),
    };
  }
}
