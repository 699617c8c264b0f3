import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { type DatabaseServer, login } from '../_support/database-server.ts';
import { postgresIsAvailable, startPostgres } from '../_support/postgres.ts';
import { quiet } from '../web/_server.ts';
import { storeContract } from './_contract.ts';
import { likeMemory } from './_like-memory.ts';
import { serverTrouble } from './_server-trouble.ts';
import { surviveKills } from './_writing.ts';

describe.skipIf(!postgresIsAvailable())('PostgreSQL store (.ci/install brings it)', () => {
  let server: DatabaseServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres();
    await server.administer(`create user guest password '${login.password}'`);
  });
  afterAll(() => server?.stop());

  const makeDatabase = async () => {
    const database = `test${databases++}`;
    await server.administer(`create database ${database}`);
    return database;
  };
  const open = async () => openStore(server.locationOf({ database: await makeDatabase() }), { logger: quiet });
  storeContract(open);
  likeMemory(open, 50);
  serverTrouble(() => server, makeDatabase);
  surviveKills(
    async () => server.locationOf({ database: await makeDatabase() }),
    (location) => openStore(location, { logger: quiet }),
  );
});
