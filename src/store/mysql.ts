import mysql from 'mysql2/promise';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Dialect, SqlDatabase, SqlRow } from './database.ts';
import { valuesOf } from './rows.ts';
import { type Link, patience, serverDatabase, withinPatience } from './server-database.ts';
import { type Failure, isNetworkError, isTlsError } from './server-errors.ts';
import { tlsOf } from './server-options.ts';
import type { ServerLocation } from './store-location.ts';

const engine = ' engine = InnoDB default character set utf8mb4';

const dialect: Dialect = {
  types: {
    id: 'id bigint not null auto_increment primary key',
    flag: 'smallint',
    digest: 'char(32) character set ascii collate ascii_bin',
    text: 'longtext character set utf8mb4 collate utf8mb4_bin',
  },
  tableOptions: { clustered: engine, changing: engine, plain: engine },
  forUpdate: ' for update',
  // Not `insert ignore`, which also ignores what was cut off.
  keepPresent: ([key]) => `on duplicate key update ${key} = ${key}`,
  // MariaDB knows no row alias; MySQL 8 prefers one, and still knows this.
  updatePresent: (_, values) => `on duplicate key update ${values((column) => `values(${column})`).join(', ')}`,
  createView: 'create or replace view',
  rowsOf: valuesOf,
  rowsPerInsert: 2_000,
};

const settings = [
  // What others have committed is seen, also when it was after this transaction had begun to read.
  'set session transaction isolation level read committed',
  `set session sql_mode = 'STRICT_TRANS_TABLES', innodb_lock_wait_timeout = ${patience.lock / 1_000}`,
];

// Locks of this kind belong to the whole server.
const migrationLock = "concat('dashctl ', md5(database()))";

/** A MySQL or MariaDB database. Nothing is connected to until it is asked for something. */
export function openMysql(location: ServerLocation, name: string, logger: Logger): SqlDatabase {
  const { host, port, user, password, database } = location;
  const ssl = tlsOf(location);

  const connect = async (): Promise<Link> => {
    const connection = await mysql.createConnection({
      ...{ host, port, user, password, database },
      ...(ssl ? { ssl: { ...ssl, verifyIdentity: ssl.rejectUnauthorized } } : {}),
      charset: 'utf8mb4',
      // Those that JavaScript's numbers do not hold come as text.
      supportBigNumbers: true,
      enableKeepAlive: true,
      connectTimeout: patience.connect,
    });
    let isOpen = true;
    const close = async () => {
      if (!isOpen) return connection.destroy();
      isOpen = false;
      await withinPatience(connection.end());
      connection.destroy();
    };
    for (const event of ['error', 'end'] as const) {
      connection.on(event, () => {
        isOpen = false;
      });
    }
    const query: Link['query'] = async (sql, parameters = []) => {
      const [rows] = await connection.query({ sql, values: [...parameters], timeout: patience.answer });
      return Array.isArray(rows) ? (rows as SqlRow[]) : [];
    };
    try {
      for (const setting of settings) await query(setting);
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

  const migration = async <T>(link: Link, work: () => Promise<T>): Promise<T> => {
    const [row] = await link.query(`select get_lock(${migrationLock}, ${patience.lock / 1_000}) as locked`);
    if (Number(row?.locked) !== 1) {
      throw new DashctlError('STORE_UNREACHABLE', `another process has been making the tables of ${name} for long`);
    }
    try {
      return await work();
    } finally {
      if (link.isOpen) await link.query(`select release_lock(${migrationLock})`);
    }
  };
  const server = { dialect, connect, failureOf, begin: 'start transaction', migration };
  return serverDatabase(server, { name, database, password }, logger);
}

// By error number, since the two servers have several names for some.
const failures: Readonly<Record<number, Failure>> = {
  1045: 'login',
  1130: 'login',
  1251: 'login',
  1698: 'login',
  1820: 'login',
  1862: 'login',
  1049: 'noDatabase',
  1044: 'rights',
  1142: 'rights',
  1143: 'rights',
  1227: 'rights',
  1370: 'rights',
  1290: 'readOnly',
  1792: 'readOnly',
  1836: 'readOnly',
  1021: 'full',
  1114: 'full',
  1205: 'conflict',
  1213: 'conflict',
  1020: 'conflict',
  1040: 'away',
  1053: 'away',
  1077: 'away',
  1152: 'away',
  1158: 'away',
  1159: 'away',
  1160: 'away',
  1161: 'away',
  1203: 'away',
  1226: 'away',
  1317: 'away',
  1927: 'away',
  3024: 'away',
  4031: 'away',
};

const ofDriver = /^(PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT|PROTOCOL_PACKETS_OUT_OF_ORDER|POOL_CLOSED)$/;
const closedState = /closed state|Connection lost/;

function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || error instanceof DashctlError) return undefined;
  const { code, errno, sqlState } = error as { code?: unknown; errno?: unknown; sqlState?: unknown };
  if (isNetworkError(code) || ofDriver.test(String(code)) || closedState.test(error.message)) return 'away';
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT' || isTlsError(code, error.message)) return 'tls';
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR') return 'login';
  if (typeof errno !== 'number' || sqlState === undefined) return undefined;
  return failures[errno] ?? 'invalid';
}
