import type { StageStatus } from '../../../messages.ts';

/** What the page knew of the stages in one second, by the browser's clock; what was not known then is left out. */
export interface Sample {
  second: number;
  /** Rows per second. */
  produce?: number;
  /** Records per second. */
  broker?: number;
  aggregate?: number;
  /** Windows that the store has been given, in all. */
  stored?: number;
  /** From the end of the newest window to its being told, ms. */
  delay?: number;
}

/** Seconds that a sparkline shows. */
export const shownSeconds = 60;
// One more on each side: a rate is the difference of two.
const keptSeconds = shownSeconds + 5;
/** Windows come in gusts; over so many seconds they make a rate that can be read. */
const averagedSeconds = 5;

/** A sample of a status at a moment of the browser's clock. */
export function sampleOf({ produce, broker, aggregate, store }: StageStatus, delay: number | undefined, now: number) {
  const sample: Sample = { second: Math.floor(now / 1_000) };
  if (produce) sample.produce = produce.rate;
  if (broker?.rate !== undefined) sample.broker = broker.rate;
  if (aggregate) sample.aggregate = aggregate.rate;
  if (store) sample.stored = store.windows;
  if (delay !== undefined) sample.delay = delay;
  return sample;
}

/** The samples of the last minute with one more; the latest of a second is the one that stays. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const kept = samples.filter(({ second }) => second < sample.second && second >= sample.second - keptSeconds);
  return [...kept, sample];
}

/** A value for each of the last 60 seconds, oldest first; null where nothing is known. */
export type Series = readonly (number | null)[];

// The second that is running is not complete: it would show less than there is.
const secondsUpTo = (now: number) => {
  const last = Math.floor(now / 1_000) - 1;
  return Array.from({ length: shownSeconds }, (_, index) => last - shownSeconds + 1 + index);
};

/** What was measured of a stage in each second. */
export function measured(
  samples: readonly Sample[],
  name: 'produce' | 'broker' | 'aggregate' | 'delay',
  now: number,
): Series {
  const bySecond = new Map(samples.map((sample) => [sample.second, sample[name]]));
  return secondsUpTo(now).map((second) => bySecond.get(second) ?? null);
}

/** Windows per second that were stored, from how many were stored in all. */
export function storedPerSecond(samples: readonly Sample[], now: number): Series {
  const bySecond = new Map(samples.map((sample) => [sample.second, sample.stored]));
  return secondsUpTo(now).map((second) => {
    const after = bySecond.get(second);
    if (after === undefined) return null;
    for (let span = averagedSeconds; span > 0; span--) {
      const before = bySecond.get(second - span);
      // Fewer than before: the server has been started again.
      if (before !== undefined) return after < before ? null : (after - before) / span;
    }
    return null;
  });
}

/** Windows per second that came out, from those that the page has; `now` is the server's clock. */
export function windowsPerSecond(windows: ReadonlyMap<string, readonly { end: number }[]>, now: number): Series {
  const seconds = secondsUpTo(now);
  const first = (seconds[0] ?? 0) - averagedSeconds;
  const counts = new Map<number, number>();
  for (const series of windows.values()) {
    for (let at = series.length - 1; at >= 0; at--) {
      const second = Math.floor((series[at]?.end ?? 0) / 1_000);
      if (second < first) break;
      counts.set(second, (counts.get(second) ?? 0) + 1);
    }
  }
  return seconds.map((second) => {
    let sum = 0;
    for (let back = 0; back < averagedSeconds; back++) sum += counts.get(second - back) ?? 0;
    return sum / averagedSeconds;
  });
}

/** The newest value of a series; undefined when there is none in it. */
export const latestOf = (series: Series): number | undefined => series.findLast((value) => value !== null) ?? undefined;

/** A line through a series in a box, as a path of SVG: from zero to the greatest value, broken where nothing is known. */
export function sparkPath(series: Series, width: number, height: number): string {
  const most = Math.max(1e-9, ...series.map((value) => value ?? 0));
  const step = width / (series.length - 1);
  let path = '';
  series.forEach((value, index) => {
    if (value === null) return;
    const isFirst = index === 0 || series[index - 1] === null;
    const y = height - (Math.max(0, value) / most) * height;
    path += `${isFirst ? 'M' : 'L'}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  return path;
}
