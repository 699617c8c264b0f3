import { crc32c } from '../../runtime/crc32c.ts';

/** One entry of a journal. What types mean and what payloads hold is their owner's business. */
export interface JournalEntry {
  /** 0 to 255. */
  readonly type: number;
  readonly payload: Buffer;
}

// u32 length of type and payload, u32 CRC-32C of the same, u8 type, payload; big-endian.
const headerSize = 8;

/** An entry as it stands in the file. */
export function frameEntry({ type, payload }: JournalEntry): Buffer {
  const frame = Buffer.allocUnsafe(headerSize + 1 + payload.length);
  frame.writeUInt32BE(1 + payload.length, 0);
  frame.writeUInt8(type, headerSize);
  payload.copy(frame, headerSize + 1);
  frame.writeUInt32BE(crc32c(frame, headerSize), 4);
  return frame;
}

/** The entry that begins at a position, and where the next one does; null when none begins there whole. */
function entryAt(bytes: Buffer, position: number): { entry: JournalEntry; end: number } | null {
  if (bytes.length - position < headerSize + 1) return null;
  const length = bytes.readUInt32BE(position);
  const start = position + headerSize;
  const end = start + length;
  // A tail of zeros, as some file systems leave after a power cut, reads as length 0.
  if (length === 0 || end > bytes.length || bytes.readUInt32BE(position + 4) !== crc32c(bytes, start, end)) return null;
  return { entry: { type: bytes.readUInt8(start), payload: bytes.subarray(start + 1, end) }, end };
}

/** The whole entries from the beginning on, and how many bytes they take. */
export function readEntries(bytes: Buffer): { entries: JournalEntry[]; size: number } {
  const entries: JournalEntry[] = [];
  let size = 0;
  for (let next = entryAt(bytes, 0); next !== null; next = entryAt(bytes, size)) {
    entries.push(next.entry);
    size = next.end;
  }
  return { entries, size };
}

/** Whether whole entries follow a damaged one, so that it was not merely cut off. */
export function hasEntriesBeyond(bytes: Buffer, damaged: number): boolean {
  if (bytes.length - damaged < headerSize) return false;
  const end = damaged + headerSize + bytes.readUInt32BE(damaged);
  return entryAt(bytes, end) !== null;
}
