import * as fs from 'node:fs';
import { dirname } from 'node:path';

/** Makes what was created, renamed or deleted in a directory survive a power cut. */
export function syncDirectory(directory: string): void {
  // Windows cannot open directories; there the file system journals these changes itself.
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Replaces a JSON file in one step: after a crash it holds the old value or the new one, never a part. */
export function writeJson(file: string, value: unknown): void {
  const temporary = `${file}.tmp`;
  try {
    const descriptor = fs.openSync(temporary, 'w');
    try {
      fs.writeFileSync(descriptor, `${JSON.stringify(value)}\n`);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    // On a full disk, what was written of it only takes room.
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncDirectory(dirname(file));
}

/** The value of a JSON file; undefined when there is no such file, or when it holds no JSON. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
