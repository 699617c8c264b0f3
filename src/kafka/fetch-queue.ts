import type { Fetched } from './source-partition.ts';

/**
 * Hands what was fetched to the reader, in order. A fetcher offers its next reply only when the reader has done with
 * its last one: a slow reader bounds what lies in memory to two replies of each leader, one at work, one ready.
 */
export interface FetchQueue {
  /** Takes news that must not wait, such as the loss of a connection. */
  push(item: Fetched): void;
  /** Whether such news still lies here. */
  hasNews(): boolean;
  /** Takes a reply, and resolves when the reader has done with all of it. */
  offer(items: readonly Fetched[]): Promise<void>;
  /** The next item, or null at the end. The one before counts as done. */
  next(): Promise<Fetched | null>;
  /** Ends it: the reader gets what `error` says after what is there, or the end at once. */
  end(error?: Error): void;
}

export function fetchQueue(): FetchQueue {
  let items: { item: Fetched; isNews?: boolean; done?: () => void }[] = [];
  let atWork: (() => void) | undefined;
  let wake: (() => void) | undefined;
  let ended = false;
  let failure: Error | undefined;

  const ring = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(item) {
      if (!ended) items.push({ item, isNews: true });
      ring();
    },
    hasNews: () => items.some(({ isNews }) => isNews),
    offer(reply) {
      if (ended || reply.length === 0) return Promise.resolve();
      return new Promise((done) => {
        for (const [index, item] of reply.entries()) items.push(index === reply.length - 1 ? { item, done } : { item });
        ring();
      });
    },
    async next() {
      atWork?.();
      atWork = undefined;
      for (;;) {
        const first = items.shift();
        if (first) {
          atWork = first.done;
          return first.item;
        }
        if (failure) throw failure;
        if (ended) return null;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    end(error) {
      if (ended) return;
      ended = true;
      failure = error;
      // A reader that stops wants nothing more; one that is told of a failure first gets what was read before it.
      for (const { done } of items) done?.();
      if (!error) items = [];
      atWork?.();
      ring();
    },
  };
}
