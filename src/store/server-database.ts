import { setTimeout as delay } from 'node:timers/promises';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Dialect, Session, SqlDatabase } from './database.ts';
import { type Failure, type ServerNames, serverError } from './server-errors.ts';
import { takeTurns } from './take-turns.ts';

/** A connection to a server. */
export interface Link extends Session {
  readonly isOpen: boolean;
  /** Takes leave, or just goes when that takes long. */
  close(): Promise<void>;
}

/** What differs between servers, besides their SQL. */
export interface Server {
  dialect: Dialect;
  connect(): Promise<Link>;
  /** What an error of the driver means; undefined for an error that is none of the driver's. */
  failureOf(error: unknown): Failure | undefined;
  begin: string;
  migration<T>(link: Link, work: () => Promise<T>): Promise<T>;
}

/** Milliseconds until a connection, an answer, and a lock that another holds have taken too long, and a server that does not take leave. */
export const patience = { connect: 10_000, answer: 60_000, lock: 20_000, farewell: 1_000 } as const;

// So often the same transaction is tried when others are in its way.
const mostAttempts = 12;

/** A database on a server: one connection for writing, one for reading, each made when needed and again when lost. */
export function serverDatabase(server: Server, names: ServerNames, logger: Logger): SqlDatabase {
  let generation = 0;
  let closed = false;
  const connected = (link: Link) => {
    generation += 1;
    if (generation > 1) logger.info(`connected to ${names.name} again`);
    return link;
  };
  const writer = reconnecting(async () => connected(await server.connect()));
  const reader = reconnecting(server.connect);

  /** Works on a connection, on a new one when the one there was turns out to be gone, and again when others were in the way. */
  const working = async <T>(links: ReturnType<typeof reconnecting>, work: (link: Link) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      if (closed) throw new DashctlError('STORE_REFUSED', `${names.name} was closed`);
      const wasOpen = links.isOpen;
      try {
        return await work(await links.get());
      } catch (error) {
        const failure = server.failureOf(error);
        if (failure === undefined) throw error;
        if (failure === 'away') links.drop();
        // A server closes what was idle for long, and a restarted one knows no old connections.
        const isStale = failure === 'away' && wasOpen && attempt === 1;
        const isInTheWay = failure === 'conflict' && attempt < mostAttempts;
        if (!isStale && !isInTheWay) throw serverError(failure, error, names);
        if (isInTheWay) await delay(Math.random() * 10 * attempt);
      }
    }
  };

  const inTurn = takeTurns();
  // One after the other on its connection anyway.
  const inReadersTurn = takeTurns();
  return {
    dialect: server.dialect,
    get generation() {
      return generation;
    },
    query: (sql, parameters) => inReadersTurn(() => working(reader, (link) => link.query(sql, parameters))),
    transaction: (work) => inTurn(() => working(writer, (link) => inTransaction(link, server.begin, () => work(link)))),
    migration: (work) => inTurn(() => working(writer, (link) => server.migration(link, () => work(link)))),
    close: () =>
      inTurn(async () => {
        closed = true;
        await Promise.all([writer.close(), reader.close()]);
      }),
  };
}

/** Waits for a server to take leave, but not for one that does not. */
export const withinPatience = (farewell: Promise<unknown>) =>
  Promise.race([farewell.catch(() => {}), delay(patience.farewell, undefined, { ref: false })]);

export async function inTransaction<T>(link: Link, begin: string, work: () => Promise<T>): Promise<T> {
  await link.execute(begin);
  try {
    const result = await work();
    await link.execute('commit');
    return result;
  } catch (error) {
    // A connection that cannot be told to take back what it did must not be used again.
    if (link.isOpen) await link.execute('rollback').catch(() => link.close());
    throw error;
  }
}

/** One connection, made by whoever needs it first. */
function reconnecting(connect: () => Promise<Link>) {
  let connecting: Promise<Link> | undefined;
  let link: Link | undefined;
  return {
    get isOpen() {
      return link?.isOpen === true;
    },
    async get(): Promise<Link> {
      if (link?.isOpen) return link;
      connecting ??= connect().finally(() => {
        connecting = undefined;
      });
      link = await connecting;
      return link;
    },
    drop() {
      link?.close().catch(() => {});
      link = undefined;
    },
    async close() {
      await (await connecting?.catch(() => undefined))?.close();
      await link?.close();
    },
  };
}
