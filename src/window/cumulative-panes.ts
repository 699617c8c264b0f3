import { hasNews, type PaneRules } from './pane.ts';

interface CumulativeOptions {
  size: number;
  /** Divides `size`. */
  step: number;
}

/**
 * Windows that all begin with their period and end one `step` later each. One comes out for each step that brought
 * records: after a step without any, the window before it still says how much there is. A record is taken as long as the
 * window that ends with its step can be corrected, and corrects all later ones of the period that are out.
 */
export function cumulativePanes({ size, step }: CumulativeOptions): PaneRules {
  const endOf = (pane: number) => pane + step;
  const periodOf = (pane: number) => Math.floor(pane / size) * size;
  return {
    length: step,
    spacing: step,
    startOf: (end) => periodOf(end - step),
    firstEnd: endOf,
    lastEnd: endOf,
    endAfter: (pane, watermark) => (endOf(pane) > watermark ? endOf(pane) : undefined),
    ownEnd: endOf,
    takenUntil: endOf,
    periodOf,
    neededUntil: (pane) => periodOf(pane) + size,
    due(panes, before, watermark) {
      let corrected = Number.NaN;
      const again = panes.filter((pane) => {
        if (pane.end > before) return false;
        if (hasNews(pane)) corrected = periodOf(pane.start);
        return periodOf(pane.start) === corrected;
      });
      const first = panes.filter(({ end }) => end > before && end <= watermark);
      return [...again, ...first].map(({ end }) => end);
    },
    isOut: (toldOfLast) => toldOfLast > 0,
  };
}
