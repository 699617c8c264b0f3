/**
 * Writes protocol primitives (big-endian) into a growing frame. Record slices are linked in, not copied, so a frame is
 * a list of buffers for one `writev`.
 */
export class Writer {
  #buffer: Buffer;
  #position = 0;
  // Where the part of the buffer begins that is not among the chunks yet.
  #segment = 0;
  readonly #chunks: Buffer[] = [];
  #chunkBytes = 0;

  constructor(sizeHint = 256) {
    this.#buffer = Buffer.allocUnsafe(sizeHint);
  }

  #reserve(size: number): number {
    const at = this.#position;
    if (at + size > this.#buffer.length) {
      const pending = at - this.#segment;
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, pending + size));
      this.#buffer.copy(grown, 0, this.#segment, at);
      this.#buffer = grown;
      this.#segment = 0;
      this.#position = pending + size;
      return pending;
    }
    this.#position = at + size;
    return at;
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeInt32BE(value, at);
  }

  /** A whole number within ± 2^53. */
  int64(value: number): void {
    const at = this.#reserve(8);
    this.#buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
    this.#buffer.writeUInt32BE(value >>> 0, at + 4);
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  /** 32 hexadecimal digits, or null for the zero id. */
  uuid(value: string | null): void {
    const at = this.#reserve(16);
    if (value === null) this.#buffer.fill(0, at, at + 16);
    else this.#buffer.write(value, at, 16, 'hex');
  }

  uvarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  #length(length: number, compact: boolean, wide: boolean): void {
    if (compact) this.uvarint(length + 1);
    else if (wide) this.int32(length);
    else this.int16(length);
  }

  string(value: string | null, compact: boolean): void {
    if (value === null) {
      this.#length(-1, compact, false);
      return;
    }
    const size = Buffer.byteLength(value);
    this.#length(size, compact, false);
    const at = this.#reserve(size);
    this.#buffer.write(value, at, size, 'utf8');
  }

  bytes(value: Buffer | null, compact: boolean): void {
    if (value === null) {
      this.#length(-1, compact, true);
      return;
    }
    this.#length(value.length, compact, true);
    const at = this.#reserve(value.length);
    value.copy(this.#buffer, at);
  }

  /** The number of elements that follow; null for a null array. */
  count(value: number | null, compact: boolean): void {
    this.#length(value ?? -1, compact, true);
  }

  /** Bytes that lie in several buffers, linked into the frame as they are: they must not change until it is sent. */
  slices(values: readonly Buffer[], compact: boolean): void {
    let size = 0;
    for (const value of values) size += value.length;
    this.#length(size, compact, true);
    if (size === 0) return;
    this.#closeSegment();
    for (const value of values) this.#chunks.push(value);
    this.#chunkBytes += size;
  }

  #closeSegment(): void {
    if (this.#position === this.#segment) return;
    this.#chunks.push(this.#buffer.subarray(this.#segment, this.#position));
    this.#chunkBytes += this.#position - this.#segment;
    this.#segment = this.#position;
  }

  /** All that was written, in order. The writer must not be used after it. */
  finish(): { chunks: Buffer[]; size: number } {
    this.#closeSegment();
    return { chunks: this.#chunks, size: this.#chunkBytes };
  }
}
