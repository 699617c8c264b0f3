import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DashctlError, errnoOf, messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { syncDirectory } from '../log/durable-file.ts';
import type { FsyncPolicy } from '../log/log-settings.ts';
import { frameEntry, hasEntriesBeyond, type JournalEntry, readEntries } from './journal-frames.ts';
import { type Cancel, systemTimers, type Timers } from './timers.ts';

export interface JournalOptions {
  readonly file: string;
  readonly logger: Logger;
  /**
   * What an append waits for: `os` the write (safe against a killed process), `always` also the disk (safe against a
   * power cut). `interval` is `os`, with what was written brought to the disk every `fsyncInterval` ms.
   */
  readonly fsync: FsyncPolicy;
  readonly fsyncInterval?: number;
  readonly timers?: Timers;
  /** Size in bytes from which the file is rewritten when half of it is dead. */
  readonly rewriteAbove?: number;
}

/** A part of the broker whose state is what its entries, applied in order, make of it. */
export interface JournalOwner {
  /** The entry types that are its own. */
  readonly types: readonly number[];
  /** Takes one entry in: at start those that were kept, later each appended one as soon as it is kept. */
  apply(entry: JournalEntry): void;
  /** The shortest entries that make the present state. */
  snapshot(): Iterable<JournalEntry>;
}

/** The broker's memory between runs, apart from records: a file of small entries that is only appended to. */
export interface Journal {
  /** Gives an owner its entries from the last run, and the later ones as they are appended. */
  attach(owner: JournalOwner): void;
  /**
   * Keeps entries, all or none in a run of this process, and applies them. Appends of one turn of the event loop share
   * a write.
   * @throws the system error when they could not be kept; nothing has been applied then.
   */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** Writes what is queued, brings it to the disk and closes the file. */
  close(): Promise<void>;
}

interface Append {
  readonly entries: readonly JournalEntry[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const noCancel: Cancel = () => {};

/**
 * Opens a journal, or makes an empty one. An entry that was being written when the power went is cut off.
 * @throws DashctlError `DATA_DIR_INVALID` when the file cannot be opened.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { file, logger, fsync, fsyncInterval = 1_000, timers = systemTimers, rewriteAbove = 4 * 1024 ** 2 } = options;
  const opened = await recover(file, logger);
  let { handle, size } = opened;
  const owners = new Map<number, JournalOwner>();
  // Entries that nobody has asked for: they may belong to a part that this run does not start, so they stay.
  let unclaimed = opened.entries;
  let queue: Append[] = [];
  let draining: Promise<void> | null = null;
  let closed = false;
  /** Set for good when the file can no longer be trusted to hold what it should. */
  let failure: unknown;
  let rewriteAt = rewriteAbove;
  let cancelSync = noCancel;
  let syncIsDue = false;

  function fail(error: unknown, what: string): void {
    failure = error;
    logger.error(
      { file, reason: messageOf(error) },
      `${what}; offsets cannot be committed until the broker is restarted on a sound disk`,
    );
  }

  /** Writes at the end of what is kept, or leaves the file as it was. */
  async function writeAtEnd(bytes: Buffer): Promise<void> {
    try {
      await writeFully(handle, bytes, size);
      if (fsync !== 'always') return;
    } catch (error) {
      try {
        await handle.truncate(size);
      } catch (truncateError) {
        fail(truncateError, 'a write to the journal failed halfway and could not be undone');
      }
      throw error;
    }
    try {
      await handle.datasync();
    } catch (error) {
      // After a failed sync the system may have dropped the pages: neither this write nor a retry can be trusted.
      fail(error, 'the journal could not be brought to the disk');
      throw error;
    }
  }

  async function keep(batch: readonly Append[]): Promise<void> {
    try {
      if (failure !== undefined) throw failure;
      const bytes = Buffer.concat(batch.flatMap(({ entries }) => entries.map(frameEntry)));
      await writeAtEnd(bytes);
      size += bytes.length;
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { entries, resolve } of batch) {
      for (const entry of entries) owners.get(entry.type)?.apply(entry);
      resolve();
    }
    if (fsync === 'interval' && cancelSync === noCancel) cancelSync = timers.after(fsyncInterval, requestSync);
  }

  function requestSync(): void {
    cancelSync = noCancel;
    syncIsDue = true;
    wake();
  }

  async function syncNow(): Promise<void> {
    syncIsDue = false;
    try {
      if (failure === undefined) await handle.datasync();
    } catch (error) {
      fail(error, 'the journal could not be brought to the disk');
    }
  }

  /** Replaces the file by one that holds only what is alive, if that is less than half. */
  async function rewrite(): Promise<void> {
    const entries = [...unclaimed, ...[...new Set(owners.values())].flatMap((owner) => [...owner.snapshot()])];
    const alive = Buffer.concat(entries.map(frameEntry));
    rewriteAt = Math.max(rewriteAbove, 2 * alive.length);
    if (size < rewriteAt) return;
    const fresh = `${file}.new`;
    let replacement: FileHandle | undefined;
    try {
      replacement = await open(fresh, 'w+');
      await writeFully(replacement, alive, 0);
      await replacement.datasync();
      await rename(fresh, file);
    } catch (error) {
      logger.warn({ file, reason: messageOf(error) }, 'cannot rewrite the journal; it goes on growing');
      rewriteAt = size + rewriteAbove;
      await replacement?.close().catch(() => {});
      await rm(fresh, { force: true }).catch(() => {});
      return;
    }
    const former = handle;
    [handle, size] = [replacement, alive.length];
    await former.close().catch(() => {});
    try {
      syncDirectory(dirname(file));
    } catch (error) {
      fail(error, 'the rewritten journal could not be brought to the disk');
    }
  }

  async function drain(): Promise<void> {
    // The rest of this turn still joins the write.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0 || syncIsDue) {
      const batch = queue;
      queue = [];
      if (batch.length > 0) await keep(batch);
      if (syncIsDue) await syncNow();
      if (size > rewriteAt && failure === undefined) await rewrite();
    }
  }

