/** A name in both languages of the page. */
export interface Label {
  zh: string;
  en: string;
}

/** Value → what it is called. */
export type Labels = Readonly<Record<string, Label>>;

/** Values that are called the same, which are one to the reader: both codes of `≥50`. */
export interface Namesakes {
  /** In the order of the labels; the first one stands for all. */
  values: readonly [string, ...string[]];
  label: Label;
}

const bothNames = ({ zh, en }: Label) => JSON.stringify([zh, en]);

/** The labelled values by name, in the order of their first; by the names of both languages unless told which. */
export function namesakes(labels: Labels, nameOf: (label: Label) => string = bothNames): Namesakes[] {
  const groups = new Map<string, { values: [string, ...string[]]; label: Label }>();
  for (const [value, label] of Object.entries(labels)) {
    const name = nameOf(label);
    const group = groups.get(name);
    if (group) group.values.push(value);
    else groups.set(name, { values: [value], label });
  }
  return [...groups.values()];
}

/** A value and those called the same, in the order of the labels; it alone without a label. */
export function sameNamed(labels: Labels, value: string): string[] {
  const own = labelOf(labels, value);
  if (!own) return [value];
  return Object.keys(labels).filter((other) => labels[other]?.zh === own.zh && labels[other]?.en === own.en);
}

/** What a value is called; undefined without a label. A value such as `constructor` has none by birth. */
export const labelOf = (labels: Labels, value: string): Label | undefined =>
  Object.hasOwn(labels, value) ? labels[value] : undefined;
