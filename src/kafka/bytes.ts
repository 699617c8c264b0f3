// Reading and writing of the numbers that the Kafka protocol and its records are made of, big-endian.
// Offsets, timestamps and producer ids are JS numbers: none of them comes near 2^53.

const high = 2 ** 32;

/** An int64 as a number. */
export const readInt64 = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * high + bytes.readUInt32BE(at + 4);

export function writeInt64(bytes: Buffer, value: number, at: number): void {
  bytes.writeInt32BE(Math.floor(value / high), at);
  bytes.writeUInt32BE(value >>> 0, at + 4);
}

/** Reads the fields of a response one after another; running past the end throws a RangeError. */
export class FieldReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  int64(): number {
    this.at += 8;
    return readInt64(this.bytes, this.at - 8);
  }

  int8(): number {
    this.at += 1;
    return this.bytes.readInt8(this.at - 1);
  }

  /** The unsigned varint of flexible versions (KIP-482). */
  uvarint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.int8();
      value += (byte & 0x7f) * factor;
      if (byte >= 0) return value;
    }
  }

  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.at += this.uvarint();
    }
  }

  compactString(): string {
    const length = Math.max(0, this.uvarint() - 1);
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  compactArray<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.uvarint() - 1; count > 0; count--) items.push(read());
    return items;
  }

  string(): string {
    const length = this.int16();
    if (length < 0) return '';
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  /** A slice, not a copy. */
  slice(): Buffer {
    const length = Math.max(0, this.int32());
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError('a field reaches beyond its message');
    this.at = end;
    return this.bytes.subarray(end - length, end);
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.int32(); count > 0; count--) items.push(read());
    return items;
  }
}

/** Writes the fields of a request one after another into a buffer that grows. */
export class FieldWriter {
  #bytes = Buffer.allocUnsafe(256);
  #at = 0;

  /** What has been written; valid until the next write. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(size: number): number {
    const at = this.#at;
    if (at + size > this.#bytes.length) {
      const larger = Buffer.allocUnsafe((at + size) * 2);
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#at = at + size;
    return at;
  }

  int8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#reserve(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#reserve(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.#reserve(8);
    writeInt64(this.#bytes, value, at);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    const at = this.#reserve(length);
    this.#bytes.write(value, at);
    return this;
  }

  array<T>(items: readonly T[], write: (item: T, fields: this) => void): this {
    this.int32(items.length);
    for (const item of items) write(item, this);
    return this;
  }

  uvarint(value: number): this {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.int8((rest & 0x7f) - 0x80);
    return this.int8(rest);
  }

  compactString(value: string): this {
    const length = Buffer.byteLength(value);
    this.uvarint(length + 1);
    const at = this.#reserve(length);
    this.#bytes.write(value, at);
    return this;
  }

  compactArray<T>(items: readonly T[], write: (item: T, fields: this) => void): this {
    this.uvarint(items.length + 1);
    for (const item of items) write(item, this);
    return this;
  }
}
