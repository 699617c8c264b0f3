import type { Resolution, WindowStore } from '../../records/window-store.ts';

interface Known {
  pipeline: string;
  resolution: Resolution;
  /** Start of some window, minute or hour that is stored. */
  present: number;
  /** In steps of this many ms they may start. */
  grain: number;
  /** A guess at how far apart they are. */
  step: number;
}

/**
 * Finds where the oldest window, minute or hour of a pipeline starts. Where it was found before is where it is looked
 * for first: it moves only as fast as windows are taken out.
 */
export function oldestFinder(store: WindowStore): (known: Known) => Promise<number> {
  const before = new Map<string, number>();

  return async ({ pipeline, resolution, present, grain, step }) => {
    const newestIn = async (from: number | undefined, to: number) => {
      const [found] = await store.series(pipeline, {
        resolution,
        limit: 1,
        to,
        ...(from === undefined ? {} : { from }),
      });
      return found?.start;
    };

    /** The first that is found from there on. */
    const after = async (start: number): Promise<number> => {
      for (let length = step; start + length <= present; length *= 4) {
        const found = await newestIn(start, start + length);
        if (found !== undefined) return found;
      }
      return present;
    };

    const key = `${resolution} ${pipeline}`;
    let high = await after(Math.min(before.get(key) ?? present, present));
    let low = high - step;
    for (let length = step; ; length *= 4) {
      low = high - length;
      const older = await newestIn(undefined, low);
      if (older === undefined) break;
      high = older;
    }
    while (low < high) {
      const middle = low + Math.floor((high - low) / grain / 2) * grain;
      const found = await newestIn(low, middle + 1);
      if (found === undefined) low = middle + grain;
      else high = found;
    }
    before.set(key, high);
    return high;
  };
}
