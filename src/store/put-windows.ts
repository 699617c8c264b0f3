import type { WindowCount } from '../records/window-count.ts';
import type { Dialect, Session } from './database.ts';
import { lockPipeline, savePipeline } from './pipeline-state.ts';
import { planWindows, type StoredWindow, type WindowPlan } from './plan-windows.ts';
import { conditionsOf, insertRows, numberOf } from './rows.ts';
import { sumChanges } from './sum-changes.ts';
import { byTime, isBefore, type WindowTimes } from './window-order.ts';

/** The numbers that texts go by. */
export type TextIds = ReadonlyMap<string, number>;

// Windows further apart than this are looked for separately, so that what lies between them need not be read.
const farApart = 60_000;
// Counts that are worked on at a time, so that a put of many large windows does not hold them all once more.
const countsAtOnce = 50_000;

/** Puts windows of one pipeline into the tables. The transaction has to be committed by the caller. */
export async function putWindows(
  session: Session,
  dialect: Dialect,
  pipeline: number,
  windows: readonly WindowCount[],
  ids: TextIds,
): Promise<void> {
  let state = await lockPipeline(session, dialect, pipeline);
  const sums = sumChanges(pipeline);
  for (const incoming of neighbours(windows)) {
    const stored = await storedAround(session, pipeline, incoming);
    const plan = planWindows(state, stored, incoming);
    await carryOut(session, dialect, { pipeline, plan, sums, ids });
    state = plan.state;
  }
  await sums.write(session, dialect);
  await savePipeline(session, pipeline, state);
}

/** Windows in the order of time, in parts. Those that are the same window stay in their order. */
function* neighbours(windows: readonly WindowCount[]): Generator<WindowCount[]> {
  let group: WindowCount[] = [];
  let counts = 0;
  for (const window of windows.toSorted(byTime)) {
    const last = group.at(-1);
    if (last && (window.start - last.start > farApart || counts > countsAtOnce)) {
      yield group;
      [group, counts] = [[], 0];
    }
    group.push(window);
    counts += window.counts.size;
  }
  if (group.length > 0) yield group;
}

const select = 'select window_start, window_end, revision, counted from dashctl_windows where';

/** Stored windows from the first to the last of those that come in, and one more on either side. */
async function storedAround(
  session: Session,
  pipeline: number,
  incoming: readonly WindowCount[],
): Promise<StoredWindow[]> {
  const find = async (condition: string) => {
    const rows = await session.query(`${select} pipeline_id = ${pipeline} ${condition}`);
    return rows.map((row) => ({
      start: numberOf(row, 'window_start'),
      end: numberOf(row, 'window_end'),
      revision: numberOf(row, 'revision'),
      counted: numberOf(row, 'counted') !== 0,
    }));
  };
  const descending = 'order by window_start desc, window_end desc limit 1';
  const newest = await find(descending);
  const [first, last] = [incoming[0], incoming.at(-1)];
  // Nearly always: windows come in the order of time.
  if (!first || !last || !newest[0] || isBefore(newest[0], first)) return newest;
  // Written out, since not every database finds its way through a comparison of rows by an index.
  const from = `window_start >= ${first.start} and (window_start > ${first.start} or window_end >= ${first.end})`;
  const to = `window_start <= ${last.start} and (window_start < ${last.start} or window_end <= ${last.end})`;
  const before = `window_start <= ${first.start} and (window_start < ${first.start} or window_end < ${first.end})`;
  const behind = `window_start >= ${last.start} and (window_start > ${last.start} or window_end > ${last.end})`;
  return [
    ...(await find(`and ${before} ${descending}`)),
    ...(await find(`and ${from} and ${to} order by window_start, window_end`)),
    ...(await find(`and ${behind} order by window_start, window_end limit 1`)),
  ];
}

interface Work {
  pipeline: number;
  plan: WindowPlan;
  sums: ReturnType<typeof sumChanges>;
  ids: TextIds;
}

