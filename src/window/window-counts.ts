/** A window that came out: for the first time (`revision` 0) or corrected by late records (1, 2 …). Times are epoch ms. */
export interface ClosedWindow {
  start: number;
  end: number;
  revision: number;
  counts: ReadonlyMap<string, number>;
}

export interface WindowCountsOptions {
  /** Length of a window in ms. */
  size: number;
  /** For how many ms after it has come out a window can still be corrected. */
  allowedLateness?: number;
}

/** What an earlier run has done already: windows up to `watermark` are out, those named in `revisions` more than once. */
export interface WindowHistory {
  watermark: number;
  revisions: ReadonlyMap<number, number>;
}

interface OpenWindow {
  start: number;
  end: number;
  counts: Map<string, number>;
  records: number;
  /** −1 until the window has come out. */
  revision: number;
  /** Counts have changed since it last came out. */
  changed: boolean;
}

/** How a record was taken: into a window, or too late for any. */
export type Taken = 'counted' | 'dropped';

/** Counts per key in tumbling windows. Knows no clock: `advance` is told how far event time has come. */
export interface WindowCounts {
  add(key: string, time: number): Taken;
  /** Takes a record that an earlier run has counted: it rebuilds its window, but brings nothing out again. */
  replay(key: string, time: number): void;
  /** Brings out, by start, each window that ends at or before the watermark and is new or changed; forgets those past correction. */
  advance(watermark: number): ClosedWindow[];
  /** The windows that still need their records: open ones and those that can be corrected. */
  retained(): Iterable<number>;
  /** Windows that have come out more than once and can be corrected again, by start. */
  revisions(): Map<number, number>;
  /** Earliest watermark at which `advance` has something to bring out; undefined when nothing is open or changed. */
  nextClose(): number | undefined;
  readonly watermark: number;
  /** Records of windows that have not come out yet. */
  openRecords(): number;
}

/** Start of the window that `time` falls in: windows are half-open and aligned to the epoch. */
export const windowStart = (time: number, size: number): number => Math.floor(time / size) * size;

/** Creates the tumbling-window engine, empty or as an earlier run left it. */
export function windowCounts(options: WindowCountsOptions, history?: WindowHistory): WindowCounts {
  const { size, allowedLateness = 0 } = options;
  const windows = new Map<number, OpenWindow>();
  let watermark = history?.watermark ?? Number.NEGATIVE_INFINITY;
  // Records come mostly in order: the window of the last one is nearly always that of the next.
  let latest: OpenWindow | undefined;

  const isPast = (end: number) => end + allowedLateness <= watermark;

  const windowOf = (time: number, revisionOf: (start: number, end: number) => number): OpenWindow | undefined => {
    if (latest && time >= latest.start && time < latest.end) return latest;
    const start = windowStart(time, size);
    let window = windows.get(start);
    if (!window) {
      const end = start + size;
      if (isPast(end)) return undefined;
      window = { start, end, counts: new Map(), records: 0, revision: revisionOf(start, end), changed: false };
      windows.set(start, window);
    }
    latest = window;
    return window;
  };

  const unseen = () => -1;
  // A replayed record at or before the watermark has been in a window that is out.
  const reached = (start: number, end: number) => (end <= watermark ? (history?.revisions.get(start) ?? 0) : -1);
  const count = (window: OpenWindow, key: string) => {
    window.counts.set(key, (window.counts.get(key) ?? 0) + 1);
    window.records += 1;
  };

  return {
    get watermark() {
      return watermark;
    },
    add(key, time) {
      const window = windowOf(time, unseen);
      if (!window) return 'dropped';
      count(window, key);
      window.changed = true;
      return 'counted';
    },
    replay(key, time) {
      const window = windowOf(time, reached);
      if (!window) return;
      count(window, key);
      if (window.revision < 0) window.changed = true;
    },
    advance(to) {
      if (to <= watermark && !hasChanged(windows, watermark)) return [];
      watermark = Math.max(watermark, to);
      const due = [...windows.values()].filter((window) => window.changed && window.end <= watermark);
      const closed = due
        .sort((a, b) => a.start - b.start)
        .map((window) => {
          window.changed = false;
          window.revision += 1;
          return { start: window.start, end: window.end, revision: window.revision, counts: new Map(window.counts) };
        });
      for (const window of windows.values()) if (isPast(window.end)) windows.delete(window.start);
      latest = undefined;
      return closed;
    },
    retained: () => windows.keys(),
    revisions() {
      const corrected = [...windows.values()].filter((window) => window.revision > 0);
      return new Map(corrected.map((window) => [window.start, window.revision]));
    },
    openRecords() {
      let open = 0;
      for (const { revision, records } of windows.values()) if (revision < 0) open += records;
      return open;
    },
    nextClose() {
      let next: number | undefined;
      for (const { changed, end } of windows.values()) {
        if (changed && (next === undefined || end < next)) next = end;
      }
      return next;
    },
  };
}

const hasChanged = (windows: Map<number, OpenWindow>, watermark: number): boolean => {
  for (const { changed, end } of windows.values()) if (changed && end <= watermark) return true;
  return false;
};
