import type { PipelineInfo, WindowPoint } from '../../messages.ts';
import type { Totals } from './feed.ts';

export type Language = 'zh' | 'en';

/** The values that the two big numbers and the spline show, of the pipeline `gender`. */
export const genderKeys = { female: '0', male: '1' } as const;

const countOf = (window: WindowPoint | undefined, key: string) => window?.counts[key] ?? 0;

/** Sum of the values of a window that mean "not known". */
const unknownOf = (window: WindowPoint | undefined, { unknown }: PipelineInfo): number =>
  unknown.reduce((sum, key) => sum + countOf(window, key), 0);

export interface LastSecond {
  female: number;
  male: number;
  unknown: number;
  /** Against the window before; undefined where that is missing. */
  change: { female: number; male: number } | undefined;
  /** Parts of 1, of the known ones; 0 and 0 when there are none. */
  share: { female: number; male: number };
  start: number;
}

/** The newest window in figures; undefined when there is none. */
export function lastSecondOf(windows: readonly WindowPoint[], pipeline: PipelineInfo): LastSecond | undefined {
  const last = windows.at(-1);
  if (!last) return undefined;
  const before = windows.at(-2);
  const [female, male] = [countOf(last, genderKeys.female), countOf(last, genderKeys.male)];
  const known = female + male;
  return {
    female,
    male,
    unknown: unknownOf(last, pipeline),
    change:
      before?.end === last.start
        ? {
            female: female - countOf(before, genderKeys.female),
            male: male - countOf(before, genderKeys.male),
          }
        : undefined,
    share: known > 0 ? { female: female / known, male: male / known } : { female: 0, male: 0 },
    start: last.start,
  };
}

const rateSpan = 10_000;

const recordsIn = ({ counts }: WindowPoint) => Object.values(counts).reduce((sum, count) => sum + count, 0);

/**
 * Records per second over the last ten seconds of windows; gaps count as the silence that they are. Of windows that
 * overlap, those are taken that do not; of cumulative ones it is by how much they grew.
 */
export function rateOf(windows: readonly WindowPoint[]): number {
  const last = windows.at(-1);
  if (!last) return 0;
  const earlier = windows.find(({ start, end }) => start === last.start && end >= last.end - rateSpan);
  if (earlier && earlier !== last) {
    return ((recordsIn(last) - recordsIn(earlier)) * 1_000) / (last.end - earlier.end);
  }
  const recent = windows.filter(({ start }) => start >= last.end - Math.max(rateSpan, last.end - last.start));
  let [from, records] = [last.end, 0];
  for (const window of recent.toReversed()) {
    if (window.end > from) continue;
    from = window.start;
    records += recordsIn(window);
  }
  return (records * 1_000) / (last.end - from);
}

/** One bar: values with the same name are one. */
export interface Group {
  name: string;
  count: number;
  unknown: boolean;
}

/**
 * The totals of a pipeline by name, those with labels in the order of the labels, then the others, then what is not
 * known. `unknownName` is what that is called.
 */
export function groupsOf(
  pipeline: PipelineInfo,
  totals: Totals | undefined,
  language: Language,
  unknownName: string,
): Group[] {
  const groups = new Map<string, Group>();
  const add = (name: string, count: number, unknown: boolean) => {
    const id = unknown ? '' : name;
    const group = groups.get(id);
    if (group) group.count += count;
    else groups.set(id, { name, count, unknown });
  };
  for (const [key, label] of Object.entries(pipeline.labels)) {
    if (!pipeline.unknown.includes(key)) add(label[language], totals?.counts.get(key) ?? 0, false);
  }
  const others = [...(totals?.counts ?? [])].filter(([key]) => !Object.hasOwn(pipeline.labels, key));
  for (const [key, count] of others) if (!pipeline.unknown.includes(key)) add(key, count, false);
  const unknown = pipeline.unknown.reduce((sum, key) => sum + (totals?.counts.get(key) ?? 0), 0);
  if (unknown > 0) add(unknownName, unknown, true);
  return [...groups.values()];
}

/** The known groups with most records, biggest first; equal ones keep their order, so that they do not swap places. */
export const topOf = (groups: readonly Group[], most: number): Group[] =>
  groups
    .filter(({ count, unknown }) => !unknown && count > 0)
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, most);
