import type { WindowStore } from '../records/window-store.ts';
import type { Logger } from '../runtime/logger.ts';
import { describeStore, parseStoreLocation } from './store-location.ts';

export { describeStore } from './store-location.ts';

export interface OpenStoreOptions {
  logger: Logger;
  /** Writes nothing: makes no tables, and `put` and `prune` are refused. */
  readOnly?: boolean;
}

/**
 * Opens a store: `sqlite:FILE`, `mysql://user:password@host:port/database` (also `mariadb://`),
 * `postgres://user:password@host:port/database` (also `postgresql://`), or `memory:`. Tables are made or brought up to
 * date first. Drivers are loaded when they are needed.
 * @throws DashctlError `USAGE`, `STORE_UNREACHABLE`, `STORE_REFUSED`, `STORE_INVALID`, `DISK_FULL`, never with the
 * password. Which of them pass is told by `isPassing`. Calls of the store throw the same.
 */
export async function openStore(location: string, options: OpenStoreOptions): Promise<WindowStore> {
  const parsed = parseStoreLocation(location);
  if (parsed.kind === 'memory') {
    const { memoryStore } = await import('./memory.ts');
    return memoryStore();
  }
  const { sqlStore } = await import('./sql-store.ts');
  const { logger, readOnly = false } = options;
  if (parsed.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite.ts');
    return sqlStore(await openSqlite({ file: parsed.file, readOnly }), { name: parsed.file, readOnly });
  }
  const name = describeStore(location);
  if (parsed.kind === 'postgres') {
    const { openPostgres } = await import('./postgres.ts');
    return sqlStore(openPostgres(parsed, name, logger), { name, readOnly });
  }
  const { openMysql } = await import('./mysql.ts');
  return sqlStore(openMysql(parsed, name, logger), { name, readOnly });
}
