import { type LateDrops, lateDrops } from './late-drops.ts';
import type { SavedPosition } from './saved-position.ts';

/** How far counting has come in a partition. */
export interface PartitionState {
  /** Records before it were counted by an earlier run. */
  countedBefore: number;
  position: number;
  highWatermark: number;
  late: number;
  drops: LateDrops;
  /** As of the last advance: the next offset to be counted, and how many records were dropped. */
  told: { next: number; late: number };
}

/** Where counting goes on in a partition that was left so. */
export const partitionState = ({ offset, next, late, dropped }: SavedPosition): PartitionState => ({
  countedBefore: next,
  position: offset,
  highWatermark: next,
  late,
  drops: lateDrops(dropped),
  told: { next, late },
});
