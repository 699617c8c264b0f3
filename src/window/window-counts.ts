import { addCounts } from '../records/counts.ts';
import type { WindowShape } from '../records/window-shape.ts';
import type { Stretch } from './changelog-snapshot.ts';
import { frozenCounts } from './packed-counts.ts';
import { countsToChange, hasNews, newPane, type Pane, packPane } from './pane.ts';
import { paneRules } from './pane-rules.ts';
import { runningSum } from './running-sum.ts';

/** A window that came out: for the first time (`revision` 0) or corrected by late records (1, 2 …). Times are epoch ms. */
export interface ClosedWindow {
  start: number;
  end: number;
  revision: number;
  counts: ReadonlyMap<string, number>;
}

export interface WindowCountsOptions {
  shape: WindowShape;
  /** For how many ms after it has come out a window can still be corrected. */
  allowedLateness?: number;
}

/**
 * What an earlier run has done already: windows up to `watermark` are out, those named in `revisions`, by their end,
 * more than once.
 */
export interface WindowHistory {
  watermark: number;
  revisions: ReadonlyMap<number, number>;
}

/** How a record was taken: into all of its windows, or too late for them. */
export type Taken = 'counted' | 'dropped';

/** Counts per key in windows. Knows no clock: `advance` is told how far event time has come. */
export interface WindowCounts {
  add(key: string, time: number): Taken;
  /** Takes a record that an earlier run has counted: it rebuilds its windows, but brings nothing out again. */
  replay(key: string, time: number): void;
  /** Takes a stretch as an earlier run had it, as if all of its records were replayed. */
  restore(stretch: Stretch): void;
  /** All that is held of records. */
  stretches(): Stretch[];
  /**
   * Brings out each window that ends at or before the watermark and is new or changed: first the corrected ones, then
   * the new ones, both in the order of their ends. Forgets what no window needs any more.
   */
  advance(watermark: number): ClosedWindow[];
  /** Whether a window that is open or can be corrected holds records of this time, also when it takes no more of them. */
  needs(time: number): boolean;
  /** What still needs its records: panes by their start, of cumulative windows the periods by theirs. */
  retained(): ReadonlySetLike<number>;
  /** Windows that have come out more than once and can be corrected again, by end. */
  revisions(): ReadonlyMap<number, number>;
  /** Earliest watermark at which `advance` has something to bring out; undefined when nothing is open or changed. */
  nextClose(): number | undefined;
  /** Watermark at which all windows are out; that of now when they are. */
  lastClose(): number;
  readonly watermark: number;
  /** Records that the windows which have come out do not add up to yet. */
  openRecords(): number;
}

/** Start of the window that `time` falls in: windows are half-open and aligned to the epoch. */
export const windowStart = (time: number, size: number): number => Math.floor(time / size) * size;

const stretchOf = (kind: Stretch['kind'], { start, records, counts }: Pane): Stretch => ({
  kind,
  start,
  records,
  counts,
});

/**
 * Creates the engine, empty or as an earlier run left it. A record is counted once, in its pane; windows are sums of
 * panes (of one, when they are tumbling) that are made when they come out.
 */
