import { greatestCommonDivisor, type WindowShape } from '../records/window-shape.ts';
import { cumulativePanes } from './cumulative-panes.ts';
import { hoppingPanes } from './hopping-panes.ts';
import type { PaneRules } from './pane.ts';

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
