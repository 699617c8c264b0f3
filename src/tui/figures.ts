import { totalOf } from '../records/counts.ts';
import { isPair, labelCounts, labelNames, unknownIn } from './counts.ts';
import type { PipelineState } from './dashboard-state.ts';
import { formatCount } from './format.ts';
import type { Tone } from './line.ts';
import type { Language } from './texts.ts';

/** A number of the last window, with what is needed to judge it. */
export interface Figure {
  /** A sign that stands for the label; empty where there is none. */
  symbol: string;
  label: string;
  tone: Tone;
  /** Records in the last window; null while there is none. */
  value: number | null;
  /** Against the window before; null where that is missing. */
  change: number | null;
  /** Of all known, 0 to 100; null where it says nothing. */
  share: number | null;
  /** Characters of the longest value of late: who keeps them free keeps the line from jumping. */
  digits: number;
}

const signs: Readonly<Record<string, { symbol: string; tone: Tone }>> = {
  Female: { symbol: '♀', tone: 'female' },
  Male: { symbol: '♂', tone: 'male' },
};
const tones = ['first', 'second', 'third'] as const;

/** The colour of a pipeline's series, by its place unless its label has one of its own, and the label's sign. */
export function signOf(pipeline: PipelineState, label: string, index: number): { symbol: string; tone: Tone } {
  const named = Object.values(pipeline.labels).find(({ zh, en }) => zh === label || en === label);
  const sign = named && Object.hasOwn(signs, named.en) ? signs[named.en] : undefined;
  return sign ?? { symbol: '', tone: tones[index % tones.length] ?? 'first' };
}

/** Windows that `digits` looks back on. */
const lookBack = 120;

/** Both numbers of a pair, or the sum of a ranking. */
export function figuresOf(pipeline: PipelineState, lang: Language): Figure[] {
  const recent = pipeline.windows.slice(-lookBack);
  const labelled = recent.map(({ counts }) => labelCounts(pipeline, counts, lang));
  const [last, before] = [recent.at(-1), recent.at(-2)];
  const follows = last && before && last.start - before.start === pipeline.window;
  const figure = (label: string, valueIn: (counts: ReadonlyMap<string, number>) => number) => {
    const values = labelled.map(valueIn);
    const value = values.at(-1) ?? null;
    const change = value !== null && follows ? value - (values.at(-2) ?? 0) : null;
    return { label, value, change, digits: formatCount(Math.max(0, ...values)).length };
  };
  if (!isPair(pipeline)) return [{ ...figure(pipeline.title[lang], totalOf), symbol: '', tone: 'text', share: null }];
  const both = totalOf(labelled.at(-1) ?? new Map());
  return labelNames(pipeline, lang).map((label, index) => {
    const shown = figure(label, (counts) => counts.get(label) ?? 0);
    const share = shown.value !== null && both > 0 ? (shown.value / both) * 100 : null;
    return { ...shown, ...signOf(pipeline, label, index), share };
  });
}

/** What else there is to say of a pipeline in numbers. */
export function factsOf(pipeline: PipelineState) {
  const last = pipeline.windows.at(-1);
  return {
    /** Records of unknown value in the last window; null while there is none. */
    unknown: last ? unknownIn(pipeline, last.counts) : null,
    /** All records of today. */
    today: totalOf(pipeline.totals),
    /** How many values were seen today; null for a pair, where that says nothing. */
    values: isPair(pipeline)
      ? null
      : pipeline.totals.keys().reduce((n, key) => n + (pipeline.unknown.includes(key) ? 0 : 1), 0),
  };
}
