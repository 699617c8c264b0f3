import { describe } from 'vitest';
import { login } from '../_support/database-server.ts';
import { mariadbIsAvailable, startMariadb } from '../_support/mariadb.ts';
import { serverStore } from './_server.ts';

describe.skipIf(!mariadbIsAvailable())('MariaDB store (.ci/install brings it)', () => {
  const start = async () => {
    const server = await startMariadb();
    await server.administer(`create user guest@'%' identified by '${login.password}'`);
    return server;
  };
  const rights = (database: string) => `grant all on ${database}.* to ${login.user}@'%'`;
  serverStore(start, (database) => `create database ${database}; ${rights(database)}`);
});
