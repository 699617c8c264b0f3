/** A frame that does not say what its length or its schema promises. It ends the connection that sent it, nothing else. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const zeroUuid = Buffer.alloc(16);

/**
 * Reads protocol primitives (big-endian) from a frame. Every length is checked against the bytes that are left before
 * anything is allocated, so a hostile count costs nothing.
 * `bytes` are slices of the frame, not copies: copy them to keep them longer than the request.
 * @throws ProtocolError from every method when the frame ends early or holds an impossible value.
 */
export class Reader {
  readonly #buffer: Buffer;
  #position: number;

  constructor(buffer: Buffer, position = 0) {
    this.#buffer = buffer;
    this.#position = position;
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.#buffer.length - this.#position;
  }

  #take(size: number): number {
    const at = this.#position;
    if (size > this.#buffer.length - at) {
      throw new ProtocolError(`frame ends ${size - (this.#buffer.length - at)} bytes early`);
    }
    this.#position = at + size;
    return at;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4));
  }

  /** Offsets, timestamps and producer ids stay below 2^53, so a number holds them; anything else is refused. */
  int64(): number {
    const at = this.#take(8);
    const value = this.#buffer.readInt32BE(at) * 0x1_0000_0000 + this.#buffer.readUInt32BE(at + 4);
    if (!Number.isSafeInteger(value)) throw new ProtocolError('64-bit value out of range');
    return value;
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  /** 32 hexadecimal digits; null for the zero id, which means "none". */
  uuid(): string | null {
    const at = this.#take(16);
    const slice = this.#buffer.subarray(at, at + 16);
    return slice.equals(zeroUuid) ? null : slice.toString('hex');
  }

  /** Unsigned, at most 32 bits: lengths and tags. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) break;
        return value;
      }
    }
    throw new ProtocolError('variable-length integer too long');
  }

  /** The length of a string, of bytes or of an array; null when it is null. */
  #length(compact: boolean, wide: boolean): number | null {
    const length = compact ? this.uvarint() - 1 : wide ? this.int32() : this.int16();
    if (length === -1) return null;
    if (length < 0) throw new ProtocolError(`negative length ${length}`);
    if (length > this.remaining) throw new ProtocolError(`length ${length} exceeds the frame`);
    return length;
  }

  string(compact: boolean): string | null {
    const length = this.#length(compact, false);
    if (length === null) return null;
    const at = this.#take(length);
    return this.#buffer.toString('utf8', at, at + length);
  }

  bytes(compact: boolean): Buffer | null {
    const length = this.#length(compact, true);
    if (length === null) return null;
    const at = this.#take(length);
    return this.#buffer.subarray(at, at + length);
  }

  /** The number of elements that follow, each of which takes at least one byte; null for a null array. */
  count(compact: boolean): number | null {
    return this.#length(compact, true);
  }

  /** Skips a section of tagged fields: all of them are optional by definition, and this broker needs none. */
  skipTags(): void {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint();
      this.#take(this.uvarint());
    }
  }
}
