/** Values of a topic that could not be counted: how many, and where and why the first of them. */
export interface Rejections {
  count: number;
  partition: number;
  offset: number;
  reason: string;
}

/** Counts rejected values, and keeps the place of the first since somebody asked. */
export function rejections() {
  let count = 0;
  let fresh: Rejections | undefined;
  return {
    get count() {
      return count;
    },
    note(partition: number, offset: number, reason: string) {
      count += 1;
      if (fresh) fresh.count += 1;
      else fresh = { count: 1, partition, offset, reason };
    },
    /** Those since this was last called; undefined when there were none. */
    takeNew(): Rejections | undefined {
      const taken = fresh;
      fresh = undefined;
      return taken;
    },
  };
}
