import * as fc from 'fast-check';
import type { WindowShape } from '../../src/records/window-shape.ts';
import type { ClosedWindow } from '../../src/window/window-counts.ts';

export interface TimedKey {
  key: string;
  time: number;
}

export const shapes: fc.Arbitrary<WindowShape> = fc
  .record({
    kind: fc.constantFrom('tumbling', 'hopping', 'cumulative'),
    unit: fc.constantFrom(250, 1_000),
    long: fc.integer({ min: 1, max: 8 }),
    short: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ kind, unit, long, short }): WindowShape => {
    if (kind === 'tumbling') return { kind, size: long * unit };
    if (kind === 'hopping') return { kind, size: Math.max(long, short) * unit, slide: Math.min(long, short) * unit };
    return { kind: 'cumulative', size: long * short * unit, step: short * unit };
  });

export const timedKeys = fc.array(
  fc.record({ key: fc.constantFrom('0', '1', 'NULL'), time: fc.integer({ min: -2_000, max: 20_000 }) }),
  { maxLength: 60 },
);

interface Span {
  start: number;
  end: number;
}

const multiples = (unit: number, from: number, to: number): number[] => {
  const found: number[] = [];
  for (let value = Math.ceil(from / unit) * unit; value <= to; value += unit) found.push(value + 0);
  return found;
};

/** All windows that hold a time, by trying each. */
function windowsOf(shape: WindowShape, time: number): Span[] {
  if (shape.kind === 'cumulative') {
    const start = multiples(shape.size, time - shape.size + 1, time).at(-1) ?? 0;
    return multiples(shape.step, time + 1, start + shape.size).map((end) => ({ start, end }));
  }
  const slide = shape.kind === 'hopping' ? shape.slide : shape.size;
  return multiples(slide, time - shape.size + 1, time).map((start) => ({ start, end: start + shape.size }));
}

/** Whether a record is taken: of hopping windows while the last can be corrected, of cumulative ones while the first can. */
export function isTaken(shape: WindowShape, time: number, watermark: number, allowedLateness: number): boolean {
  const ends = windowsOf(shape, time).map(({ end }) => end);
  return (shape.kind === 'cumulative' ? Math.min(...ends) : Math.max(...ends)) + allowedLateness > watermark;
}

const nameOf = ({ start, end }: Span) => `${start}/${end}`;

/** The counts of every window that comes out, up to a watermark, by name. */
export function countNaively(
  shape: WindowShape,
  records: readonly TimedKey[],
  watermark = Number.POSITIVE_INFINITY,
): Map<string, Record<string, number>> {
  const counts = new Map<string, Record<string, number>>();
  const due = new Set<string>();
  for (const { key, time } of records) {
    const windows = windowsOf(shape, time);
    for (const [index, window] of windows.entries()) {
      const name = nameOf(window);
      const own = counts.get(name) ?? {};
      own[key] = (own[key] ?? 0) + 1;
      counts.set(name, own);
      if ((shape.kind !== 'cumulative' || index === 0) && window.end <= watermark) due.add(name);
    }
  }
  return new Map([...counts].filter(([name]) => due.has(name)));
}

/** What has come out: the last counts of each window; complains of a revision that is not the next. */
export function published() {
  const last = new Map<string, { revision: number; counts: Record<string, number> }>();
  return {
    take(windows: readonly ClosedWindow[]) {
      for (const window of windows) {
        const name = nameOf(window);
        const expected = (last.get(name)?.revision ?? -1) + 1;
        if (window.revision !== expected) throw new Error(`${name} came as ${window.revision}, not ${expected}`);
        last.set(name, { revision: window.revision, counts: Object.fromEntries(window.counts) });
      }
    },
    counts: () => new Map([...last].map(([name, { counts }]) => [name, counts])),
    revisions: () => [...last.values()].map(({ revision }) => revision),
  };
}

/** Records in the windows that together hold each record once; undefined when there are no such windows. */
export function recordsIn(shape: WindowShape, counts: ReadonlyMap<string, Record<string, number>>): number | undefined {
  const sums = [...counts].map(([name, own]) => {
    const [start = 0, end = 0] = name.split('/').map(Number);
    return { start, end, sum: Object.values(own).reduce((a, b) => a + b, 0) };
  });
  if (shape.kind === 'cumulative') {
    const longest = new Map(sums.sort((a, b) => a.end - b.end).map(({ start, sum }) => [start, sum]));
    return longest.values().reduce((a, b) => a + b, 0);
  }
  const slide = shape.kind === 'hopping' ? shape.slide : shape.size;
  return shape.size % slide === 0 ? sums.reduce((all, { sum }) => all + sum, 0) / (shape.size / slide) : undefined;
}
