import { totalOf } from '../../records/counts.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import type { WindowCount } from '../../records/window-count.ts';
import { shapeOf, tumbling, type WindowShape } from '../../records/window-shape.ts';
import type { Resolution, WindowStore } from '../../records/window-store.ts';
import { oldestFinder } from './oldest.ts';
import { ceilTo, floorTo, hour, minute } from './spans.ts';

/** What is stored of a pipeline, and how finely. */
export interface StoredRange {
  /** Start of the oldest and end of the newest, epoch ms. */
  from: number;
  to: number;
  /** The windows that are stored, which flags may have made others than the pipeline says. */
  shape: WindowShape;
  /** From when on windows and sums per minute are all there; what is older is in coarser sums only. */
  complete: { window: number; minute: number };
  /** Counts in one window, minute or hour of late: what reading them costs. */
  counts: Record<Resolution, number>;
}

export type StoredRanges = (pipeline: Pipeline) => Promise<StoredRange | undefined>;

// Enough to see whether windows overlap.
const newestWindows = 4;

/** Looks up what is stored of a pipeline; undefined when nothing is. */
export function storedRanges(store: WindowStore): StoredRanges {
  const oldest = oldestFinder(store);

  return async (pipeline) => {
    const { name } = pipeline;
    const newest = await store.series(name, { limit: newestWindows });
    const last = newest.at(-1);
    if (!last) return undefined;
    const shape = shapeOfStored(pipeline, newest);

    const sumsOf = async (resolution: 'minute' | 'hour', unit: number) => {
      const present = floorTo(unit, last.start);
      const sums = await store.series(name, { resolution, from: present - unit, to: present + 1 });
      const counts = Math.max(0, ...sums.map((sum) => sum.counts.size));
      const known = { pipeline: name, resolution, grain: unit, step: unit };
      const start = sums[0]?.start ?? (await newestStart(store, name, resolution));
      return { counts, oldest: start === undefined ? undefined : await oldest({ ...known, present: start }) };
    };

    const [hours, minutes] = [await sumsOf('hour', hour), await sumsOf('minute', minute)];
    const step = Math.max(1, last.end - last.start);
    const firstWindow = await oldest({
      ...{ pipeline: name, resolution: 'window' },
      ...{ present: last.start, grain: 1, step },
    });
    const firstMinute = minutes.oldest ?? floorTo(minute, firstWindow);
    const firstHour = hours.oldest ?? floorTo(hour, firstWindow);

    /** Whether the sum of a span is that of all that is stored more finely of it. */
    const isWhole = async (coarse: 'minute' | 'hour', unit: number, fine: Resolution) => {
      const start = coarse === 'minute' ? firstMinute : firstHour;
      const [sum, parts] = [
        await store.series(name, { resolution: coarse, from: start, to: start + 1 }),
        await store.series(name, { resolution: fine, from: start, to: start + unit }),
      ];
      return recordsIn(sum) === recordsIn(parts);
    };

    const areMinutesWhole =
      firstHour >= floorTo(hour, firstMinute) &&
      (minutes.oldest === undefined || (await isWhole('hour', hour, 'minute')));
    // Windows that overlap are not summed up, so that half a minute of them is not missed.
    const areWindowsWhole =
      areMinutesWhole &&
      firstMinute >= floorTo(minute, firstWindow) &&
      (shape.kind !== 'tumbling' || minutes.oldest === undefined || (await isWhole('minute', minute, 'window')));

    return {
      from: areWindowsWhole ? firstWindow : areMinutesWhole ? firstMinute : firstHour,
      to: newest.reduce((end, window) => Math.max(end, window.end), last.end),
      shape,
      complete: {
        window: areWindowsWhole ? Number.NEGATIVE_INFINITY : ceilTo(minute, firstWindow),
        minute: areMinutesWhole ? Number.NEGATIVE_INFINITY : ceilTo(hour, firstMinute),
      },
      counts: {
        window: Math.max(1, ...newest.map(({ counts }) => counts.size)),
        minute: Math.max(1, minutes.counts),
        hour: Math.max(1, hours.counts),
      },
    };
  };
}

/** That part of a time in which something may start that is stored: a thousand years would be read page by page. */
export const withinStored = (
  stored: StoredRange,
  { from, to }: { from?: number | undefined; to?: number | undefined },
): { from: number; to: number } => {
  // The hour that the oldest window is in starts before it.
  const [first, end] = [floorTo(hour, stored.from), stored.to];
  return { from: Math.max(from ?? first, first), to: Math.min(to ?? end, end) };
};

const newestStart = async (store: WindowStore, pipeline: string, resolution: Resolution) =>
  (await store.series(pipeline, { resolution, limit: 1 }))[0]?.start;

const recordsIn = (windows: readonly WindowCount[]) => windows.reduce((sum, { counts }) => sum + totalOf(counts), 0);

/** The shape of the newest windows where it can be told, else that of the pipeline. */
function shapeOfStored(pipeline: Pipeline, newest: readonly WindowCount[]): WindowShape {
  const own = shapeOf(pipeline);
  if (own.kind === 'cumulative') return own;
  const [last, before] = [newest.at(-1), newest.at(-2)];
  if (!last) return own;
  const size = last.end - last.start;
  if (before && before.start === last.start && before.end < last.end) {
    return { kind: 'cumulative', size: Math.max(own.size, size), step: last.end - before.end };
  }
  if (before && last.end - before.end < size && before.start < last.start) {
    return { kind: 'hopping', size, slide: last.start - before.start };
  }
  return own.kind === 'hopping' ? { ...own, size, slide: Math.min(own.slide, size) } : tumbling(size);
}
