import type { BatchBody } from './batch-body.ts';
import { hasAppendTime } from './batch-header.ts';
import { readVarint, readVarlong, varintEnd } from './varints.ts';

const noHeaders: Readonly<Record<string, string>> = Object.freeze(Object.create(null));
const nothing = Buffer.alloc(0);

/**
 * Goes through the records of a batch without making anything of them: what it stands on is read when it is asked for.
 * A million one-byte values would otherwise be several million objects.
 */
export class RecordCursor {
  offset = 0;
  timestamp = 0;
  #bytes: Buffer = nothing;
  #baseOffset = 0;
  #baseTimestamp = 0;
  #appendTime: number | null = null;
  /** Where the next record begins, and where the last one ends. */
  #next = 0;
  #end = 0;
  #left = 0;
  #keyAt = 0;
  #keySize = -1;
  #valueAt = 0;
  #valueSize = -1;

  /** Places it before the first record of a batch. */
  enter({ batch, bytes, start, end }: BatchBody): void {
    this.#bytes = bytes;
    this.#baseOffset = batch.baseOffset;
    this.#baseTimestamp = batch.baseTimestamp;
    this.#appendTime = hasAppendTime(batch) ? batch.maxTimestamp : null;
    this.#next = start;
    this.#end = end;
    this.#left = batch.recordCount;
  }

  /**
   * Moves on to the next record; false after the last.
   * @throws RangeError when the batch is damaged.
   */
  next(): boolean {
    if (this.#left <= 0) return false;
    this.#left -= 1;
    const bytes = this.#bytes;
    const size = readVarint(bytes, this.#next);
    const start = varintEnd;
    this.#next = start + size;
    if (size < 0 || this.#next > this.#end)
      throw new RangeError(`the record batch at offset ${this.#baseOffset} is damaged`);
    const timestamp = this.#baseTimestamp + readVarlong(bytes, start + 1);
    this.timestamp = this.#appendTime ?? timestamp;
    this.offset = this.#baseOffset + readVarint(bytes, varintEnd);
    this.#keySize = readVarint(bytes, varintEnd);
    this.#keyAt = varintEnd;
    this.#valueSize = readVarint(bytes, this.#keyAt + Math.max(0, this.#keySize));
    this.#valueAt = varintEnd;
    return true;
  }

  get key(): Buffer | null {
    return this.#keySize < 0 ? null : this.#bytes.subarray(this.#keyAt, this.#keyAt + this.#keySize);
  }

  get value(): Buffer | null {
    return this.#valueSize < 0 ? null : this.#bytes.subarray(this.#valueAt, this.#valueAt + this.#valueSize);
  }

  get headers(): Readonly<Record<string, string>> {
    const at = this.#valueAt + Math.max(0, this.#valueSize);
    return this.#bytes[at] === 0 ? noHeaders : readHeaders(this.#bytes, at, this.#next);
  }
}

function readHeaders(bytes: Buffer, start: number, end: number): Record<string, string> {
  // Without a prototype: a header may be called __proto__.
  const headers: Record<string, string> = Object.create(null);
  let count = readVarint(bytes, start);
  let at = varintEnd;
  for (; count > 0 && at < end; count--) {
    const nameSize = readVarint(bytes, at);
    const nameAt = varintEnd;
    const valueSize = readVarint(bytes, nameAt + nameSize);
    const valueAt = varintEnd;
    headers[bytes.toString('utf8', nameAt, nameAt + nameSize)] =
      valueSize > 0 ? bytes.toString('utf8', valueAt, valueAt + valueSize) : '';
    at = valueAt + Math.max(0, valueSize);
  }
  return headers;
}
