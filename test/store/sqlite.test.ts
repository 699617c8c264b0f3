import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { isPassing } from '../../src/store/store-errors.ts';
import { identityOf } from '../_support/database-server.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { quiet } from '../web/_server.ts';
import { storeContract, windowAt } from './_contract.ts';
import { likeMemory } from './_like-memory.ts';
import { expectShared, peopleAsk, putForPeople } from './_shared.ts';
import { startWriter, surviveKills } from './_writing.ts';

const someFile = () => join(temporaryFolder(), 'test.db');
const openFile = (file: string, readOnly = false) => openStore(`sqlite:${file}`, { logger: quiet, readOnly });

describe('SQLite store', () => {
  storeContract(() => openFile(someFile()));
  likeMemory(() => openFile(someFile()), 100);
  surviveKills(
    async () => `sqlite:${someFile()}`,
    (location) => openStore(location, { logger: quiet }),
  );

  test('several that write to one file at once lose and double nothing', async () => {
    const file = someFile();
    await expectShared(await Promise.all([1, 2, 3].map(() => openFile(file))));
  });

  test('others have their turn while a large window is written, and see what was before', async () => {
    const store = await openFile(someFile());
    await store.put([windowAt(1, { 0: 1 })]);
    const keys = Array.from({ length: 30_000 }, (_, key): [string, number] => [`${key}`, 1]);
    let isWritten = false;
    const writing = store.put([windowAt(2, Object.fromEntries(keys))]).then(() => {
      isWritten = true;
    });
    let turns = 0;
    for (; !isWritten; turns++) {
      const { windows, counts } = await store.totals('gender');
      expect([1, 30_000]).toContain(counts.size);
      expect(windows).toBe(counts.size === 1 ? 1 : 2);
      await new Promise((next) => setImmediate(next));
    }
    await writing;
    expect(turns).toBeGreaterThan(3);
    await store.close();
  });

  test('people can ask it with SQL of their own', async () => {
    const file = someFile();
    const store = await openFile(file);
    await putForPeople(store);
    await store.close();
    const database = new DatabaseSync(file, { readOnly: true });
    for (const [sql, rows] of peopleAsk) {
      expect(
        database
          .prepare(sql)
          .all()
          .map((row) => Object.values(row).join('|')),
      ).toEqual(rows);
    }
    database.close();
  });

  test('is read while another writes, and then writes nothing', async () => {
    const file = someFile();
    const [writer, reader] = [await openFile(file), await openFile(file, true)];
    await writer.put([windowAt(1, { 0: 1 })]);
    expect((await reader.totals('gender')).windows).toBe(1);
    await expect(reader.put([windowAt(2, { 0: 1 })])).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await expect(reader.prune(0)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    await writer.close();
    expect((await reader.totals('gender')).windows).toBe(1);
    await reader.close();
  });

  test.each<[string, string, (file: string) => void]>([
    ['STORE_REFUSED', 'is a folder', (file) => mkdirSync(file)],
    ['STORE_INVALID', 'is no SQLite database', (file) => writeFileSync(file, 'user_id,item_id\n'.repeat(1_000))],
    [
      'STORE_INVALID',
      'newer dashctl',
      (file) =>
        new DatabaseSync(file).exec(
          'create table dashctl_schema (version integer); insert into dashctl_schema values (99)',
        ),
    ],
  ])('%s: %s', async (code, message, make) => {
    const file = someFile();
    make(file);
    const error = await openFile(file).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(isPassing(error)).toBe(false);
  });

  test('a folder that does not exist is named', async () => {
    const file = join(temporaryFolder(), 'missing', 'test.db');
    await expect(openFile(file)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      hint: expect.stringContaining('missing'),
    });
  });

  test('reading what was never written is refused, and makes no file', async () => {
    const file = someFile();
    await expect(openFile(file, true)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
    writeFileSync(file, '');
    await expect(openFile(file, true)).rejects.toMatchObject({
      code: 'STORE_INVALID',
      hint: 'fill it with: dashctl sink',
    });
    expect(readFileSync(file)).toHaveLength(0);
  });

  test('a damaged file is told as that', async () => {
    const [file, damaged] = [someFile(), someFile()];
    const store = await openFile(file);
    for (let second = 0; second < 300; second++) {
      await store.put([windowAt(second, Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`${key}`, 1])))]);
    }
    await store.close();
    copyFileSync(file, damaged);
    const bytes = readFileSync(damaged);
    writeFileSync(damaged, bytes.fill(0x5a, 8_192));
    const failing = async () => {
      const opened = await openFile(damaged);
      try {
        await opened.series('gender');
      } finally {
        await opened.close();
      }
    };
    await expect(failing()).rejects.toMatchObject({ code: 'STORE_INVALID', message: `${damaged} is damaged` });
  });

  test('a full disk is one clear failure that changes nothing', async () => {
    const file = someFile();
    const store = await sqlStore(await openSqlite({ file, readOnly: false, maxPages: 40 }), {
      name: file,
      readOnly: false,
    });
    const put = async () => {
      for (let second = 0; second < 10_000; second++) {
        await store.put([windowAt(second, { 0: 1, [`key ${second}`]: 1 })], new Map([['result/0', second + 1]]));
      }
    };
    await expect(put()).rejects.toMatchObject({ code: 'DISK_FULL', message: `no space left for ${file}` });
    const stored = (await store.positions()).get('result/0') ?? 0;
    expect(await store.totals('gender')).toMatchObject({ windows: stored });
    expect((await store.series('gender')).length).toBe(stored);
    await store.close();
  });

  test('a file that may not be written is one clear failure', async () => {
    const file = someFile();
    await (await openFile(file)).close();
    chmodSync(file, 0o444);
    // Root may write everything, so somebody else has to try.
    const { uid, gid } = identityOf('nobody');
    if (uid !== undefined && gid !== undefined) chownSync(join(file, '..'), uid, gid);
    const writer = startWriter(`sqlite:${file}`, 'x', { ...(uid === undefined ? {} : { uid, gid }) });
    const exited = once(writer, 'exit');
    expect(writer.stderr && (await text(writer.stderr))).toBe(`STORE_REFUSED: ${file} cannot be written\n`);
    await exited;
  });
});
