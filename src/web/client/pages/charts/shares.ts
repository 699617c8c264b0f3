import type { PipelineInfo } from '../../../messages.ts';
import { countOf, drawnGroups, groupsOf, type Naming, type ValueGroup } from './values.ts';
import type { ChartView } from './view.ts';

type Counts = Readonly<Record<string, number>>;

export interface Shares {
  groups: ValueGroup[];
  /** Sum over what is drawn and the rest, of which each is a share. */
  total: number;
  /** What is neither drawn nor unknown: so many values, with so many records. */
  rest: { values: number; count: number };
}

/** Shares of what was counted: those that are drawn, and all others together. */
export function sharesOf(view: ChartView, counts: Counts, pipeline: PipelineInfo, naming: Naming): Shares {
  const groups = drawnGroups(view, counts, pipeline, naming);
  const drawn = new Set(groups.map(({ id }) => id));
  const others = groupsOf(Object.keys(counts), pipeline, naming).filter(
    (group) => !group.unknown && !drawn.has(group.id) && countOf(group, counts) > 0,
  );
  return {
    groups,
    total: totalOf(groups, others, view.hidden, counts),
    rest: { values: others.length, count: others.reduce((sum, group) => sum + countOf(group, counts), 0) },
  };
}

// What is hidden in the legend is not part of the ring, and so not of the whole either.
const totalOf = (groups: ValueGroup[], others: ValueGroup[], hidden: readonly string[], counts: Counts) =>
  [...groups.filter(({ id }) => !hidden.includes(id)), ...others].reduce(
    (sum, group) => sum + countOf(group, counts),
    0,
  );
