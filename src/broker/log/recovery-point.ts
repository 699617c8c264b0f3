import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';
import type { LogState } from './log-state.ts';

/** Where a log starts and where the next recovery may begin to read: what its checkpoint says, and when it is saved. */
export class RecoveryPoint {
  readonly #directory: string;
  readonly #state: LogState;
  /** As it was when the newest segment began, or the log was opened. */
  #rolled: Checkpoint;
  /** The one on the disk. */
  #saved: Checkpoint;
  #startOffset: number;

  constructor(directory: string, state: LogState, found: Checkpoint, startOffset: number) {
    this.#directory = directory;
    this.#state = state;
    this.#startOffset = startOffset;
    this.#saved = { ...found, cleanSize: null };
    this.#rolled = this.#saved;
  }

  /** The first offset that can be read. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** Recovery reads no further back. */
  get recoveryOffset(): number {
    return this.#saved.recoveryOffset;
  }

  /** All of the log up to its end was read and found sound. */
  noteRecovered(endOffset: number): void {
    this.#rolled = this.#checkpoint(endOffset);
    this.#save(this.#rolled);
  }

  /** A new segment begins; gives what saves that recovery may begin there, once all before it is on the disk. */
  noteRoll(baseOffset: number): () => void {
    const checkpoint = this.#checkpoint(baseOffset);
    this.#rolled = checkpoint;
    return () => this.#save(checkpoint);
  }

  /** The log is closed in order: nothing needs recovery. */
  noteClosed(endOffset: number, newestSegmentBytes: number): void {
    this.#save(this.#checkpoint(endOffset, newestSegmentBytes));
  }

  /** Saves that the log starts at an offset from now on. */
  moveStart(offset: number): void {
    // Where all sealed segments go, nothing of them needs to be on the disk first.
    this.#save(offset >= this.#rolled.recoveryOffset ? this.#rolled : this.#saved, offset);
    this.#startOffset = offset;
  }

  /** Saves that aborted transactions are forgotten, before the log loses the markers that end them. */
  forgetAborted(markers: ReadonlySet<number>): void {
    this.#state.transactions.forgetAborted(markers);
    const { aborted = [] } = this.#saved.transactions ?? {};
    if (aborted.some(({ lastOffset }) => markers.has(lastOffset))) this.#save(this.#saved);
  }

  /**
   * The offset before which files may go. What recovery reads must stay: a marker in it may end a transaction that the
   * checkpoint has as open.
   */
  get removableUpTo(): number {
    const { transactions, recoveryOffset } = this.#saved;
    const isFree = !transactions || transactions.open.length === 0;
    return isFree ? this.#startOffset : Math.min(this.#startOffset, recoveryOffset);
  }

  #checkpoint(recoveryOffset: number, cleanSize: number | null = null): Checkpoint {
    const state = this.#state.snapshot(recoveryOffset);
    return { version: 1, startOffset: this.#startOffset, recoveryOffset, cleanSize, ...state };
  }

  #save(checkpoint: Checkpoint, startOffset = this.#startOffset): void {
    const { transactions } = checkpoint;
    const saved = {
      ...checkpoint,
      // The start may have moved since the checkpoint was taken, and must never go back.
      startOffset,
      // An aborted transaction without its marker would hide what the producer does next.
      ...(transactions && { transactions: this.#state.transactions.renew(transactions) }),
    };
    writeCheckpoint(this.#directory, saved);
    this.#saved = saved;
  }
}
