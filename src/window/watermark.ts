interface PartitionTime {
  /** Greatest event time seen, epoch ms. */
  greatest: number;
  /** Everything that the partition held has been read. */
  caughtUp: boolean;
}

/** How far event time has come in a topic, over all its partitions. */
export interface Watermark {
  /** Takes note of the greatest event time of some records of a partition. */
  observe(partition: number, time: number): void;
  /** Says whether a partition has been read to its end. */
  setCaughtUp(partition: number, caughtUp: boolean): void;
  /** The watermark at wall-clock time `now`; never goes back, also when the clock does. */
  at(now: number): number;
  /** Whether all partitions have been read to their end, so that the watermark goes on with the clock. */
  readonly caughtUp: boolean;
}

/**
 * The watermark of a topic: the least over its partitions of (greatest event time − `outOfOrderness`).
 * A partition that has been read to its end holds nothing older than its producers are still sending, so its part goes
 * on with the clock: a window never waits for the next record, and a partition without records holds nothing back.
 * A clock that leaps ahead takes the watermark with it. After a sleep that is right; when the clock is then set back,
 * records are late until it has caught up: within the allowed lateness they correct, beyond it they are told as dropped.
 */
export function topicWatermark(
  partitions: Iterable<number>,
  { outOfOrderness, floor = Number.NEGATIVE_INFINITY }: { outOfOrderness: number; floor?: number },
): Watermark {
  const times = new Map<number, PartitionTime>();
  for (const partition of partitions) times.set(partition, { greatest: Number.NEGATIVE_INFINITY, caughtUp: false });
  let reached = floor;

  const timeOf = (partition: number): PartitionTime => {
    let time = times.get(partition);
    if (!time) {
      time = { greatest: Number.NEGATIVE_INFINITY, caughtUp: false };
      times.set(partition, time);
    }
    return time;
  };

  return {
    observe(partition, time) {
      const entry = timeOf(partition);
      if (time > entry.greatest) entry.greatest = time;
    },
    setCaughtUp(partition, caughtUp) {
      timeOf(partition).caughtUp = caughtUp;
    },
    at(now) {
      let least = Number.POSITIVE_INFINITY;
      for (const { greatest, caughtUp } of times.values()) {
        const time = caughtUp && now > greatest ? now : greatest;
        if (time < least) least = time;
      }
      if (times.size > 0 && least - outOfOrderness > reached) reached = least - outOfOrderness;
      return reached;
    },
    get caughtUp() {
      for (const { caughtUp } of times.values()) if (!caughtUp) return false;
      return times.size > 0;
    },
  };
}
