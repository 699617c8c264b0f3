import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { DashctlError, messageOf } from '../runtime/errors.ts';
import { displayName } from './byte-source.ts';
import type { RejectedRow } from './rejected-row.ts';

/** Where rejected rows are kept. */
export interface RejectWriter {
  /** Resolves when more can be taken. */
  write(file: string, rejects: readonly RejectedRow[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes rejected rows into a CSV of its own: line number, reason, the row as it was, and the file that it was in.
 * @throws DashctlError `FILE_NOT_WRITABLE`.
 */
export async function rejectWriter(path: string): Promise<RejectWriter> {
  const stream = createWriteStream(path);
  const failure = (error: unknown) =>
    new DashctlError('FILE_NOT_WRITABLE', `cannot write the rejected rows: ${messageOf(error)}`, {
      hint: 'give --rejects a file in a folder that exists and can be written to',
    });
  try {
    await once(stream, 'open');
  } catch (error) {
    throw failure(error);
  }
  let failed: unknown;
  stream.on('error', (error) => {
    failed = error;
  });
  const put = async (text: string) => {
    if (failed) throw failure(failed);
    if (stream.write(text)) return;
    await Promise.race([once(stream, 'drain'), once(stream, 'close')]).catch((error: unknown) => {
      throw failure(error);
    });
  };
  await put('line,reason,row,file\n');
  return {
    async write(file, rejects) {
      const name = quoted(displayName(file));
      await put(rejects.map(({ line, reason, raw }) => `${line},${reason},${quoted(raw)},${name}\n`).join(''));
    },
    async close() {
      stream.end();
      await finished(stream).catch((error: unknown) => {
        throw failure(error);
      });
    },
  };
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
