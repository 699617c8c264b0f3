import type { BatchBody } from './batch-body.ts';
import { RecordCursor } from './record-cursor.ts';

/** A record that a scan stands on. The same object each time: what is to be kept of it must be copied. */
export interface ScannedRecord {
  readonly offset: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly value: Buffer | null;
}

/** Records in offset order, to be gone through one at a time, as often as one likes. */
export interface RecordScan extends Iterable<ScannedRecord> {
  /** So many, or fewer: a batch may begin before what was asked for. */
  readonly atMost: number;
  /** Those from an offset on. */
  from(offset: number): RecordScan;
}

/**
 * A scan of the records of batches that follow each other, from the offset `from` on.
 * @param explain makes an error of what is found to be damaged under way.
 */
export const recordScan = (
  bodies: readonly BatchBody[],
  from: number,
  explain: (cause: unknown) => Error,
): RecordScan => ({
  atMost: bodies.reduce((sum, { batch }) => sum + batch.recordCount, 0),
  from: (offset) => recordScan(bodies, Math.max(from, offset), explain),
  [Symbol.iterator]: () => scanning(bodies, from, explain),
});

/** A generator would make an object for each record, and could not be compiled into the loop that it feeds. */
function scanning(
  bodies: readonly BatchBody[],
  from: number,
  explain: (cause: unknown) => Error,
): Iterator<ScannedRecord, undefined> {
  const cursor = new RecordCursor();
  let next = 0;
  const step: IteratorYieldResult<ScannedRecord> = { done: false, value: cursor };
  const advance = (): boolean => {
    for (;;) {
      if (cursor.next()) return true;
      const body = bodies[next++];
      if (!body) return false;
      cursor.enter(body);
    }
  };
  return {
    next() {
      try {
        while (advance()) if (cursor.offset >= from) return step;
      } catch (error) {
        throw explain(error);
      }
      return { done: true, value: undefined };
    },
  };
}
