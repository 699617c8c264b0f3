import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WindowStore } from '../../records/window-store.ts';
import type { Logger } from '../../runtime/logger.ts';
import { openStore } from '../../store/open-store.ts';
import { parseStoreLocation } from '../../store/store-location.ts';
import { makeFolder, storeFile } from '../shared/store-flags.ts';

interface UpStoreOptions {
  /** What `--store` names; the data directory has one of its own. */
  store: string | undefined;
  dataDir: string;
  /** Deletes what the data directory's own store holds first. */
  fresh: boolean;
  logger: Logger;
}

// What SQLite puts beside a file while it is open.
const parts = ['', '-wal', '-shm'];

/**
 * Opens the store of `up`. Whoever deletes has to know that nobody else uses the data directory.
 * @throws DashctlError of the store, `DATA_DIR_INVALID`.
 */
export async function openUpStore({ store, dataDir, fresh, logger }: UpStoreOptions): Promise<WindowStore> {
  if (store !== undefined) return await openStore(store, { logger });
  makeFolder(dataDir);
  const file = join(dataDir, storeFile);
  if (fresh) for (const part of parts) rmSync(`${file}${part}`, { force: true });
  return await openStore(`sqlite:${file}`, { logger });
}

/** What kind of store that is, in a word. @throws DashctlError `USAGE` for an address that is none. */
export const kindOfStore = (store: string | undefined): string =>
  store === undefined ? 'sqlite' : parseStoreLocation(store).kind;
