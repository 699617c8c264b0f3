import type { SumsAnswer } from '../../answers.ts';
import type { WindowPoint } from '../../messages.ts';

const minute = 60_000;
/** Records that are late still correct windows for a while; those come over the websocket, not in sums. */
const correctable = 2 * minute;

/** The reader's midnight before a moment, epoch ms. */
export const midnightBefore = (now: number): number => new Date(now).setHours(0, 0, 0, 0);

/** Whether windows share time, so that adding them up would count records twice. */
export const overlap = (windows: readonly WindowPoint[]): boolean =>
  windows.some(({ start }, index) => start < (windows[index - 1]?.end ?? start));

/**
 * Up to where the server is asked: what starts then or later is taken from the windows that the page has, which must
 * reach back to it. Undefined where the server is to be asked for everything, since windows overlap.
 */
export function boundaryFor(windows: readonly WindowPoint[]): number | undefined {
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last || overlap(windows)) return undefined;
  const wanted = Math.floor((last.end - correctable) / minute) * minute;
  if (wanted - first.start >= minute) return wanted;
  // Of what reaches back only shortly, half may be forgotten before the server is asked again.
  return windows[Math.floor(windows.length / 2)]?.start;
}

/** Counts since midnight by value: those that the server has summed up, and the windows that start after them. */
export function countsSince(
  midnight: number,
  sums: Pick<SumsAnswer, 'to' | 'counts'> | undefined,
  windows: readonly WindowPoint[],
): Map<string, number> {
  const counts = new Map(Object.entries(sums?.counts ?? {}));
  if (overlap(windows)) return counts;
  const from = Math.max(midnight, sums?.to ?? midnight);
  for (const window of windows) {
    if (window.start < from) continue;
    for (const [key, count] of Object.entries(window.counts)) counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}
