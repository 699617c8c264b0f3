/**
 * Which offset a restart has to read from: that of the earliest record that a window needs which is open or can still
 * be corrected. Kept per partition as the first offset of each stretch of event time that windows need.
 */
export interface ReplayOffsets {
  /** Takes note that a record of the stretch that starts at `start` stands at `offset`. */
  note(partition: number, start: number, offset: number): void;
  /** Forgets a partition whose offsets have started anew. */
  forget(partition: number): void;
  /** Forgets all stretches but these. */
  retain(starts: ReadonlySetLike<number>): void;
  /** The offset to replay from; `position`, the next one to read, when nothing older is needed. */
  from(partition: number, position: number): number;
  /** All that is noted: by start of a stretch, its first offset in each partition. */
  firsts(): Map<number, Map<number, number>>;
}

/** Creates an empty ledger of first offsets. */
export function replayOffsets(): ReplayOffsets {
  const partitions = new Map<number, Map<number, number>>();
  return {
    note(partition, start, offset) {
      let firsts = partitions.get(partition);
      if (!firsts) {
        firsts = new Map();
        partitions.set(partition, firsts);
      }
      if (!firsts.has(start)) firsts.set(start, offset);
    },
    forget(partition) {
      partitions.delete(partition);
    },
    retain(starts) {
      for (const firsts of partitions.values()) {
        for (const start of firsts.keys()) if (!starts.has(start)) firsts.delete(start);
      }
    },
    from(partition, position) {
      let least = position;
      for (const offset of partitions.get(partition)?.values() ?? []) if (offset < least) least = offset;
      return least;
    },
    firsts() {
      const byStart = new Map<number, Map<number, number>>();
      for (const [partition, firsts] of partitions) {
        for (const [start, offset] of firsts) {
          const offsets = byStart.get(start);
          if (offsets) offsets.set(partition, offset);
          else byStart.set(start, new Map([[partition, offset]]));
        }
      }
      return byStart;
    },
  };
}
