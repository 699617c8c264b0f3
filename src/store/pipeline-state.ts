import type { Dialect, Session } from './database.ts';
import type { PipelineState } from './plan-windows.ts';
import { numberOf, optionalNumberOf, valuesOf } from './rows.ts';

/** What is remembered of a pipeline, which nobody else changes until the transaction ends. */
export async function lockPipeline(session: Session, dialect: Dialect, pipeline: number): Promise<PipelineState> {
  const select = `select * from dashctl_pipelines where id = ${pipeline}${dialect.forUpdate}`;
  let [row] = await session.query(select);
  if (!row) {
    const columns = 'id, hops, windows, late_dropped, ignored';
    const added = `insert into dashctl_pipelines (${columns}) ${valuesOf([[pipeline, 0, 0, 0, 0]])}`;
    await session.execute(`${added} ${dialect.keepPresent(['id'])}`);
    [row] = await session.query(select);
  }
  if (!row) throw new Error(`pipeline ${pipeline} was stored and is not there`);
  const [start, end] = [optionalNumberOf(row, 'pruned_start'), optionalNumberOf(row, 'pruned_end')];
  return {
    hops: numberOf(row, 'hops') !== 0,
    windows: numberOf(row, 'windows'),
    lateDropped: numberOf(row, 'late_dropped'),
    ignored: numberOf(row, 'ignored'),
    pruned: start === undefined || end === undefined ? undefined : { start, end },
    prunedCountedStart: optionalNumberOf(row, 'pruned_counted_start'),
  };
}

export async function savePipeline(session: Session, pipeline: number, state: PipelineState): Promise<void> {
  const { hops, windows, lateDropped, ignored, pruned, prunedCountedStart } = state;
  await session.execute(
    `update dashctl_pipelines set hops = ${hops ? 1 : 0}, windows = ${windows}, late_dropped = ${lateDropped},
     ignored = ${ignored}, pruned_start = ?, pruned_end = ?, pruned_counted_start = ? where id = ${pipeline}`,
    [pruned?.start ?? null, pruned?.end ?? null, prunedCountedStart ?? null],
  );
}
