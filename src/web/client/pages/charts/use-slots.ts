import { useRef } from 'react';
import type { PipelineInfo } from '../../../messages.ts';
import { drawnGroups, type Naming, type Slot, slotsFor, type ValueGroup } from './values.ts';
import type { ChartView } from './view.ts';

interface SlotsInput {
  view: ChartView;
  pipeline: PipelineInfo;
  naming: Naming;
  counts: Record<string, number>;
  /** What is drawn, where that has been found out already. */
  groups: readonly ValueGroup[] | undefined;
}

/** What is drawn, and how: a value keeps its colour for as long as it is drawn. */
export function useSlots({ view, pipeline, naming, counts, groups: known }: SlotsInput) {
  const held = useRef<{ pipeline: string; slots: ReadonlyMap<string, Slot> }>(undefined);
  const groups = known ?? drawnGroups(view, counts, pipeline, naming);
  const before = held.current?.pipeline === pipeline.name ? held.current.slots : undefined;
  const slots = slotsFor(groups, pipeline.name, before);
  held.current = { pipeline: pipeline.name, slots };
  return { groups, slots };
}
