import type { WindowCount } from '../records/window-count.ts';
import type { PipelineTotals, SeriesQuery } from '../records/window-store.ts';
import type { SqlDatabase, SqlRow, SqlValue } from './database.ts';
import { numberOf, wholeTime } from './rows.ts';
import { spanSizes, wholeSpan } from './spans.ts';
import { digestOf, textOf } from './text-ids.ts';

const pipelineId = '(select id from dashctl_texts where digest = ?)';

// Each of these is one statement, and so sees one state of the database.

/** Windows as they were counted, or their sums per minute or hour. */
export async function readSeries(database: SqlDatabase, pipeline: string, query: SeriesQuery): Promise<WindowCount[]> {
  const { resolution = 'window', limit } = query;
  if (limit !== undefined && limit <= 0) return [];
  if (resolution !== 'window') return readSpans(database, pipeline, spanSizes[resolution], query);
  const { sql, parameters } = within('window_start', query);
  const newest = limit === undefined ? '' : `order by window_start desc, window_end desc limit ${Math.floor(limit)}`;
  const rows = await database.query(
    `select w.window_start as start_ms, w.window_end as end_ms, w.revision, w.late_dropped, c.records, t.value, t.exact
     from (select pipeline_id, window_start, window_end, revision, late_dropped from dashctl_windows
           where pipeline_id = ${pipelineId} ${sql} ${newest}) w
     left join dashctl_counts c on c.pipeline_id = w.pipeline_id
       and c.window_start = w.window_start and c.window_end = w.window_end
     left join dashctl_texts t on t.id = c.text_id
     order by w.window_start, w.window_end`,
    [digestOf(pipeline), ...parameters],
  );
  return windowsOf(pipeline, rows);
}

/** How many windows, minutes or hours there are. */
export async function countSeries(
  database: SqlDatabase,
  pipeline: string,
  query: Omit<SeriesQuery, 'limit'>,
): Promise<number> {
  const { resolution = 'window' } = query;
  const isWindows = resolution === 'window';
  const { sql, parameters } = within(isWindows ? 'window_start' : 'span_start', query);
  const [row] = await database.query(
    isWindows
      ? `select count(*) as records from dashctl_windows where pipeline_id = ${pipelineId} ${sql}`
      : `select count(distinct span_start) as records from dashctl_sums
         where pipeline_id = ${pipelineId} and span = ${spanSizes[resolution]} and records <> 0 ${sql}`,
    [digestOf(pipeline), ...parameters],
  );
  return row ? numberOf(row, 'records') : 0;
}

async function readSpans(database: SqlDatabase, pipeline: string, size: number, query: SeriesQuery) {
  const { sql, parameters } = within('span_start', query);
  const those = `pipeline_id = ${pipelineId} and span = ${size} and records <> 0 ${sql}`;
  // As a lower bound, which every database finds once and then by its index.
  const newest =
    query.limit === undefined
      ? ''
      : `and span_start >= (select min(span_start) from (
           select distinct span_start from dashctl_sums where ${those}
           order by span_start desc limit ${Math.floor(query.limit)}) newest)`;
  const given = [digestOf(pipeline), ...parameters];
  const rows = await database.query(
    `select s.span_start as start_ms, s.span_start + ${size} as end_ms, 0 as revision, 0 as late_dropped,
       s.records, t.value, t.exact
     from (select span_start, text_id, records from dashctl_sums where ${those} ${newest}) s
     join dashctl_texts t on t.id = s.text_id order by s.span_start`,
    newest === '' ? given : [...given, ...given],
  );
  return windowsOf(pipeline, rows);
}

function within(column: string, { from, to }: SeriesQuery): { sql: string; parameters: SqlValue[] } {
  const [first, end] = [from, to].map((time) => (time === undefined ? undefined : wholeTime(Math.ceil(time))));
  return {
    sql: `${first === undefined ? '' : `and ${column} >= ?`} ${end === undefined ? '' : `and ${column} < ?`}`,
    parameters: [first, end].filter((time) => time !== undefined),
  };
}

/** Rows in the order of their windows, one for each count; those of a window that counted nothing have no text. */
function windowsOf(pipeline: string, rows: readonly SqlRow[]): WindowCount[] {
  const windows: (WindowCount & { counts: Map<string, number> })[] = [];
  for (const row of rows) {
    const [start, end] = [numberOf(row, 'start_ms'), numberOf(row, 'end_ms')];
    let window = windows.at(-1);
    if (window?.start !== start || window.end !== end) {
      const [revision, lateDropped] = [numberOf(row, 'revision'), numberOf(row, 'late_dropped')];
      window = { pipeline, start, end, revision, lateDropped, counts: new Map() };
      windows.push(window);
    }
    if (row.records !== null) window.counts.set(textOf(row), numberOf(row, 'records'));
  }
  return windows;
}

export async function readTotals(database: SqlDatabase, pipeline: string): Promise<PipelineTotals> {
  const rows = await database.query(
    `select p.windows, p.late_dropped, p.ignored, s.records, t.value, t.exact
     from dashctl_pipelines p
     left join dashctl_sums s on s.pipeline_id = p.id and s.span = ${wholeSpan} and s.records <> 0
     left join dashctl_texts t on t.id = s.text_id
     where p.id = ${pipelineId}`,
    [digestOf(pipeline)],
  );
  const [first] = rows;
  if (!first) return { counts: new Map(), windows: 0, lateDropped: 0, ignored: 0 };
  const counted = rows.filter(({ records }) => records !== null);
  return {
    counts: new Map(counted.map((row) => [textOf(row), numberOf(row, 'records')])),
    windows: numberOf(first, 'windows'),
    lateDropped: numberOf(first, 'late_dropped'),
    ignored: numberOf(first, 'ignored'),
  };
}

export async function readPipelines(database: SqlDatabase): Promise<string[]> {
  const rows = await database.query(
    'select t.value, t.exact from dashctl_pipelines p join dashctl_texts t on t.id = p.id',
  );
  return rows.map(textOf).sort();
}

export async function readPositions(database: SqlDatabase): Promise<Map<string, number>> {
  const rows = await database.query(
    'select t.value, t.exact, p.next_offset from dashctl_positions p join dashctl_texts t on t.id = p.partition_id',
  );
  return new Map(rows.map((row) => [textOf(row), numberOf(row, 'next_offset')]));
}
