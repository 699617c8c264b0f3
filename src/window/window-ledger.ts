import { type KeyReader, textKey } from '../records/record-key.ts';
import type { WindowCount } from '../records/window-count.ts';
import type { CountedRecord } from './topic-counts.ts';
import { windowStart } from './window-counts.ts';

/** Where records of a window stand in a partition of the source topic: its first and its last offset. */
export interface OffsetSpan {
  partition: number;
  first: number;
  last: number;
}

/** A window twice: as the records of the source topic make it up, and as the result topic tells it. Times are epoch ms. */
export interface LedgerWindow {
  readonly start: number;
  readonly end: number;
  /** Source records by value. */
  expected: Map<string, number>;
  spans: OffsetSpan[];
  /** What the latest result says; undefined while there is none. */
  counted: ReadonlyMap<string, number> | undefined;
  /** The latest revision, −1 while there is no result. */
  revision: number;
  /** Some of its records, or a result of it, stood in the topics when the check began. */
  asked: boolean;
}

/** A result that came out though its revision had before, or though the one before it never did. */
export interface RevisionFault {
  kind: 'twice' | 'skipped';
  start: number;
  end: number;
  revision: number;
  /** Of the result record. */
  partition: number;
  offset: number;
}

/** Puts each window of a source topic beside its result. */
export interface WindowLedger {
  takeRecords(partition: number, records: readonly CountedRecord[]): void;
  takeResult(result: WindowCount, place: { partition: number; offset: number }): void;
  /** What comes from now on stood in no topic when the check began: it belongs to a window that is asked for, or to nobody. */
  beginAfter(): void;
  windows(): Iterable<LedgerWindow>;
  readonly faults: readonly RevisionFault[];
}

/**
 * Creates a ledger of tumbling windows of `size` ms. A result that equals its window is not kept a second time, so that
 * memory is that of the distinct values of each window.
 */
export function windowLedger(size: number, keyOf: KeyReader = textKey): WindowLedger {
  const windows = new Map<string, LedgerWindow>();
  const faults: RevisionFault[] = [];
  let asked = true;
  // Records come mostly in order: the window of the last one is nearly always that of the next.
  let latest: LedgerWindow | undefined;

  const windowAt = (start: number, end: number): LedgerWindow => {
    const key = `${start}/${end}`;
    let window = windows.get(key);
    if (!window) {
      window = { start, end, expected: new Map(), spans: [], counted: undefined, revision: -1, asked: false };
      windows.set(key, window);
    }
    return window;
  };

  const windowOf = (time: number): LedgerWindow => {
    if (latest && time >= latest.start && time < latest.end) return latest;
    const start = windowStart(time, size);
    latest = windowAt(start, start + size);
    return latest;
  };

  return {
    faults,
    takeRecords(partition, records) {
      let noted: LedgerWindow | undefined;
      let span: OffsetSpan | undefined;
      for (const { offset, timestamp, value } of records) {
        const key = keyOf(value);
        // What is rejected or left out is in no window.
        if (typeof key !== 'string') continue;
        const window = windowOf(timestamp);
        if (window !== noted) {
          noted = window;
          span = spanOf(window, partition, offset);
          if (asked) window.asked = true;
          // A result that equals its window shares its counts, and must not change with them.
          if (window.counted === window.expected) window.counted = new Map(window.expected);
        }
        if (span) span.last = offset;
        window.expected.set(key, (window.expected.get(key) ?? 0) + 1);
      }
    },
    takeResult({ start, end, revision, counts }, { partition, offset }) {
      const window = windowAt(start, end);
      if (asked) window.asked = true;
      if (revision !== window.revision + 1) {
        const kind = revision <= window.revision ? 'twice' : 'skipped';
        faults.push({ kind, start, end, revision, partition, offset });
      }
      window.revision = Math.max(window.revision, revision);
      window.counted = isSame(window.expected, counts) ? window.expected : counts;
    },
    beginAfter() {
      asked = false;
    },
    windows: () => windows.values(),
  };
}

function spanOf({ spans }: LedgerWindow, partition: number, offset: number): OffsetSpan {
  let span = spans.find((each) => each.partition === partition);
  if (!span) {
    span = { partition, first: offset, last: offset };
    spans.push(span);
  }
  return span;
}

function isSame(expected: ReadonlyMap<string, number>, counts: ReadonlyMap<string, number>): boolean {
  if (expected.size !== counts.size) return false;
  for (const [key, count] of counts) if (expected.get(key) !== count) return false;
  return true;
}
