import * as fs from 'node:fs';
import { join } from 'node:path';
import { DashctlError, errnoOf } from '../../runtime/errors.ts';

interface Owner {
  readonly pid: number;
  /** Tells a process from an earlier one with the same id; null where the system does not say. */
  readonly started: string | null;
}

/**
 * Makes this process the only one that writes in a data directory. A lock whose process is gone is taken over.
 * @returns the function that gives the directory back.
 * @throws DashctlError `DATA_DIR_IN_USE` while another broker has it.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, '.lock');
  const own: Owner = { pid: process.pid, started: startOf(process.pid) };
  const content = JSON.stringify(own);
  while (!createLock(file, content)) {
    const found = readLock(file);
    if (found === undefined) continue;
    const owner = parseOwner(found);
    if (owner && isRunning(owner)) {
      throw new DashctlError('DATA_DIR_IN_USE', `${directory} is in use by process ${owner.pid}`, {
        hint: 'stop that broker, or choose another --data-dir',
      });
    }
    takeAway(file, found);
  }
  return () => {
    if (readLock(file) === content) fs.rmSync(file, { force: true });
  };
}

function createLock(file: string, content: string): boolean {
  // Linked into place when it is complete, so that nobody reads a half-written lock.
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, content);
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Removes a stale lock. When another process did so first and holds a new one, that one is put back. */
function takeAway(file: string, stale: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    fs.renameSync(file, aside);
    if (readLock(aside) !== stale) fs.linkSync(aside, file);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function readLock(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseOwner(content: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(content);
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || typeof owner.pid !== 'number')
      return undefined;
    return { pid: owner.pid, started: 'started' in owner && typeof owner.started === 'string' ? owner.started : null };
  } catch {
    return undefined;
  }
}

function isRunning({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (errnoOf(error) !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return started === null || now === null || now === started;
}

/** When a process was started, since this boot of the machine; null where /proc does not tell. */
function startOf(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command may contain blanks and brackets, so fields are counted from behind it; the start is the 22nd.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return null;
  }
}
