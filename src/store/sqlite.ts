import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { DashctlError } from '../runtime/errors.ts';
import type { Dialect, Session, SqlDatabase, SqlRow, SqlValue } from './database.ts';
import { valuesOf } from './rows.ts';
import { isBusy, isOutOfRange, toSqliteError } from './sqlite-errors.ts';
import { takeTurns } from './take-turns.ts';

export interface SqliteOptions {
  file: string;
  readOnly: boolean;
  /** Pages of 4 KiB that the file may have; for tests, which cannot fill a disk. */
  maxPages?: number;
}

const dialect: Dialect = {
  types: { id: 'id integer primary key', flag: 'integer', digest: 'text', text: 'text' },
  tableOptions: { clustered: ' without rowid', changing: ' without rowid', plain: '' },
  forUpdate: '',
  keepPresent: (keys) => `on conflict (${keys.join(', ')}) do nothing`,
  updatePresent: (keys, values) =>
    `on conflict (${keys.join(', ')}) do update set ${values((column) => `excluded.${column}`).join(', ')}`,
  createView: 'create view if not exists',
  rowsOf: valuesOf,
  rowsPerInsert: 500,
};

const settings = [
  'pragma journal_mode = wal',
  // After a power failure the last transactions may be missing, whole: positions and rows of each are one. What they
  // held is read again from the topics.
  'pragma synchronous = normal',
  'pragma cache_size = -16000',
  'pragma journal_size_limit = 67108864',
];

// How long another process may write until that is a failure, and how often it is looked whether it has finished.
const patience = 30_000;
const pause = 10;
// After so many ms of writing others of this process get their turn.
const breath = 10;

/**
 * A SQLite file. SQLite runs in the thread that calls it, so the writer lets others have their turn between statements,
 * which are short; readers have a connection of their own and see what was last committed. A thread of its own would
 * cost a copy of each window to get there, which is about what writing it takes.
 * @throws DashctlError
 */
export async function openSqlite({ file, readOnly, maxPages }: SqliteOptions): Promise<SqlDatabase> {
  checkFile(file, readOnly);
  const translated = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toSqliteError(error, file);
    }
  };
  const { DatabaseSync } = loadSqlite();
  const opened: DatabaseSync[] = [];
  const open = (options: { readOnly: boolean }) => {
    const database = new DatabaseSync(file, { ...options, timeout: 0 });
    opened.push(database);
    return database;
  };
  const close = () => {
    // The writer last: it can bring into the file what still lies beside it.
    for (const database of opened.splice(0).reverse()) database.close();
  };

  const connect = async () => {
    const writer = readOnly ? undefined : open({ readOnly: false });
    for (const setting of writer ? settings : []) writer?.exec(setting);
    if (maxPages !== undefined) writer?.exec(`pragma max_page_count = ${maxPages}`);
    const reader = open({ readOnly: true });
    reader.prepare('select count(*) from sqlite_master').get();
    return { writer, reader };
  };
  const { writer, reader } = await untilFree(connect, close).catch((error) => {
    close();
    throw toSqliteError(error, file);
  });

  const inTurn = takeTurns();
  const breathe = breathing();
  const transaction = <T>(work: (session: Session) => Promise<T>): Promise<T> =>
    inTurn(async () => {
      if (!writer) throw new DashctlError('STORE_REFUSED', `${file} was opened for reading only`);
      try {
        // Immediate: one that began with reading could be refused when it writes, after another has written.
        await untilFree(async () => writer.exec('begin immediate'));
        const result = await work(sessionOf(writer, breathe));
        writer.exec('commit');
        return result;
      } catch (error) {
        takeBack(writer);
        throw toSqliteError(error, file);
      }
    });

  return {
    dialect,
    generation: 0,
    query: async (sql, parameters) => {
      const rows = await untilFree(async () => select(reader, sql, parameters)).catch((error) => {
        throw toSqliteError(error, file);
      });
      return rows;
    },
    transaction,
    migration: transaction,
    close: () => inTurn(async () => translated(close)),
  };
}

/** Loads SQLite without the warning of Node 22 that it is new. */
function loadSqlite() {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

function takeBack(database: DatabaseSync): void {
  try {
    database.exec('rollback');
  } catch {
    // SQLite has done so itself, as it does on a full disk, or nothing had begun.
  }
}

function checkFile(file: string, readOnly: boolean): void {
  if (!existsSync(file)) {
    if (readOnly) throw new DashctlError('STORE_REFUSED', `${file} does not exist`, { hint: 'check --store' });
    if (existsSync(dirname(file))) return;
    throw new DashctlError('STORE_REFUSED', `${file} cannot be made: its folder does not exist`, {
      hint: `make ${dirname(file)}, or name another file`,
    });
  }
  if (!statSync(file).isDirectory()) return;
  throw new DashctlError('STORE_REFUSED', `${file} is a folder`, { hint: 'name a file in it' });
}

/** Lets others have their turn when it has been long since they had. */
function breathing() {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < breath) return;
    await setImmediate();
    began = performance.now();
  };
}

/** Tries again while another process writes, without standing in the way of others in this one. */
async function untilFree<T>(attempt: () => Promise<T>, undo?: () => void): Promise<T> {
  for (const deadline = Date.now() + patience; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || Date.now() > deadline) throw error;
      undo?.();
      await delay(pause);
    }
  }
}

function sessionOf(database: DatabaseSync, breathe: () => Promise<void>): Session {
  return {
    query: async (sql, parameters) => {
      await breathe();
      return select(database, sql, parameters);
    },
    execute: async (sql, parameters = []) => {
      await breathe();
      if (parameters.length === 0) database.exec(sql);
      else database.prepare(sql).run(...parameters);
    },
  };
}

function select(database: DatabaseSync, sql: string, parameters: readonly SqlValue[] = []): SqlRow[] {
  const statement = database.prepare(sql);
  try {
    return statement.all(...parameters);
  } catch (error) {
    // Sums of very large counts.
    if (!isOutOfRange(error)) throw error;
    statement.setReadBigInts(true);
    return statement.all(...parameters);
  }
}
