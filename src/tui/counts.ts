import { labelOf } from '../records/labels.ts';
import type { PipelineState } from './dashboard-state.ts';
import type { Language } from './texts.ts';

/** Counts by what their values are called. Values with one name are one: both codes of `≥50`, say. */
export type LabelCounts = ReadonlyMap<string, number>;

/** The known values of a pipeline's counts, by label. */
export function labelCounts(
  { labels, unknown }: PipelineState,
  counts: ReadonlyMap<string, number>,
  lang: Language,
): LabelCounts {
  const byLabel = new Map<string, number>();
  for (const [value, count] of counts) {
    if (unknown.includes(value)) continue;
    const label = labelOf(labels, value)?.[lang] ?? value;
    byLabel.set(label, (byLabel.get(label) ?? 0) + count);
  }
  return byLabel;
}

/** What a pipeline's labelled values are called, each name once, in the order of its labels. */
export const labelNames = ({ labels }: PipelineState, lang: Language): string[] => [
  ...new Set(Object.values(labels).map((label) => label[lang])),
];

/** Records of unknown value in counts of a pipeline. */
export const unknownIn = ({ unknown }: PipelineState, counts: ReadonlyMap<string, number>): number =>
  unknown.reduce((sum, value) => sum + (counts.get(value) ?? 0), 0);

/** The `length` greatest, greatest first; equal ones keep an order of their own, so that a list does not flicker. */
export function topOf(counts: LabelCounts, length: number): [label: string, count: number][] {
  return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1)).slice(0, length);
}

/** Whether a pipeline tells two things apart, as women and men: those are shown as a pair, others as a ranking. */
export const isPair = (pipeline: PipelineState): boolean => Object.keys(pipeline.labels).length === 2;

/**
 * The last `length` windows as a row of equal steps that ends with the newest; null where a window is missing.
 * Returns the start of the first step and of the last, in epoch ms, too.
 */
export function windowRow({ windows, window }: PipelineState, length: number) {
  const to = windows.at(-1)?.start ?? 0;
  const from = to - (length - 1) * window;
  const row: (ReadonlyMap<string, number> | null)[] = Array.from({ length }, () => null);
  for (let index = windows.length - 1; index >= 0; index -= 1) {
    const entry = windows[index];
    if (!entry || entry.start < from) break;
    const step = Math.round((entry.start - from) / window);
    if (step < length) row[step] = entry.counts;
  }
  return { from, to, row };
}
