import { cumulativePanes } from './cumulative-panes.ts';
import { hoppingPanes } from './hopping-panes.ts';
import type { PaneRules } from './pane.ts';

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

export const tumbling = (size: number): WindowShape => ({ kind: 'tumbling', size });

/** A window of more panes would cost more to keep than anyone can read off it. */
const mostPanes = 10_000;

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** How records are kept for windows of a shape, and which windows hold them. */
export function paneRules(shape: WindowShape): PaneRules {
  switch (shape.kind) {
    case 'tumbling':
      return hoppingPanes({ size: shape.size, slide: shape.size, length: shape.size });
    case 'hopping':
      return hoppingPanes({ ...shape, length: greatestCommonDivisor(shape.size, shape.slide) });
    case 'cumulative':
      return cumulativePanes(shape);
  }
}

/** What keeps a shape from being counted, as a sentence about its flags; undefined when nothing does. */
export function shapeProblem(shape: WindowShape): string | undefined {
  if (shape.kind === 'hopping') {
    if (shape.slide > shape.size) return '--slide is longer than the window: records in between would be in none';
    const panes = shape.size / greatestCommonDivisor(shape.size, shape.slide);
    if (panes > mostPanes) return `--slide cuts the window into ${panes} parts, more than ${mostPanes}`;
  }
  if (shape.kind === 'cumulative' && shape.size % shape.step !== 0) return '--step does not divide the window';
  return undefined;
}
