// The inner loop of every reader. Varints of one byte, nearly all, cost a load and a comparison; where the number ends
// is left in `varintEnd`, so that no object has to carry it back.

/** Where the varint that was read last ends. */
export let varintEnd = 0;

export function readVarint(bytes: Buffer, at: number): number {
  const byte = bytes[at] as number;
  if (byte < 0x80) {
    varintEnd = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }
  let bits = byte & 0x7f;
  let position = at + 1;
  for (let shift = 7; shift < 35; shift += 7) {
    const more = bytes[position++];
    if (more === undefined) break;
    bits |= (more & 0x7f) << shift;
    if (more < 0x80) {
      varintEnd = position;
      return (bits >>> 1) ^ -(bits & 1);
    }
  }
  throw new RangeError('a number in a record is damaged');
}

export function readVarlong(bytes: Buffer, at: number): number {
  const byte = bytes[at] as number;
  if (byte < 0x80) {
    varintEnd = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }
  let bits = 0;
  let position = at;
  for (let unit = 1; unit < 2 ** 70; unit *= 128) {
    const more = bytes[position++];
    if (more === undefined) break;
    bits += (more & 0x7f) * unit;
    if (more < 0x80) {
      varintEnd = position;
      return bits % 2 === 0 ? bits / 2 : -(bits + 1) / 2;
    }
  }
  throw new RangeError('a number in a record is damaged');
}
