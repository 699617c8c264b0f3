import { labelOf, sameNamed } from '../../../../records/labels.ts';
import type { PipelineInfo } from '../../../messages.ts';
import { genderKeys, type Language } from '../../state/figures.ts';
import type { ChartView } from './view.ts';

/** Values that are one to the reader, since they are called the same. */
export interface ValueGroup {
  /** The first of its values: what links say, whatever the language. */
  id: string;
  name: string;
  keys: readonly string[];
  unknown: boolean;
}

type Counts = Readonly<Record<string, number>>;

export interface Naming {
  language: Language;
  unknownName: string;
  emptyName: string;
}

/** The group that a value belongs to. */
export function groupOf(key: string, pipeline: PipelineInfo, { language, unknownName, emptyName }: Naming): ValueGroup {
  const { labels, unknown } = pipeline;
  if (unknown.includes(key)) return { id: unknown[0] ?? key, name: unknownName, keys: unknown, unknown: true };
  const label = labelOf(labels, key);
  if (!label) return { id: key, name: key === '' ? emptyName : key, keys: [key], unknown: false };
  const keys = sameNamed(labels, key).filter((other) => !unknown.includes(other));
  return { id: keys[0] ?? key, name: label[language], keys, unknown: false };
}

/** The groups of some values, each once, in the order in which they come. */
export function groupsOf(keys: Iterable<string>, pipeline: PipelineInfo, naming: Naming): ValueGroup[] {
  const groups = new Map<string, ValueGroup>();
  for (const key of keys) {
    const group = groupOf(key, pipeline, naming);
    if (!groups.has(group.id)) groups.set(group.id, group);
  }
  return [...groups.values()];
}

export const countOf = ({ keys }: ValueGroup, counts: Counts): number =>
  keys.reduce((sum, key) => sum + (counts[key] ?? 0), 0);

/** A pipeline with no more named values than this shows all of them, in their own order. */
const mostNamed = 8;
const usualTop = 5;

/** How many values are drawn when the reader has not said. */
export function topFor(pipeline: PipelineInfo, top: number | undefined): number {
  if (top !== undefined) return top;
  const named = groupsOf(Object.keys(pipeline.labels), pipeline, { language: 'en', unknownName: '', emptyName: '' });
  const known = named.filter(({ unknown }) => !unknown).length;
  return known > 0 && known <= mostNamed ? known : usualTop;
}

/** The groups to draw: those chosen, or those with most records; what is not known last, when wanted. */
export function drawnGroups(
  { values, top, unknown }: Pick<ChartView, 'values' | 'top' | 'unknown'>,
  counts: Counts,
  pipeline: PipelineInfo,
  naming: Naming,
): ValueGroup[] {
  const unknownGroup = pipeline.unknown.slice(0, 1).map((key) => groupOf(key, pipeline, naming));
  const asked = unknown ? unknownGroup : [];
  if (values) return [...groupsOf(values, pipeline, naming).filter((group) => !group.unknown), ...asked];
  const most = topFor(pipeline, top);
  const named = Object.keys(pipeline.labels);
  const known = groupsOf([...named, ...Object.keys(counts)], pipeline, naming).filter((group) => !group.unknown);
  if (named.length > 0 && known.length <= most) return [...known, ...asked];
  const ranked = known
    .map((group) => ({ group, count: countOf(group, counts) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.group.id < b.group.id ? -1 : 1));
  return [...ranked.slice(0, most).map(({ group }) => group), ...asked];
}

/** How a value is drawn: the name of its colour, and the number of its dash and marker. */
export interface Slot {
  kind: string;
  index: number;
}

const slotCount = 8;

/**
 * A look for each group. One that had a look keeps it, so that colours do not change hands when the order does; the two
 * of `gender` have their own everywhere.
 */
export function slotsFor(
  groups: readonly ValueGroup[],
  pipeline: string,
  before: ReadonlyMap<string, Slot> = new Map(),
): Map<string, Slot> {
  const slots = new Map<string, Slot>();
  const used = new Set<number>();
  for (const { id, unknown } of groups) {
    if (unknown) slots.set(id, { kind: 'unknown', index: 2 });
    else if (pipeline === 'gender' && id === genderKeys.female) slots.set(id, { kind: 'female', index: 0 });
    else if (pipeline === 'gender' && id === genderKeys.male) slots.set(id, { kind: 'male', index: 1 });
    else if (before.has(id)) slots.set(id, before.get(id) ?? { kind: '', index: 0 });
  }
  for (const { index, kind } of slots.values()) if (kind.startsWith('series')) used.add(index);
  for (const { id } of groups) {
    if (slots.has(id)) continue;
    let index = 0;
    while (used.has(index)) index += 1;
    used.add(index);
    slots.set(id, { kind: `series-${(index % slotCount) + 1}`, index });
  }
  return slots;
}
