import type { WindowCount } from '../records/window-count.ts';
import type { WindowStore } from '../records/window-store.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { Session, SqlDatabase } from './database.ts';
import { pruneSome } from './prune-windows.ts';
import { putWindows, type TextIds } from './put-windows.ts';
import { countSeries, readPipelines, readPositions, readSeries, readTotals } from './read-windows.ts';
import { insertRows } from './rows.ts';
import { migrate, requireTables } from './schema.ts';
import { textIds } from './text-ids.ts';

export interface SqlStoreOptions {
  /** What the store is called in messages. */
  name: string;
  readOnly: boolean;
}

/** A store in a database, whose tables are made or brought up to date first. */
export async function sqlStore(database: SqlDatabase, { name, readOnly }: SqlStoreOptions): Promise<WindowStore> {
  try {
    await (readOnly ? requireTables(database, name) : migrate(database, name));
  } catch (error) {
    await database.close();
    throw error;
  }
  const idsOf = textIds(database);

  const requireWriting = () => {
    if (readOnly) throw new DashctlError('STORE_REFUSED', `${name} was opened for reading only`);
  };

  return {
    async put(windows, positions = new Map()) {
      requireWriting();
      if (windows.length === 0 && positions.size === 0) return;
      for (let isDone = false; !isDone; ) {
        const { generation } = database;
        const ids = await idsOf(textsIn(windows, positions));
        const byPipeline = [...Map.groupBy(windows, ({ pipeline }) => idOf(ids, pipeline))];
        // Always in the same order, so that two writers do not wait for each other in a circle.
        byPipeline.sort(([a], [b]) => a - b);
        isDone = await database.transaction(async (session) => {
          // What came back in its place may know texts by other numbers.
          if (database.generation !== generation) return false;
          for (const [pipeline, some] of byPipeline) await putWindows(session, database.dialect, pipeline, some, ids);
          await putPositions(session, database, positions, ids);
          return true;
        });
      }
    },

    positions: () => readPositions(database),
    series: (pipeline, query = {}) => readSeries(database, pipeline, query),
    count: (pipeline, query = {}) => countSeries(database, pipeline, query),
    totals: (pipeline) => readTotals(database, pipeline),
    pipelines: () => readPipelines(database),

    async prune(before) {
      requireWriting();
      let pruned = 0;
      for (const { id } of await database.query('select id from dashctl_pipelines')) {
        for (;;) {
          const some = await database.transaction((session) =>
            pruneSome(session, database.dialect, Number(id), before),
          );
          if (some === 0) break;
          pruned += some;
        }
      }
      return pruned;
    },

    close: () => database.close(),
  };
}

function* textsIn(windows: readonly WindowCount[], positions: ReadonlyMap<string, number>): Generator<string> {
  for (const { pipeline, counts } of windows) {
    yield pipeline;
    yield* counts.keys();
  }
  yield* positions.keys();
}

function idOf(ids: TextIds, text: string): number {
  const id = ids.get(text);
  if (id === undefined) throw new Error('a text has no number');
  return id;
}

async function putPositions(
  session: Session,
  { dialect }: SqlDatabase,
  positions: ReadonlyMap<string, number>,
  ids: TextIds,
): Promise<void> {
  const ordered = [...positions].map(([partition, next]) => [idOf(ids, partition), next] as const);
  ordered.sort(([a], [b]) => a - b);
  await insertRows(session, dialect, {
    table: 'positions',
    columns: ['partition_id', 'next_offset'],
    rows: ordered,
    clause: dialect.updatePresent(['partition_id'], (incoming) => [`next_offset = ${incoming('next_offset')}`]),
  });
}
