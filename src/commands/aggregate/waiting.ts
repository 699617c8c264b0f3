import type { Clock } from '../../runtime/clock.ts';
import type { Counting } from './counting.ts';

// What an aggregator waits for: records, or the clock.

/** When the first window is due by the clock; undefined when only records can tell. */
export function earliestDue(counting: Iterable<Counting>): number | undefined {
  let earliest: number | undefined;
  for (const { counts } of counting) {
    const due = counts.nextDue();
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}

/** An answer that is under way, or the silence that tells there is none, is not waited for any longer than this, in ms. */
const lookAgain = 5;

/**
 * When to look whether a window can come out that is due: at once where what was read is that far, else soon. Windows
 * must not be closed over records that came in while this process was busy, a commit with a broker that took long, say.
 */
export const whenKnown = (due: number | undefined, now: number, delay: number): number | undefined =>
  due === undefined || due > now || due <= now - delay ? due : now + lookAgain;

export const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** Asks for a batch that may fail long before anybody looks: while a commit waits for its broker, say. */
export function nextOf<T>(batches: AsyncIterator<T, unknown>): Promise<IteratorResult<T, unknown>> {
  const next = batches.next();
  next.catch(() => {});
  return next;
}

/** The pending batch when it comes before `due`, else undefined. */
export async function nextBatch<T>(
  pending: Promise<IteratorResult<T, unknown>>,
  due: number | undefined,
  clock: Clock,
  stop: AbortSignal,
): Promise<IteratorResult<T, unknown> | undefined> {
  if (due === undefined) return pending;
  const settled = new AbortController();
  const wake = clock.sleepUntil(due, AbortSignal.any([settled.signal, stop])).then(() => undefined);
  try {
    return await Promise.race([pending, wake]);
  } finally {
    settled.abort();
  }
}
