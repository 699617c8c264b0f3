import { readFileSync, writeFileSync } from 'node:fs';
import { crc32c } from '../../runtime/crc32c.ts';

/** The log bytes between two entries, at least. */
export const indexInterval = 4096;

const entrySize = 16;
const footerSize = 28;

/**
 * Where batches lie in a segment: sparse entries of (offset relative to the segment, position, greatest timestamp of
 * what lies before it). Kept in memory; the file beside the segment is advisory and made anew when it does not fit.
 */
export class SegmentIndex {
  #offsets = new Uint32Array(64);
  #positions = new Uint32Array(64);
  #timestamps = new Float64Array(64);
  #count = 0;
  /** The greatest timestamp of the segment, -Infinity while it is empty. */
  maxTimestamp = Number.NEGATIVE_INFINITY;
  #lastPosition = Number.NEGATIVE_INFINITY;

  /** Notes a batch, in log order. */
  add(relativeOffset: number, position: number, batchMaxTimestamp: number): void {
    if (position - this.#lastPosition >= indexInterval) {
      if (this.#count === this.#offsets.length) this.#grow();
      this.#offsets[this.#count] = relativeOffset;
      this.#positions[this.#count] = position;
      this.#timestamps[this.#count] = this.maxTimestamp;
      this.#count++;
      this.#lastPosition = position;
    }
    if (batchMaxTimestamp > this.maxTimestamp) this.maxTimestamp = batchMaxTimestamp;
  }

  #grow(): void {
    const [offsets, positions, timestamps] = [this.#offsets, this.#positions, this.#timestamps];
    this.#offsets = new Uint32Array(offsets.length * 2);
    this.#positions = new Uint32Array(offsets.length * 2);
    this.#timestamps = new Float64Array(offsets.length * 2);
    this.#offsets.set(offsets);
    this.#positions.set(positions);
    this.#timestamps.set(timestamps);
  }

  /** A position at or before the batch that holds an offset. */
  positionOfOffset(relativeOffset: number): number {
    return this.#positions[this.#lastWhere((entry) => (this.#offsets[entry] ?? 0) <= relativeOffset)] ?? 0;
  }

  /** A position at or before the first batch with this timestamp or a later one. */
  positionOfTime(timestamp: number): number {
    return this.#positions[this.#lastWhere((entry) => (this.#timestamps[entry] ?? 0) < timestamp)] ?? 0;
  }

  #lastWhere(holds: (entry: number) => boolean): number {
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (holds(middle)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Writes the index beside a segment that has `logSize` bytes and will not grow before it is read again. */
  save(file: string, logSize: number): void {
    const bytes = Buffer.allocUnsafe(this.#count * entrySize + footerSize);
    for (let entry = 0; entry < this.#count; entry++) {
      bytes.writeUInt32LE(this.#offsets[entry] ?? 0, entry * entrySize);
      bytes.writeUInt32LE(this.#positions[entry] ?? 0, entry * entrySize + 4);
      bytes.writeDoubleLE(this.#timestamps[entry] ?? 0, entry * entrySize + 8);
    }
    const footer = this.#count * entrySize;
    bytes.writeDoubleLE(this.maxTimestamp, footer);
    bytes.writeDoubleLE(this.#lastPosition, footer + 8);
    bytes.writeDoubleLE(logSize, footer + 16);
    bytes.writeUInt32LE(crc32c(bytes, 0, footer + 24), footer + 24);
    writeFileSync(file, bytes);
  }

  /** The index in a file, if it is whole and made for a segment of `logSize` bytes; else undefined. */
  static load(file: string, logSize: number): SegmentIndex | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch {
      return undefined;
    }
    const footer = bytes.length - footerSize;
    if (footer < 0 || footer % entrySize !== 0) return undefined;
    if (bytes.readUInt32LE(footer + 24) !== crc32c(bytes, 0, footer + 24)) return undefined;
    if (bytes.readDoubleLE(footer + 16) !== logSize) return undefined;
    const index = new SegmentIndex();
    const count = footer / entrySize;
    while (index.#offsets.length < count) index.#grow();
    for (let entry = 0; entry < count; entry++) {
      index.#offsets[entry] = bytes.readUInt32LE(entry * entrySize);
      index.#positions[entry] = bytes.readUInt32LE(entry * entrySize + 4);
      index.#timestamps[entry] = bytes.readDoubleLE(entry * entrySize + 8);
    }
    index.#count = count;
    index.maxTimestamp = bytes.readDoubleLE(footer);
    index.#lastPosition = bytes.readDoubleLE(footer + 8);
    return index;
  }
}
