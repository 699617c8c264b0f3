import { openBatch } from './batch-body.ts';
import type { BatchHeader } from './batch-header.ts';
import { RecordCursor } from './record-cursor.ts';

/** A record that was read. `timestamp` is epoch ms; key and value are slices of what was fetched. */
export interface SourceRecord {
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
}

/** The type of a control batch's marker: 0 abort, 1 commit. */
export function readMarkerType(bytes: Buffer, batch: BatchHeader): number {
  const [marker] = readControlRecord(bytes, batch);
  return marker?.key && marker.key.length >= 4 ? marker.key.readInt16BE(2) : -1;
}

function readControlRecord(bytes: Buffer, batch: BatchHeader): SourceRecord[] {
  const into: SourceRecord[] = [];
  decodeRecords(bytes, batch, batch.baseOffset, into);
  return into;
}

/**
 * Appends the records of a batch to `into`, from the offset `from` on: the first batch of a fetch may begin before it.
 * @throws RangeError when the batch is damaged.
 */
export function decodeRecords(bytes: Buffer, batch: BatchHeader, from: number, into: SourceRecord[]): void {
  const cursor = new RecordCursor();
  cursor.enter(openBatch(bytes, batch));
  while (cursor.next()) {
    if (cursor.offset < from) continue;
    const { offset, timestamp, key, value, headers } = cursor;
    into.push({ offset, timestamp, key, value, headers });
  }
}
