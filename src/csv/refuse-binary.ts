import { DashctlError } from '../runtime/errors.ts';

// First bytes of what people hand over by mistake, and what to do with it.
const magics: { bytes: number[]; what: string; hint: (name: string) => string }[] = [
  { bytes: [0x1f, 0x8b], what: 'is gzip-compressed', hint: (name) => unpackHint(name, '.gz', 'gunzip -c') },
  {
    bytes: [0x28, 0xb5, 0x2f, 0xfd],
    what: 'is zstd-compressed',
    hint: (name) => unpackHint(name, '.zst', 'zstd -dc'),
  },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'is a zip archive or a spreadsheet',
    hint: () => 'unpack it, or save the sheet as CSV',
  },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], what: 'is xz-compressed', hint: (name) => pipeHint(name, 'xz -dc') },
  { bytes: [0x42, 0x5a, 0x68], what: 'is bzip2-compressed', hint: (name) => pipeHint(name, 'bzip2 -dc') },
];

const pipeHint = (name: string, tool: string) => `pipe it in: ${tool} ${name} | dashctl produce -`;
const unpackHint = (name: string, suffix: string, tool: string) =>
  `${name === 'stdin' ? '' : `give it a name that ends in ${suffix}, or `}${pipeHint(name === 'stdin' ? 'FILE' : name, tool)}`;

/**
 * Refuses what is no text, judged by its first bytes.
 * @param head the first bytes of a file, unpacked, up to 64 KiB of them.
 * @throws DashctlError `CSV_INVALID` that says what the file is, when that can be seen.
 */
export function refuseBinary(head: Buffer, name: string, encoding: string): void {
  for (const { bytes, what, hint } of magics) {
    // "BZh" may begin a CSV; then no level digit and block mark follow it.
    if (!bytes.every((byte, index) => head[index] === byte)) continue;
    if (bytes[0] === 0x42 && head[4] !== 0x31) continue;
    throw new DashctlError('CSV_INVALID', `${name} ${what}`, { hint: hint(name) });
  }
  if (encoding.startsWith('utf-16')) return;
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) {
    throw new DashctlError('CSV_INVALID', `${name} is UTF-16 text`, {
      hint: `add --encoding utf-16${mark === 0xfffe ? 'le' : 'be'}`,
    });
  }
  let control = 0;
  for (const byte of head) {
    if (byte === 0) control += head.length;
    // Tab, line feed, form feed and carriage return belong to text.
    else if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d) control += 1;
  }
  if (control * 10 > head.length * 3) {
    throw new DashctlError('CSV_INVALID', `${name} is a binary file, not a CSV`, {
      hint: 'give a text file with comma-separated columns',
    });
  }
}
