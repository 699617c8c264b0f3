/** A stretch of time that the chart can show; `minutes` is undefined for the last twenty windows. */
export interface Range {
  id: string;
  minutes: number | undefined;
  /** Windows from the left edge to the right. */
  windows: number;
}

const shortest = 20;

/** The ranges that a kept history of so many windows can fill. */
export function rangesFor(history: number, window: number): Range[] {
  const byMinutes = [1, 5, 15].map((minutes) => ({
    id: `${minutes}m`,
    minutes,
    windows: Math.round((minutes * 60_000) / window),
  }));
  return [
    { id: '20', minutes: undefined, windows: shortest },
    ...byMinutes.filter(({ windows }) => windows > shortest && windows <= history),
  ];
}

const second = 1_000;
const minute = 60 * second;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((count) => count * minute),
];

/** Round times in `[from, to]` for the axis, no closer than a `most`-th of it. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const step = steps.find((candidate) => (to - from) / candidate <= most) ?? to - from + 1;
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
