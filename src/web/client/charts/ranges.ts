/** A stretch of time that the chart can show. */
export interface Range {
  id: string;
  /** Undefined for the last twenty windows, and for all there is. */
  minutes: number | undefined;
  /** Windows from the left edge to the right, where the page itself has them; the server is asked for other ranges. */
  windows: number | undefined;
}

const shortest = 20;
const lengths = [1, 5, 15, 60];
const minuteLength = 60_000;

/** The ranges of a pipeline whose newest windows, so many, the page has. */
export function rangesFor(history: number, window: number): Range[] {
  const byMinutes = lengths
    .map((minutes) => ({ minutes, windows: Math.round((minutes * minuteLength) / window) }))
    .filter(({ windows }) => windows > shortest)
    .map(({ minutes, windows }) => ({
      id: minutes === 60 ? '1h' : `${minutes}m`,
      minutes,
      windows: windows <= history ? windows : undefined,
    }));
  return [
    { id: '20', minutes: undefined, windows: shortest },
    ...byMinutes,
    { id: 'all', minutes: undefined, windows: undefined },
  ];
}

const second = 1_000;
const minute = 60 * second;
const day = 1_440 * minute;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((count) => count * minute),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * day),
];

/** How far the reader's clock is ahead of UTC at a moment, ms. */
export const zoneAt = (time: number) => -new Date(time).getTimezoneOffset() * minute;

/** Round times of a clock that is `zone` ms ahead of UTC, in `[from, to]`, no closer than a `most`-th of it. */
export function timeTicks(from: number, to: number, most: number, zone = zoneAt(from)): number[] {
  const step = steps.find((candidate) => (to - from) / candidate <= most) ?? to - from + 1;
  const ticks: number[] = [];
  for (let tick = Math.ceil((from + zone) / step) * step - zone; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
