import { hasNews, type Pane, type PaneRules } from './pane.ts';

interface HoppingOptions {
  size: number;
  slide: number;
  /** Divides both, so that no window cuts a pane. */
  length: number;
}

/**
 * Windows of one length that begin every `slide`; tumbling ones are those whose slide is their length.
 * A record is in all of its windows or in none: it is taken as long as the last of them can be corrected. A window can
 * therefore be corrected for as long as its last pane takes records, and its first panes are needed until then, when
 * they themselves take none any more.
 */
export function hoppingPanes({ size, slide, length }: HoppingOptions): PaneRules {
  const firstEnd = (pane: number) => Math.ceil((pane + length - size) / slide) * slide + size;
  const lastEnd = (pane: number) => Math.floor(pane / slide) * slide + size;
  const nextEnd = (watermark: number) => Math.floor((watermark - size) / slide) * slide + slide + size;

  /** Ends of all windows of some panes in order, each once, from where `from` says up to `to`. */
  function* endsOf(panes: Iterable<Pane>, from: (pane: number) => number, to: number): Generator<number> {
    let next = Number.NEGATIVE_INFINITY;
    for (const { start } of panes) {
      const last = Math.min(lastEnd(start), to);
      for (next = Math.max(next, from(start)); next <= last; next += slide) yield next;
    }
  }

  return {
    length,
    spacing: slide,
    startOf: (end) => end - size,
    firstEnd,
    lastEnd,
    endAfter(pane, watermark) {
      const end = Math.max(firstEnd(pane), nextEnd(watermark));
      return end <= lastEnd(pane) ? end : undefined;
    },
    ownEnd: (pane) => (size % slide === 0 ? Math.floor(pane / size) * size + size : lastEnd(pane)),
    takenUntil: lastEnd,
    periodOf: () => undefined,
    neededUntil: (pane) => lastEnd(lastEnd(pane) - length),
    due: (panes, before, watermark) => [
      ...endsOf(panes.filter(hasNews), firstEnd, Math.min(before, watermark)),
      ...endsOf(panes, (pane) => Math.max(firstEnd(pane), nextEnd(before)), watermark),
    ],
    isOut: (_, toldOfAll) => toldOfAll > 0,
  };
}
