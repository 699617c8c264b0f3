/**
 * How event time is cut into windows; lengths in ms. Windows are half-open and aligned to the epoch.
 * - tumbling: one after the other, a record is in one of them;
 * - hopping: `size` long, one begins every `slide`, a record is in about size/slide of them;
 * - cumulative: all begin where a period of `size` does and end one `step` later each: "today so far".
 */
export type WindowShape =
  | { kind: 'tumbling'; size: number }
  | { kind: 'hopping'; size: number; slide: number }
  | { kind: 'cumulative'; size: number; step: number };

/** How windows are described, in flags and config files: lengths in ms. */
export interface WindowLengths {
  window: number;
  /** Hopping windows: how often one begins. Without this and `step`, one follows the other. */
  slide?: number;
  /** Cumulative windows: how often the window so far comes out. */
  step?: number;
}

/** The windows of this length: `slide` makes them hopping, `step` cumulative. */
export function shapeOf({ window: size, slide, step }: WindowLengths): WindowShape {
  if (step !== undefined) return { kind: 'cumulative', size, step };
  // A slide of a whole window is a window after the other, under whatever name.
  return slide === undefined || slide === size ? tumbling(size) : { kind: 'hopping', size, slide };
}

export const tumbling = (size: number): WindowShape => ({ kind: 'tumbling', size });

/** A window of more panes would cost more to keep than anyone can read off it. */
const mostPanes = 10_000;

export const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** What keeps windows from being counted: which of their lengths, and what is wrong with it. None when nothing does. */
export function lengthsFault({
  window,
  slide,
  step,
}: WindowLengths): { of: 'slide' | 'step'; message: string } | undefined {
  if (slide !== undefined && step !== undefined) return { of: 'step', message: 'cannot be given beside a slide' };
  if (slide !== undefined && slide > window) {
    return { of: 'slide', message: 'is longer than the window: records in between would be in none' };
  }
  const panes = window / greatestCommonDivisor(window, slide ?? window);
  if (panes > mostPanes) return { of: 'slide', message: `cuts the window into ${panes} parts, more than ${mostPanes}` };
  if (step !== undefined && window % step !== 0) return { of: 'step', message: 'does not divide the window' };
  return undefined;
}
