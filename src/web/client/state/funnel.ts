import type { PipelineInfo } from '../../messages.ts';
import type { Totals } from './feed.ts';
import type { Language } from './figures.ts';

/** The values of the pipeline `action` that follow each other, and the one beside them. */
const steps = ['0', '1', '2'] as const;
const aside = '3';

export interface FunnelStep {
  key: string;
  name: string;
  count: number;
  /** Part of 1 of the first step, and of the step before; undefined where there is nothing to be part of. */
  ofFirst: number | undefined;
  ofBefore: number | undefined;
  /** Part of 1 of the greatest step. */
  size: number;
}

export interface Funnel {
  steps: FunnelStep[];
  aside: FunnelStep;
}

/** Whether the values of a pipeline are those of the way from a click to a purchase. */
export const isFunnel = ({ name, labels }: PipelineInfo): boolean =>
  name === 'action' && [...steps, aside].every((key) => Object.hasOwn(labels, key));

/**
 * The way from a click to a purchase. A step may be greater than the one before it: many buy without a cart, and the
 * shares say so.
 */
export function funnelOf({ labels }: PipelineInfo, totals: Totals | undefined, language: Language): Funnel {
  const countOf = (key: string) => totals?.counts.get(key) ?? 0;
  const first = countOf(steps[0]);
  const most = Math.max(...steps.map(countOf), 1);
  const part = (count: number, all: number | undefined) => (all ? count / all : undefined);
  const step = (key: string, before: string | undefined): FunnelStep => ({
    key,
    name: labels[key]?.[language] ?? key,
    count: countOf(key),
    ofFirst: part(countOf(key), first),
    ofBefore: before === undefined ? undefined : part(countOf(key), countOf(before)),
    size: Math.min(1, countOf(key) / most),
  });
  return { steps: steps.map((key, index) => step(key, steps[index - 1])), aside: step(aside, undefined) };
}
