import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../../runtime/errors.ts';

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

/** Makes a directory, and those above it that are missing, all of which survive a power cut. */
export function makeDirectory(directory: string): void {
  const first = fs.mkdirSync(directory, { recursive: true }) ?? directory;
  // One that is there already may be of a process that was killed before it came to this.
  for (let made = directory; made.length >= first.length; made = dirname(made)) {
    try {
      syncDirectory(dirname(made));
    } catch (error) {
      // Where this user may not look, somebody else has made the directory.
      if (errnoOf(error) !== 'EACCES') throw error;
    }
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
