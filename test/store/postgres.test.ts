import { afterAll, beforeAll, describe } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { DatabaseServer } from '../_support/database-server.ts';
import { postgresIsAvailable, startPostgres } from '../_support/postgres.ts';
import { quiet } from '../web/_server.ts';
import { storeContract } from './_contract.ts';
import { likeMemory } from './_like-memory.ts';

describe.skipIf(!postgresIsAvailable())('PostgreSQL store (.ci/install brings it)', () => {
  let server: DatabaseServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  const open = async () => {
    const database = `test${databases++}`;
    await server.administer(`create database ${database}`);
    return openStore(server.locationOf({ database }), { logger: quiet });
  };
  storeContract(open);
  likeMemory(open, 50);
});
