/** Sends that are under way: reading goes on meanwhile, but never more than `limit` sends ahead. */
export interface SendWindow {
  /** Resolves when another send may begin. */
  room(): Promise<void>;
  add(send: Promise<void>): void;
  /** Resolves when nothing is under way any more, whether or not it went well. */
  drain(): Promise<void>;
}

/** @param onFailure called with the first error; sends that follow it are not reported. */
export function sendWindow(limit: number, onFailure: (error: unknown) => void): SendWindow {
  const underWay = new Set<Promise<void>>();
  let failed = false;
  return {
    async room() {
      while (underWay.size >= limit) await Promise.race(underWay);
    },
    add(send) {
      const settled = send.then(
        () => void underWay.delete(settled),
        (error: unknown) => {
          underWay.delete(settled);
          if (!failed) onFailure(error);
          failed = true;
        },
      );
      underWay.add(settled);
    },
    async drain() {
      await Promise.all(underWay);
    },
  };
}