async function carryOut(session: Session, dialect: Dialect, { pipeline, plan, sums, ids }: Work): Promise<void> {
  const leaving = plan.beganToHop ? await leavingSums(session, pipeline, plan) : plan.uncount;
  const replaced = plan.write.flatMap((written) => written.replaced ?? []);
  const old = await countsOf(session, pipeline, [...leaving, ...replaced]);
  for (const window of [...leaving, ...replaced]) {
    if (window.counted) sums.add(window, old.get(nameOf(window)) ?? [], -1);
  }
  const numbered = plan.write.map((written) => ({ ...written, counts: numberedCounts(written.window, ids) }));
  for (const { window, counted, counts } of numbered) if (counted) sums.add(window, counts, 1);

  // What is read again after a restart is mostly the same.
  const changed = numbered.filter(({ replaced, counts }) => !replaced || !isSame(old.get(nameOf(replaced)), counts));
  for (const condition of conditionsOf(
    pipeline,
    changed.flatMap((written) => written.replaced ?? []),
  )) {
    await session.execute(`delete from dashctl_counts where ${condition}`);
  }
  await insertRows(session, dialect, {
    table: 'counts',
    columns: ['pipeline_id', 'window_start', 'window_end', 'text_id', 'records'],
    rows: countRows(pipeline, changed),
  });
  const keys = ['pipeline_id', 'window_start', 'window_end'];
  const values = ['revision', 'late_dropped', 'counted', 'size'];
  await insertRows(session, dialect, {
    table: 'windows',
    columns: [...keys, ...values],
    rows: plan.write.map(({ window: { start, end, revision, lateDropped, counts }, counted }) => [
      ...[pipeline, start, end, revision, lateDropped],
      ...[counted ? 1 : 0, counts.size],
    ]),
    clause: dialect.updatePresent(keys, (incoming) => values.map((value) => `${value} = ${incoming(value)}`)),
  });
  for (const condition of conditionsOf(pipeline, leaving)) {
    await session.execute(`update dashctl_windows set counted = 0 where ${condition}`);
  }
}

const nameOf = ({ start, end }: WindowTimes) => `${start}/${end}`;

/** The stored windows that leave the sums when windows are first seen to hop, besides those that are written anyway. */
async function leavingSums(session: Session, pipeline: number, plan: WindowPlan): Promise<StoredWindow[]> {
  const rows = await session.query(
    `${select} pipeline_id = ${pipeline} and counted = 1 and window_start % (window_end - window_start) <> 0`,
  );
  const written = new Set(plan.write.map(({ window }) => nameOf(window)));
  const leaving = new Map(plan.uncount.map((window) => [nameOf(window), window]));
  for (const row of rows) {
    const window = {
      start: numberOf(row, 'window_start'),
      end: numberOf(row, 'window_end'),
      revision: numberOf(row, 'revision'),
      counted: true,
    };
    if (!written.has(nameOf(window))) leaving.set(nameOf(window), window);
  }
  return [...leaving.values()];
}

/** The stored counts of windows, by the numbers of their keys. */
async function countsOf(session: Session, pipeline: number, windows: readonly WindowTimes[]) {
  const counts = new Map<string, Map<number, number>>();
  for (const condition of conditionsOf(pipeline, windows)) {
    const rows = await session.query(
      `select window_start, window_end, text_id, records from dashctl_counts where ${condition}`,
    );
    for (const row of rows) {
      const name = `${row.window_start}/${row.window_end}`;
      const byText = counts.get(name) ?? new Map<number, number>();
      counts.set(name, byText);
      byText.set(numberOf(row, 'text_id'), numberOf(row, 'records'));
    }
  }
  return counts;
}

function numberedCounts({ counts }: WindowCount, ids: TextIds): Map<number, number> {
  const numbered = new Map<number, number>();
  for (const [key, count] of counts) {
    const id = ids.get(key);
    if (id === undefined) throw new Error('a key has no number');
    numbered.set(id, count);
  }
  return numbered;
}

function isSame(old: ReadonlyMap<number, number> = new Map(), counts: ReadonlyMap<number, number>): boolean {
  return old.size === counts.size && counts.entries().every(([text, count]) => old.get(text) === count);
}

function* countRows(
  pipeline: number,
  written: readonly { window: WindowCount; counts: ReadonlyMap<number, number> }[],
): Generator<number[]> {
  for (const { window, counts } of written) {
    for (const [text, count] of counts) yield [pipeline, window.start, window.end, text, count];
  }
}
