import { describe } from 'vitest';
import { login } from '../_support/database-server.ts';
import { postgresIsAvailable, startPostgres } from '../_support/postgres.ts';
import { serverStore } from './_server.ts';

describe.skipIf(!postgresIsAvailable())('PostgreSQL store (.ci/install brings it)', () => {
  const start = async () => {
    const server = await startPostgres();
    await server.administer(`create user guest password '${login.password}'`);
    return server;
  };
  serverStore(start, (database) => `create database ${database}`);
});