export function windowCounts(
  { shape, allowedLateness = 0 }: WindowCountsOptions,
  history?: WindowHistory,
): WindowCounts {
  const rules = paneRules(shape);
  const { length } = rules;
  const panes = new Map<number, Pane>();
  /** Of each period that is needed, the sum of the panes that take no more records. */
  const periods = new Map<number, Pane>();
  /** Panes whose counts are not packed. */
  const loose = new Set<Pane>();
  const revisions = new Map(history?.revisions);
  const sum = runningSum();
  let watermark = history?.watermark ?? Number.NEGATIVE_INFINITY;
  // Records come mostly in order: the pane of the last one is nearly always that of the next.
  let latest: Pane | undefined;
  let latestReplayed: Pane | undefined;

  const isPast = (time: number) => time + allowedLateness <= watermark;

  const periodSum = (start: number): Pane => {
    let period = periods.get(start);
    if (!period) {
      period = newPane(start, Number.NEGATIVE_INFINITY);
      periods.set(start, period);
    }
    return period;
  };

  // Of a pane and the one before it records may come in turns; those before them seem to be complete.
  const packBefore = (start: number) => {
    for (const pane of loose) {
      if (pane.end >= start) continue;
      packPane(pane);
      loose.delete(pane);
    }
  };

  const openPane = (start: number): Pane => {
    let pane = panes.get(start);
    if (!pane) {
      packBefore(start);
      pane = newPane(start, start + length);
      panes.set(start, pane);
      loose.add(pane);
      const period = rules.periodOf(start);
      if (period !== undefined) periodSum(period);
    }
    return pane;
  };

  const paneThatTakes = (time: number): Pane | undefined => {
    const start = windowStart(time, length);
    if (isPast(rules.takenUntil(start))) return undefined;
    latest = openPane(start);
    return latest;
  };

  /** Where a replayed record was counted, as far as that is still needed. */
  const paneThatTook = (time: number): Pane | undefined => {
    const start = windowStart(time, length);
    if (isPast(rules.neededUntil(start))) return undefined;
    const period = rules.periodOf(start);
    return period !== undefined && isPast(rules.takenUntil(start)) ? periodSum(period) : openPane(start);
  };

  const unpacked = (pane: Pane): Map<string, number> => {
    if (!(pane.counts instanceof Map)) loose.add(pane);
    return countsToChange(pane);
  };

  const count = (pane: Pane, key: string) => {
    const counts = unpacked(pane);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    pane.records += 1;
  };

  const isDue = (pane: Pane) => hasNews(pane) && rules.firstEnd(pane.start) <= watermark;

  const close = (all: readonly Pane[], end: number, before: number): ClosedWindow => {
    const start = rules.startOf(end);
    const last = panes.get(end - length);
    // A tumbling window is its pane; no sum needs to be made.
    const alone = shape.kind === 'tumbling' ? last : undefined;
    if (alone) packPane(alone);
    else sum.slideTo(all, start, end);
    const wasOut = end <= before && rules.isOut(last?.told ?? 0, alone?.told ?? sum.told);
    const revision = wasOut ? (revisions.get(end) ?? 0) + 1 : 0;
    if (revision > 0) revisions.set(end, revision);
    return { start, end, revision, counts: frozenCounts(alone?.counts ?? sum.counts) };
  };

  const drop = (pane: Pane) => {
    panes.delete(pane.start);
    loose.delete(pane);
  };

  const forget = () => {
    for (const pane of panes.values()) {
      const period = rules.periodOf(pane.start);
      if (period === undefined) {
        if (isPast(rules.neededUntil(pane.start))) drop(pane);
      } else if (isPast(rules.takenUntil(pane.start))) {
        const into = periodSum(period);
        addCounts(countsToChange(into), pane.counts);
        into.records += pane.records;
        into.told += pane.told;
        drop(pane);
      }
    }
    for (const start of periods.keys()) if (isPast(rules.neededUntil(start))) periods.delete(start);
    for (const end of revisions.keys()) if (isPast(rules.takenUntil(end - length))) revisions.delete(end);
  };

  return {
    get watermark() {
      return watermark;
    },
    add(key, time) {
      const pane = latest && time >= latest.start && time < latest.end ? latest : paneThatTakes(time);
      if (!pane) return 'dropped';
      count(pane, key);
      return 'counted';
    },
    replay(key, time) {
      const isNext = latestReplayed && time >= latestReplayed.start && time < latestReplayed.end;
      const pane = isNext ? latestReplayed : paneThatTook(time);
      if (!pane) return;
      latestReplayed = pane;
      count(pane, key);
      pane.told += 1;
    },
    restore({ kind, start, records, counts }) {
      const isNeeded = !isPast(rules.neededUntil(start));
      const into = kind === 'pane' ? paneThatTook(start) : isNeeded ? periodSum(start) : undefined;
      if (!into) return;
      addCounts(unpacked(into), counts);
      into.records += records;
      into.told += records;
    },
    stretches: () => [
      ...periods.values().map((period) => stretchOf('period', period)),
      ...panes.values().map((pane) => stretchOf('pane', pane)),
    ],
    advance(to) {
      if (to <= watermark && !panes.values().some(isDue)) return [];
      const before = watermark;
      watermark = Math.max(before, to);
      const all = [...periods.values(), ...panes.values()].sort((a, b) => a.start - b.start);
      const ends = rules.due(all, before, watermark);
      const [first] = ends;
      if (first !== undefined) sum.beginRound(all, rules.startOf(first));
      const closed = ends.map((end) => close(all, end, before));
      for (const pane of panes.values()) pane.told = pane.records;
      sum.endRound();
      forget();
      latest = undefined;
      latestReplayed = undefined;
      return closed;
    },
    needs: (time) => !isPast(rules.neededUntil(windowStart(time, length))),
    retained: () => (shape.kind === 'cumulative' ? periods : panes),
    revisions: () => revisions,
    openRecords() {
      let open = 0;
      for (const { start, records, told } of panes.values()) {
        open += rules.ownEnd(start) > watermark ? records : records - told;
      }
      return open;
    },
    nextClose() {
      let next: number | undefined;
      for (const pane of panes.values()) {
        const end = isDue(pane) ? rules.firstEnd(pane.start) : rules.endAfter(pane.start, watermark);
        if (end !== undefined && (next === undefined || end < next)) next = end;
      }
      return next;
    },
    lastClose() {
      let last = watermark;
      for (const { start } of panes.values()) last = Math.max(last, rules.lastEnd(start));
      return last;
    },
  };
}
