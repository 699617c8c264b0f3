import { expect, test } from 'vitest';
import { DashctlError } from '../../src/runtime/errors.ts';
import { describeStore, openStore } from '../../src/store/open-store.ts';
import { parseStoreLocation } from '../../src/store/store-location.ts';
import { quiet } from '../web/_server.ts';

test('an address is taken apart', () => {
  expect(parseStoreLocation('memory:')).toEqual({ kind: 'memory' });
  expect(parseStoreLocation('sqlite:/a/b.db')).toEqual({ kind: 'sqlite', file: '/a/b.db' });
  const parts = { host: 'h', user: 'u', password: 'p@:/', database: 'd' };
  expect(parseStoreLocation('mysql://u:p%40%3A%2F@h/d')).toMatchObject({ kind: 'mysql', port: 3_306, ...parts });
  expect(parseStoreLocation('mariadb://u:p%40%3A%2F@h:1/d')).toMatchObject({ kind: 'mysql', port: 1, ...parts });
  expect(parseStoreLocation('postgres://u:p%40%3A%2F@h/d')).toMatchObject({ kind: 'postgres', port: 5_432, ...parts });
  expect(parseStoreLocation('postgresql://[::1]/d')).toMatchObject({ kind: 'postgres', host: '::1', user: '' });
});

test.each([
  ['mysql://user:secret@host:3306/database', 'mysql://host:3306/database'],
  ['postgres://user:secret@host/database?sslmode=require', 'postgres://host/database'],
  ['mysql://user:se@cr/et#?secret@host/database', 'mysql://host/database'],
  ['MySQL:user:secret@host', 'MySQL:host'],
  ['sqlite:file.db', 'sqlite:file.db'],
  ['memory:', 'memory:'],
])('%s is told as %s', (location, told) => {
  expect(describeStore(location)).toBe(told);
});

test.each([
  'mysql://user:se%cret@host/database',
  'mysql://user:secret@host:port/database',
  'mysql://user:secret@host/',
  'mysql://user:secret@/database',
  'oracle://user:secret@host/database',
  'user:secret@host',
  'postgres://user:secret@host/database?password=secret',
  'mysql://user:secret@host/database?sslmode=secret-ish',
  'sqlite:',
  '',
])('%s is refused without what may be a password', async (location) => {
  const error = await openStore(location, { logger: quiet }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DashctlError);
  const { code, message, hint, cause } = error as DashctlError;
  expect({ code, cause }).toEqual({ code: 'USAGE', cause: undefined });
  expect(`${message} ${hint}`.replace('secret-ish', '')).not.toMatch(/secret|cret@/);
});
