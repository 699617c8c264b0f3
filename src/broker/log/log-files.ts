import type { Allocate } from './buffer-pool.ts';
import type { LogSettings } from './log-settings.ts';
import { type ReadLimits, readBatches } from './read-batches.ts';
import { Segment } from './segment.ts';

/** A partition's complete segments that are ready to be read. */
const mostAwake = 4;

/** The segments of a partition, oldest first. */
export class LogFiles {
  readonly #directory: string;
  readonly #segments: Segment[];
  /** Complete segments whose index is in memory, the last one read at the end. */
  #awake: Segment[] = [];

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
    const sealed = this.active;
    // Were it lost while the next one stays, the log would seem to begin there.
    sealed?.syncName();
    const segment = Segment.create(this.#directory, baseOffset, now);
    this.#segments.push(segment);
    if (sealed) this.#wake(sealed);
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
  async read(
    offset: number,
    endOffset: number,
    maxBytes: number,
    atLeastOne: boolean,
    allocate?: Allocate,
  ): Promise<Buffer[]> {
    const limits = { endOffset, maxBytes, atLeastOne, allocate };
    // Some clients make no progress with an answer that holds no record, so batches that compaction has emptied only
    // come before others. When no others are left, they move a consumer to the end.
    return (await this.#read(offset, limits, true)) ?? (await this.#read(offset, limits, false)) ?? [];
  }

  /** Undefined when all batches from `offset` on were skipped, because they are empty. */
  async #read(offset: number, limits: ReadLimits, skipsEmpty: boolean): Promise<Buffer[] | undefined> {
    const { endOffset, maxBytes, atLeastOne, allocate } = limits;
    const found: Buffer[] = [];
    let left = maxBytes;
    let from = offset;
    while (from < endOffset) {
      // Looked up each time: compaction may have put one segment in the place of several.
      const index = this.#indexOf(from);
      const [segment, next] = [this.#segments[index], this.#segments[index + 1]];
      if (!segment) break;
      this.#wake(segment);
      const start = Math.max(from, segment.baseOffset);
      const isFirst = found.length === 0;
      const run = await segment.using(() =>
        readBatches(segment, start, {
          endOffset,
          maxBytes: left,
          atLeastOne: atLeastOne && isFirst,
          skipsEmpty: skipsEmpty && isFirst,
          allocate,
        }),
      );
      if (run?.bytes.length === 0) return found;
      if (run) {
        found.push(run.bytes);
        left -= run.bytes.length;
      }
      // What did not fit must not be passed over for a smaller batch of the next segment.
      if (left <= 0 || !next || (run && run.end < segment.size)) break;
      from = next.baseOffset;
    }
    return found.length > 0 ? found : undefined;
  }

  /** The segments that are complete, and where each of them ends. */
  get sealed(): { readonly segment: Segment; readonly endOffset: number }[] {
    return this.#segments.slice(0, -1).map((segment, index) => ({
      segment,
      endOffset: this.#segments[index + 1]?.baseOffset ?? segment.baseOffset,
    }));
  }

  /** Whether these segments are all here still, one after the other. */
  holds(segments: readonly Segment[]): boolean {
    const first = this.#segments.findIndex(({ baseOffset }) => baseOffset === segments[0]?.baseOffset);
    return first >= 0 && segments.every((segment, index) => this.#segments[first + index] === segment);
  }

  /** Puts one segment in the place of some that follow each other. */
  replace(old: readonly Segment[], by: Segment): void {
    by.saveIndex();
    const [first] = old;
    if (first) this.#segments.splice(this.#segments.indexOf(first), old.length, by);
  }

  /** Segments that may hold a record with this timestamp or a later one, oldest first. */
  *segmentsFromTime(timestamp: number): Generator<Segment> {
    let index = this.#segments.findIndex((segment) => segment.maxTimestamp >= timestamp);
    while (index >= 0) {
      const [segment, next] = [this.#segments[index], this.#segments[index + 1]];
      if (segment) {
        this.#wake(segment);
        yield segment;
      }
      // Looked up again: compaction may have put one segment in the place of several.
      index = next ? this.#indexOf(next.baseOffset) : -1;
    }
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
    for (const segment of this.#segments.slice(0, -1)) segment.rest();
    this.#awake = [];
  }

  /** Keeps the files and indexes of only the last few segments that were read, so that a large log takes little memory. */
  #wake(segment: Segment): void {
    if (segment === this.active || this.#awake.at(-1) === segment) return;
    this.#awake = [...this.#awake.filter((other) => other !== segment), segment];
    if (this.#awake.length > mostAwake) this.#awake.shift()?.rest();
  }

  close(): void {
    this.active?.saveIndex();
    for (const segment of this.#segments) segment.close();
  }
}
