import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DashctlError } from '../../src/runtime/errors.ts';
import { openStore } from '../../src/store/open-store.ts';
import { isPassing } from '../../src/store/store-errors.ts';
import { type DatabaseServer, login } from '../_support/database-server.ts';
import { quiet } from '../web/_server.ts';
import { storeContract, windowAt } from './_contract.ts';
import { likeMemory } from './_like-memory.ts';
import { expectShared, peopleAsk, putForPeople } from './_shared.ts';
import { surviveKills } from './_writing.ts';

/** All that a store has to do that is in a database server, and what such a server may do to it. */
export function serverStore(start: () => Promise<DatabaseServer>, madeBy: (database: string) => string): void {
  let server: DatabaseServer;
  let databases = 0;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());
  const makeDatabase = async () => {
    const database = `test${databases++}`;
    await server.administer(madeBy(database));
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
}

function serverTrouble(server: () => DatabaseServer, makeDatabase: () => Promise<string>): void {
  const failureOf = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(DashctlError);
    if (!(error instanceof DashctlError)) throw error;
    expect(`${error.message} ${error.hint}`).not.toMatch(/\n/);
    for (const told of [error.message, error.stack, String(error.cause), JSON.stringify({ ...Object(error.cause) })]) {
      expect(told).not.toContain(login.password);
      expect(told).not.toContain(encodeURIComponent(login.password));
      expect(told).not.toContain('secret');
    }
    return { code: error.code, passes: isPassing(error), message: error.message };
  };
  const opening = (location: string) =>
    failureOf(openStore(location, { logger: quiet }).then((store) => store.close()));

  test('a wrong password is refused for good', async () => {
    expect(await opening(server().locationOf({ password: 'secret' }))).toMatchObject({
      code: 'STORE_REFUSED',
      passes: false,
      message: expect.stringContaining('refused the login'),
    });
    expect(await opening(server().locationOf({ user: 'nobody' }))).toMatchObject({ code: 'STORE_REFUSED' });
  });

  test('an unknown database is refused for good', async () => {
    const failure = await opening(server().locationOf({ database: 'nothing' }));
    expect(failure).toMatchObject({ code: 'STORE_REFUSED', passes: false });
    expect(failure.message).toContain('nothing');
  });

  test('a port that nothing listens on may be listened on later', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => taken.once('listening', listening));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((closed) => taken.close(closed));
    const location = server().location.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
    expect(await opening(location)).toMatchObject({ code: 'STORE_UNREACHABLE', passes: true });
  });

  test('a server that wants no TLS is told from one that is away', async () => {
    const failure = await opening(`${server().location}?sslmode=verify-full`);
    expect(failure).toMatchObject({ code: 'STORE_REFUSED', passes: false });
  });

  test('a user without rights is refused for good', async () => {
    const database = await makeDatabase();
    const failure = await opening(server().locationOf({ user: 'guest', database }));
    expect(failure).toMatchObject({ code: 'STORE_REFUSED', passes: false });
  });

  test('goes on where it was when the server comes back, and says meanwhile that this passes', async () => {
    const store = await openStore(server().locationOf({ database: await makeDatabase() }), { logger: quiet });
    await store.put([windowAt(1, { 0: 1 })], new Map([['result/0', 1]]));
    expect((await store.totals('gender')).windows).toBe(1);
    await server().halt();
    expect(await failureOf(store.put([windowAt(2, { 0: 1 })]))).toMatchObject({ passes: true });
    expect(await failureOf(store.totals('gender'))).toMatchObject({ passes: true });
    await server().start();
    await store.put([windowAt(2, { 0: 1 })], new Map([['result/0', 2]]));
    expect(await store.totals('gender')).toMatchObject({ windows: 2, counts: new Map([['0', 2]]) });
    expect(await store.positions()).toEqual(new Map([['result/0', 2]]));
    await store.close();
  });

  test('a server that was restarted between two calls is not noticed', async () => {
    const store = await openStore(server().locationOf({ database: await makeDatabase() }), { logger: quiet });
    await store.put([windowAt(1, { 0: 1 })]);
    await store.totals('gender');
    await server().halt();
    await server().start();
    await store.put([windowAt(2, { 0: 1 })]);
    expect((await store.totals('gender')).windows).toBe(2);
    await store.close();
  });

  test('a store that was closed says so, and does not connect again', async () => {
    const store = await openStore(server().locationOf({ database: await makeDatabase() }), { logger: quiet });
    await store.close();
    expect(await failureOf(store.totals('gender'))).toMatchObject({ message: expect.stringContaining('closed') });
  });

  test('a server that hangs does not hold up the end', async () => {
    const store = await openStore(server().locationOf({ database: await makeDatabase() }), { logger: quiet });
    await store.totals('gender');
    server().freeze();
    try {
      await store.close();
    } finally {
      server().thaw();
    }
  });

  test('people can ask it with SQL of their own', async () => {
    const database = await makeDatabase();
    const store = await openStore(server().locationOf({ database }), { logger: quiet });
    await putForPeople(store);
    await store.close();
    for (const [sql, rows] of peopleAsk) {
      const answer = await server().administer(sql, database);
      expect(answer.trim().replaceAll('\t', '|').split('\n')).toEqual(rows);
    }
  });

  test('two that are opened at once make the tables once', async () => {
    const location = server().locationOf({ database: await makeDatabase() });
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore(location, { logger: quiet })));
    await expectShared(stores);
  });
}
