/** Runs work of one key strictly one after another, and of different keys side by side. */
export function createLanes() {
  const lanes = new Map<string, Promise<unknown>>();
  return {
    run<T>(key: string, work: () => Promise<T>): Promise<T> {
      const before = lanes.get(key);
      const running = before ? before.then(work) : work();
      // Whoever comes next waits for the end, however it is.
      const ended = running
        .catch(() => {})
        .then(() => {
          if (lanes.get(key) === ended) lanes.delete(key);
        });
      lanes.set(key, ended);
      return running;
    },

    /** Resolves when all that was begun is done. */
    async drain(): Promise<void> {
      while (lanes.size > 0) await Promise.all(lanes.values());
    },
  };
}

export type Lanes = ReturnType<typeof createLanes>;
