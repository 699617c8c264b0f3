import { DashctlError } from '../runtime/errors.ts';
import type { Dialect, Session, SqlDatabase } from './database.ts';
import { spanSizes, wholeSpan } from './spans.ts';

/**
 * Versions of the tables, in order; each is what is done to the one before. A version that was released is never
 * changed. MySQL makes no tables in transactions, so every statement has to bear being run again.
 */
const versions: readonly ((dialect: Dialect) => readonly string[])[] = [firstVersion];

function firstVersion({ types, tableOptions, createView }: Dialect): readonly string[] {
  const { id, flag, digest, text } = types;
  const table = (name: string, columns: readonly string[], options: string) =>
    `create table if not exists dashctl_${name} (${columns.join(', ')})${options}`;
  const view = (name: string, columns: readonly string[], from: string, rest: string) => {
    const all = ['n.value as pipeline', ...columns, 't.value as value', 'c.records as records'];
    const texts = 'join dashctl_texts n on n.id = c.pipeline_id join dashctl_texts t on t.id = c.text_id';
    return `${createView} dashctl_${name} as select ${all.join(', ')} from dashctl_${from} c ${texts} ${rest}`;
  };
  const ofSpan = (span: number) => `where c.span = ${span} and c.records <> 0`;
  return [
    // Any text, once. Compared by its digest: databases disagree on what is equal, how long a key may be, and on NUL.
    // `exact` is the text as JSON where a database could not keep it as it is.
    table(
      'texts',
      [id, `digest ${digest} not null unique`, `value ${text} not null`, `exact ${text}`],
      tableOptions.plain,
    ),
    table(
      'pipelines',
      [
        'id bigint not null primary key',
        `hops ${flag} not null`,
        ...['windows', 'late_dropped', 'ignored'].map((column) => `${column} bigint not null`),
        ...['pruned_start', 'pruned_end', 'pruned_counted_start'].map((column) => `${column} bigint`),
      ],
      tableOptions.plain,
    ),
    table(
      'windows',
      [
        ...['pipeline_id', 'window_start', 'window_end', 'revision', 'late_dropped'].map(
          (column) => `${column} bigint not null`,
        ),
        `counted ${flag} not null`,
        'size bigint not null',
        'primary key (pipeline_id, window_start, window_end)',
      ],
      tableOptions.clustered,
    ),
    table(
      'counts',
      [
        ...['pipeline_id', 'window_start', 'window_end', 'text_id', 'records'].map(
          (column) => `${column} bigint not null`,
        ),
        'primary key (pipeline_id, window_start, window_end, text_id)',
      ],
      tableOptions.clustered,
    ),
    table(
      'sums',
      [
        ...['pipeline_id', 'span', 'span_start', 'text_id', 'records'].map((column) => `${column} bigint not null`),
        'primary key (pipeline_id, span, span_start, text_id)',
      ],
      tableOptions.changing,
    ),
    table('positions', ['partition_id bigint not null primary key', 'next_offset bigint not null'], tableOptions.plain),
    // For people.
    view(
      'window_counts',
      ['c.window_start as window_start', 'c.window_end as window_end', 'w.revision as revision'],
      'counts',
      `join dashctl_windows w on w.pipeline_id = c.pipeline_id
       and w.window_start = c.window_start and w.window_end = c.window_end`,
    ),
    view('minute_counts', ['c.span_start as minute_start'], 'sums', ofSpan(spanSizes.minute)),
    view('hour_counts', ['c.span_start as hour_start'], 'sums', ofSpan(spanSizes.hour)),
    view('totals', [], 'sums', ofSpan(wholeSpan)),
  ];
}

const versionTable = 'create table if not exists dashctl_schema (version bigint not null primary key)';

/** Makes the tables, or brings them up to date, while no other process does. */
export async function migrate(database: SqlDatabase, name: string): Promise<void> {
  if ((await currentVersion(database)) === versions.length) return;
  await database.migration(async (session) => {
    await session.execute(versionTable);
    const present = checkVersion(await versionOf(session), name);
    for (const [index, statements] of versions.entries()) {
      if (index < present) continue;
      for (const statement of statements(database.dialect)) await session.execute(statement);
      await session.execute(`insert into dashctl_schema (version) values (${index + 1})`);
    }
  });
}

/**
 * Sees to it that the tables are there and up to date, without making them.
 * @throws DashctlError `STORE_INVALID`.
 */
export async function requireTables(database: SqlDatabase, name: string): Promise<void> {
  const present = checkVersion((await currentVersion(database)) ?? 0, name);
  if (present === versions.length) return;
  const what = present === 0 ? 'holds no windows of dashctl' : 'was last written by an older dashctl';
  throw new DashctlError('STORE_INVALID', `${name} ${what}`, {
    hint: present === 0 ? 'fill it with: dashctl sink' : 'bring it up to date with: dashctl sink',
  });
}

/** The version of the tables; undefined when it cannot be read, for whatever reason. */
async function currentVersion(database: SqlDatabase): Promise<number | undefined> {
  try {
    return await versionOf(database);
  } catch (error) {
    if (error instanceof DashctlError && error.code === 'STORE_INVALID' && isMissingTable(error.cause))
      return undefined;
    throw error;
  }
}

async function versionOf(session: Pick<Session, 'query'>): Promise<number> {
  const [row] = await session.query('select max(version) as version from dashctl_schema');
  return Number(row?.version ?? 0);
}

/** Whether a database said that a table does not exist: SQLite, MySQL, PostgreSQL. */
function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return code === 'ER_NO_SUCH_TABLE' || code === '42P01' || /^no such table/.test(error.message);
}

function checkVersion(present: number, name: string): number {
  if (present <= versions.length) return present;
  throw new DashctlError('STORE_INVALID', `${name} was written by a newer dashctl (version ${present} of the tables)`, {
    hint: 'run that one, or choose another --store',
  });
}
