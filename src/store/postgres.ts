import { Socket } from 'node:net';
import pg from 'pg';
import type { Logger } from '../runtime/logger.ts';
import type { Dialect, SqlDatabase } from './database.ts';
import { inTransaction, type Link, patience, serverDatabase, withinPatience } from './server-database.ts';
import { type Failure, isNetworkError, isTlsError } from './server-errors.ts';
import { tlsOf } from './server-options.ts';
import type { ServerLocation } from './store-location.ts';

const dialect: Dialect = {
  types: {
    id: 'id bigint generated always as identity primary key',
    flag: 'smallint',
    digest: 'text collate "C"',
    text: 'text',
  },
  // Sums change all the time: with room on their page they need not be entered in the index anew.
  tableOptions: { clustered: '', changing: ' with (fillfactor = 50)', plain: '' },
  forUpdate: ' for update',
  keepPresent: (keys) => `on conflict (${keys.join(', ')}) do nothing`,
  updatePresent: (keys, values) =>
    `on conflict (${keys.join(', ')}) do update set ${values((column) => `excluded.${column}`).join(', ')}`,
  createView: 'create or replace view',
  // A list of values is taken apart token by token: that takes twice as long as all the rest.
  rowsOf(rows) {
    const columns = (rows[0] ?? []).map((_, column) => `'{${rows.map((row) => row[column]).join(',')}}'::bigint[]`);
    return `select * from unnest(${columns.join(', ')})`;
  },
  rowsPerInsert: 10_000,
};

const begin = 'begin isolation level read committed';
// Of the advisory locks of a database, the one that is for making tables.
const migrationLock = 0x64617368;

/** A PostgreSQL database. Nothing is connected to until it is asked for something. */
export function openPostgres(location: ServerLocation, name: string, logger: Logger): SqlDatabase {
  const { host, port, user, password, database } = location;
  const ssl = tlsOf(location) ?? false;

  const connect = async (): Promise<Link> => {
    const socket = new Socket();
    const client = new pg.Client({
      stream: () => socket,
      ...{ host, port, user, database, ssl },
      // Without one in the address, what PGPASSWORD or ~/.pgpass say.
      ...(password === '' ? {} : { password }),
      application_name: 'dashctl',
      keepAlive: true,
      connectionTimeoutMillis: patience.connect,
      query_timeout: patience.answer,
    });
    let isOpen = true;
    const close = async () => {
      isOpen = false;
      await withinPatience(client.end());
      socket.destroy();
    };
    client.on('error', () => {
      isOpen = false;
    });
    client.on('end', () => {
      isOpen = false;
    });
    const query: Link['query'] = async (sql, parameters = []) => {
      let count = 0;
      const numbered = parameters.length === 0 ? sql : sql.replaceAll('?', () => `$${++count}`);
      const { rows } = await client.query(numbered, [...parameters]);
      return rows;
    };
    try {
      await client.connect();
      // Compiling a statement would take longer than any of ours.
      await query(`set lock_timeout = ${patience.lock}; set jit = off`);
    } catch (error) {
      await close();
      throw error;
    }
    return {
      query,
      execute: async (sql, parameters) => void (await query(sql, parameters)),
      get isOpen() {
        return isOpen;
      },
      close,
    };
  };

  const migration = <T>(link: Link, work: () => Promise<T>) =>
    inTransaction(link, begin, async () => {
      await link.query(`select pg_advisory_xact_lock(${migrationLock})`);
      return work();
    });
  return serverDatabase({ dialect, connect, failureOf, begin, migration }, { name, database, password }, logger);
}

// By SQLSTATE, or the first two characters of it that name its class.
const failures: Readonly<Record<string, Failure>> = {
  '08': 'away',
  28: 'login',
  '3D000': 'noDatabase',
  '3F000': 'rights',
  42501: 'rights',
  25006: 'readOnly',
  40: 'conflict',
  '55P03': 'conflict',
  53100: 'full',
  53: 'away',
  57: 'away',
};

// Errors of the driver itself have no code.
const ofDriver = /^(Connection terminated|Client has encountered|Client was closed|Query read timeout|timeout expired)/;
const needsPassword = /client password must be a/;

function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (isNetworkError(code) || ofDriver.test(error.message)) return 'away';
  if (needsPassword.test(error.message)) return 'login';
  if (isTlsError(code, error.message)) return 'tls';
  if (!(error instanceof pg.DatabaseError)) return undefined;
  return failures[error.code ?? ''] ?? failures[error.code?.slice(0, 2) ?? ''] ?? 'invalid';
}
