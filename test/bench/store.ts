import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { WindowCount } from '../../src/records/window-count.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { DatabaseServer } from '../_support/database-server.ts';
import { mariadbIsAvailable, startMariadb } from '../_support/mariadb.ts';
import { postgresIsAvailable, startPostgres } from '../_support/postgres.ts';
import { type Bench, type Measurement, median } from './harness.ts';
import { workFolder } from './processes.ts';

const logger = createLogger({ level: 'error', format: 'json', color: false });

/** Windows of so many keys, so many in one put, as they come from a topic that is read behind or live. */
const loads = [
  { name: '3 keys, 500 windows at once', keys: 3, together: 500, puts: 40 },
  { name: '3 keys, live', keys: 3, together: 1, puts: 500 },
  { name: '10,000 keys, live', keys: 10_000, together: 1, puts: 30 },
] as const;

/** What a store takes in, each commit as durable as the database makes it unless told otherwise. */
export const store: Bench = {
  name: 'store',
  title: 'windows into a store, with their positions: a count is a row, and goes into three sums',
  metrics: {
    counts: { unit: 'rows/s', better: 'more' },
    put: { unit: 'ms', better: 'less' },
    totals: { unit: 'ms', better: 'less' },
  },
  async prepare() {
    const { folder, remove } = workFolder();
    const servers: DatabaseServer[] = [];
    const skipped: string[] = [];
    const start = async (name: string, isAvailable: boolean, starting: () => Promise<DatabaseServer>) => {
      if (isAvailable) servers.push(await starting());
      else skipped.push(`${name} is absent (.ci/install brings it)`);
    };
    await start('MariaDB', mariadbIsAvailable(), () => startMariadb());
    await start('PostgreSQL', postgresIsAvailable(), () => startPostgres([]));

    let databases = 0;
    const places = [
      {
        name: 'SQLite',
        async place() {
          const file = join(folder, `${databases++}.db`);
          return { location: `sqlite:${file}`, leave: async () => rmSync(file) };
        },
      },
      ...servers.map((server) => ({
        name: server.location.startsWith('postgres') ? 'PostgreSQL' : 'MariaDB',
        async place() {
          const database = `bench${databases++}`;
          await server.administer(`create database ${database}`);
          if (server.location.startsWith('mysql')) await server.administer(`grant all on ${database}.* to dashctl@'%'`);
          return {
            location: server.locationOf({ database }),
            leave: async () => void (await server.administer(`drop database ${database}`)),
          };
        },
      })),
    ];
    return {
      sides: places.flatMap(({ name, place }) =>
        loads.map((load) => ({
          name: `${name}, ${load.name}`,
          async run() {
            const { location, leave } = await place();
            const measurement = await fill(location, load);
            await leave();
            return measurement;
          },
        })),
      ),
      comparisons: [],
      skipped,
      async close() {
        for (const server of servers) await server.stop();
        remove();
      },
    };
  },
};

async function fill(location: string, { keys, together, puts }: (typeof loads)[number]): Promise<Measurement> {
  const opened = await openStore(location, { logger });
  try {
    // The first one also makes known what the keys are.
    await opened.put(windowsFrom(0, together, keys));
    const times: number[] = [];
    const begin = performance.now();
    for (let put = 1; put <= puts; put++) {
      const from = performance.now();
      await opened.put(windowsFrom(put * together, together, keys), new Map([['result/0', put]]));
      times.push(performance.now() - from);
    }
    const seconds = (performance.now() - begin) / 1_000;
    const asked = performance.now();
    const totals = await opened.totals('bench');
    const answered = performance.now() - asked;
    const stored = totals.counts.values().reduce((sum, count) => sum + count, 0);
    if (stored !== (puts + 1) * together * keys) throw new Error(`${stored} records were stored`);
    return { counts: (puts * together * keys) / seconds, put: median(times), totals: answered };
  } finally {
    await opened.close();
  }
}

function windowsFrom(first: number, together: number, keys: number): WindowCount[] {
  return Array.from({ length: together }, (_, index) => {
    const start = 1_700_000_000_000 + (first + index) * 1_000;
    const counts = new Map(Array.from({ length: keys }, (_, key) => [`key ${key}`, 1] as const));
    return { pipeline: 'bench', start, end: start + 1_000, revision: 0, lateDropped: 0, counts };
  });
}