  function wake(): void {
    draining ??= drain().finally(() => {
      draining = null;
      if (queue.length > 0 || syncIsDue) wake();
    });
  }

  return {
    attach(owner) {
      const mine = unclaimed.filter(({ type }) => owner.types.includes(type));
      unclaimed = unclaimed.filter(({ type }) => !owner.types.includes(type));
      for (const type of owner.types) owners.set(type, owner);
      for (const entry of mine) owner.apply(entry);
    },
    append(entries) {
      if (closed) return Promise.reject(new Error('the journal is closed'));
      return new Promise((resolve, reject) => {
        queue.push({ entries, resolve, reject });
        wake();
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      cancelSync();
      syncIsDue = true;
      wake();
      while (draining) await draining;
      await handle.close();
    },
  };
}

/** Opens the file, reads its entries, and cuts off what is no whole entry. */
async function recover(file: string, logger: Logger) {
  try {
    // Left by a process that was killed while it rewrote the file.
    await rm(`${file}.new`, { force: true });
    const handle = await openOrCreate(file);
    // Also where it is not new: a process that was killed may not have come to this.
    await handle.datasync();
    syncDirectory(dirname(file));
    const bytes = await readFile(handle);
    const { entries, size } = readEntries(bytes);
    const cut = bytes.length - size;
    if (cut > 0) {
      const damaged = hasEntriesBeyond(bytes, size);
      const saved = `${file}.corrupt`;
      if (damaged) await writeFile(saved, bytes.subarray(size));
      await handle.truncate(size);
      await handle.datasync();
      if (damaged)
        logger.warn({ file, position: size, bytes: cut, saved }, 'journal is damaged; the rest was set aside');
      else
        logger.info({ file, position: size, bytes: cut }, 'journal ended in a half-written entry, which was cut off');
    }
    return { handle, entries, size };
  } catch (error) {
    throw new DashctlError('DATA_DIR_INVALID', `cannot open the journal ${file}: ${messageOf(error)}`, {
      hint: 'check that the data directory can be written to',
      cause: error,
    });
  }
}

async function openOrCreate(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r+');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return open(file, 'wx+');
  }
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
