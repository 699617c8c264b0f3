import type { Dialect, Session } from './database.ts';
import { lockPipeline, savePipeline } from './pipeline-state.ts';
import { conditionsOf, numberOf, wholeTime } from './rows.ts';
import { isBefore } from './window-order.ts';

// Taken out in one transaction: few enough that whoever waits for it does not wait long.
const windowsAtOnce = 1_000;
const countsAtOnce = 20_000;

/**
 * Takes the oldest windows of a pipeline out that end by then, as many as one transaction may; resolves with how many.
 * Their counts are in the sums already, and the newest window stays.
 */
export async function pruneSome(session: Session, dialect: Dialect, pipeline: number, before: number): Promise<number> {
  const state = await lockPipeline(session, dialect, pipeline);
  const [newest] = await session.query(
    `select window_start, window_end from dashctl_windows where pipeline_id = ${pipeline}
     order by window_start desc, window_end desc limit 1`,
  );
  if (!newest) return 0;
  const rows = await session.query(
    `select window_start, window_end, counted, size from dashctl_windows
     where pipeline_id = ${pipeline} and window_start < ? and window_end <= ?
       and not (window_start = ${numberOf(newest, 'window_start')} and window_end = ${numberOf(newest, 'window_end')})
     order by window_start, window_end limit ${windowsAtOnce}`,
    [wholeTime(before), wholeTime(before)],
  );
  let counts = 0;
  const leaving = rows
    .filter((row, index) => {
      counts += numberOf(row, 'size');
      return index === 0 || counts <= countsAtOnce;
    })
    .map((row) => ({
      start: numberOf(row, 'window_start'),
      end: numberOf(row, 'window_end'),
      counted: numberOf(row, 'counted') !== 0,
    }));
  if (leaving.length === 0) return 0;
  for (const condition of conditionsOf(pipeline, leaving)) {
    await session.execute(`delete from dashctl_counts where ${condition}`);
    await session.execute(`delete from dashctl_windows where ${condition}`);
  }
  for (const window of leaving) {
    if (!state.pruned || isBefore(state.pruned, window)) state.pruned = window;
    if (window.counted) state.prunedCountedStart = Math.max(state.prunedCountedStart ?? -Infinity, window.start);
  }
  await savePipeline(session, pipeline, state);
  return leaving.length;
}
