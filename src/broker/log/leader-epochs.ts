import type { EpochStart } from './checkpoint.ts';

/** The epochs of leadership of a partition (KIP-101): after each unclean stop a new one begins. */
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

  /** Forgets epochs of which the log, which ends at an offset, holds nothing. */
  truncate(endOffset: number): void {
    this.#starts = this.#starts.filter(([epoch, start]) => epoch === 0 || start <= endOffset);
  }

  /** Begins the next one. */
  begin(startOffset: number): void {
    this.#starts.push([this.current + 1, startOffset]);
  }

  /** Where an epoch ended, the present one at the log's end; undefined for one that never was. */
  endOf(epoch: number, logEnd: number): { epoch: number; endOffset: number } | undefined {
    if (epoch > this.current) return undefined;
    const last = this.#starts.findLastIndex(([start]) => start <= epoch);
    const found = this.#starts[last];
    return found && { epoch: found[0], endOffset: this.#starts[last + 1]?.[1] ?? logEnd };
  }
}
