import type { LogSettings } from './log-settings.ts';
import { readBatches } from './read-batches.ts';
import { Segment } from './segment.ts';

/** The segments of a partition, oldest first. */
export class LogFiles {
  readonly #directory: string;
  readonly #segments: Segment[];

  constructor(directory: string, segments: Segment[]) {
    this.#directory = directory;
    this.#segments = segments;
  }

  /** The segment that is written to; undefined before the first record. */
  get active(): Segment | undefined {
    return this.#segments.at(-1);
  }

  get oldestOffset(): number | undefined {
    return this.#segments[0]?.baseOffset;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((total, segment) => total + segment.size, 0);
  }

  /** Begins a new segment; the one before it is complete, so its index is saved. */
  roll(baseOffset: number, now: number): Segment {
    this.active?.saveIndex();
    const segment = Segment.create(this.#directory, baseOffset, now);
    this.#segments.push(segment);
    return segment;
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#segments[middle]?.baseOffset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Whole batches from the one that holds `offset` up to `endOffset`, from as many segments as `maxBytes` allows. */
  async read(offset: number, endOffset: number, maxBytes: number, atLeastOne: boolean): Promise<Buffer[]> {
    const found: Buffer[] = [];
    let left = maxBytes;
    const segments = this.#segments.slice(this.#indexOf(offset));
    for (const segment of segments) {
      if (segment.baseOffset >= endOffset) break;
      const from = Math.max(offset, segment.baseOffset);
      const isFirst = found.length === 0;
      const bytes = await segment.using(() =>
        readBatches(segment, from, { endOffset, maxBytes: left, atLeastOne: atLeastOne && isFirst }),
      );
      if (bytes.length === 0) break;
      found.push(bytes);
      left -= bytes.length;
      if (left <= 0) break;
    }
    return found;
  }

  /** Segments that may hold a record with this timestamp or a later one, oldest first. */
  segmentsFromTime(timestamp: number): Segment[] {
    const first = this.#segments.findIndex((segment) => segment.maxTimestamp >= timestamp);
    return first === -1 ? [] : this.#segments.slice(first);
  }

  /** The greatest timestamp in the log; -Infinity when it is empty. */
  get maxTimestamp(): number {
    return this.#segments.reduce((latest, segment) => Math.max(latest, segment.maxTimestamp), Number.NEGATIVE_INFINITY);
  }

  /** The offset up to which retention allows whole, complete segments to go; undefined when all may stay. */
  expiredUpTo(settings: LogSettings, now: number): number | undefined {
    let total = this.sizeBytes;
    let expired: number | undefined;
    for (let index = 0; index < this.#segments.length - 1; index++) {
      const segment = this.#segments[index];
      const next = this.#segments[index + 1];
      if (!segment || !next) break;
      const isOld = settings.retentionMs >= 0 && segment.maxTimestamp < now - settings.retentionMs;
      const isTooMuch = settings.retentionBytes >= 0 && total - segment.size >= settings.retentionBytes;
      if (!isOld && !isTooMuch) break;
      total -= segment.size;
      expired = next.baseOffset;
    }
    return expired;
  }

  /** Deletes the segments that end before an offset. The newest always stays. */
  removeBefore(offset: number): void {
    while ((this.#segments[1]?.baseOffset ?? Number.POSITIVE_INFINITY) <= offset) this.#segments.shift()?.remove();
  }

  /** Closes the files that are complete; a reader opens them again. */
  closeSealed(): void {
    for (const segment of this.#segments.slice(0, -1)) segment.close();
  }

  close(): void {
    this.active?.saveIndex();
    for (const segment of this.#segments) segment.close();
  }
}
