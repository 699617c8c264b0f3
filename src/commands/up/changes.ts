/** A place where stages say that something has changed, and others wait until it is as they need it. */
export interface Changes {
  /** Something has changed. */
  tell(): void;
  /** Resolves once the condition holds; rejects when the signal aborts first. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void>;
}

/** Creates one without anybody waiting. */
export function changes(): Changes {
  const waiting = new Set<() => void>();
  return {
    tell() {
      for (const look of waiting) look();
    },
    until(condition, signal) {
      return new Promise((resolve, reject) => {
        const end = () => {
          waiting.delete(look);
          signal.removeEventListener('abort', abort);
        };
        const look = () => {
          if (!condition()) return;
          end();
          resolve();
        };
        const abort = () => {
          end();
          reject(signal.reason);
        };
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener('abort', abort);
        waiting.add(look);
        look();
      });
    },
  };
}
