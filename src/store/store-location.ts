import { resolve } from 'node:path';
import { DashctlError } from '../runtime/errors.ts';

/** Where a database server is found, and how to log in. */
export interface ServerLocation {
  kind: 'mysql' | 'postgres';
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  /** What follows the question mark. */
  options: URLSearchParams;
}

/** A store's address, taken apart. */
export type StoreLocation = { kind: 'memory' } | { kind: 'sqlite'; file: string } | ServerLocation;

const servers: Readonly<Record<string, { kind: ServerLocation['kind']; port: number }>> = {
  'mysql:': { kind: 'mysql', port: 3_306 },
  'mariadb:': { kind: 'mysql', port: 3_306 },
  'postgres:': { kind: 'postgres', port: 5_432 },
  'postgresql:': { kind: 'postgres', port: 5_432 },
};

const hint = 'such as sqlite:dashctl.db, mysql://user:password@host/database or postgres://user:password@host/database';

/**
 * Takes a store's address apart.
 * @throws DashctlError `USAGE`, without what may be a password.
 */
export function parseStoreLocation(location: string): StoreLocation {
  if (location === 'memory:') return { kind: 'memory' };
  if (location.startsWith('sqlite:')) {
    const file = location.slice('sqlite:'.length);
    if (file === '') throw new DashctlError('USAGE', 'sqlite: names no file', { hint });
    return { kind: 'sqlite', file: resolve(file) };
  }
  const server = servers[/^[a-z]+:/.exec(location)?.[0] ?? ''];
  if (!server) throw new DashctlError('USAGE', `${describeStore(location)} is no store`, { hint });
  return { kind: server.kind, ...serverParts(location, server.port) };
}

function serverParts(location: string, defaultPort: number) {
  const unreadable = (what: string, advice: string = hint) =>
    new DashctlError('USAGE', `the store's address ${describeStore(location)} ${what}`, { hint: advice });
  const escapes = 'in a user name or password, write % @ : / ? # as %25 %40 %3A %2F %3F %23';
  if (!URL.canParse(location)) throw unreadable('cannot be read', escapes);
  const url = new URL(location);
  const decode = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw unreadable('has a % that begins no escape', escapes);
    }
  };
  const database = decode(url.pathname.replace(/^\//, ''));
  if (url.hostname === '') throw unreadable('names no host');
  if (database === '') throw unreadable('names no database');
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    user: decode(url.username),
    password: decode(url.password),
    database,
    options: url.searchParams,
  };
}

/** A store's address as it may be shown: without user name, password and options. */
export function describeStore(location: string): string {
  if (location.startsWith('sqlite:')) return location;
  // Up to the last @: a password that was not escaped may hold others, and slashes too.
  return location.replace(/^([a-z][a-z0-9+.-]*:\/*).*@/is, '$1').replace(/[?#].*$/s, '');
}
