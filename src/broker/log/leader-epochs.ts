import type { EpochStart } from './checkpoint.ts';

/** The epochs of leadership of a partition (KIP-101): a new one begins when a crash has cost records. */
export class LeaderEpochs {
  #starts: EpochStart[];

  constructor(starts: readonly EpochStart[]) {
    this.#starts = [...starts];
  }

  get current(): number {
    return this.#starts.at(-1)?.[0] ?? 0;
  }

  /** Each with the offset of its first record, oldest first. */
  get starts(): readonly EpochStart[] {
    return this.#starts;
  }

  /** Begins the next one at the end of the log, which holds nothing any more of epochs that began behind it. */
  begin(logEnd: number): void {
    const next = this.current + 1;
    // None is given twice: clients know records of those that are gone.
    this.#starts = [...this.#starts.filter(([epoch, start]) => epoch === 0 || start < logEnd), [next, logEnd]];
  }

  /** Where an epoch ended, the present one at the log's end; undefined for one that never was. */
  endOf(epoch: number, logEnd: number): { epoch: number; endOffset: number } | undefined {
    if (epoch > this.current) return undefined;
    const last = this.#starts.findLastIndex(([start]) => start <= epoch);
    const found = this.#starts[last];
    return found && { epoch: found[0], endOffset: this.#starts[last + 1]?.[1] ?? logEnd };
  }
}
