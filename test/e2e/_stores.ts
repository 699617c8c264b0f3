import { join } from 'node:path';
import { mariadbIsAvailable, startMariadb } from '../_support/mariadb.ts';
import { postgresIsAvailable, startPostgres } from '../_support/postgres.ts';

/** A database that a store is in. */
interface StoreServer {
  /** As `--store` takes it. */
  location: string;
  /** Kills it; its data stay for `start`. */
  halt(): Promise<unknown>;
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
}

interface StoreKind {
  name: string;
  available: boolean;
  /** SQLite keeps its file in the folder that it is given. */
  startStore: (folder: string) => Promise<StoreServer>;
}

/** Databases that run on their own, and may go away. */
export const servers: StoreKind[] = [
  { name: 'MariaDB', available: mariadbIsAvailable(), startStore: () => startMariadb() },
  { name: 'PostgreSQL', available: postgresIsAvailable(), startStore: () => startPostgres() },
];

const nothing = async () => {};

/** What the same stages are run with. */
export const stores: StoreKind[] = [
  {
    name: 'SQLite',
    available: true,
    startStore: async (folder) => {
      const location = `sqlite:${join(folder, 'windows.sqlite')}`;
      return { location, halt: nothing, start: nothing, stop: nothing };
    },
  },
  ...servers,
];
