import type { KafkaConnection } from '../kafka/connection.ts';
import { partitionKey, topicOffsets } from '../kafka/topics.ts';
import type { Pipeline } from '../records/pipelines.ts';
import type { WindowStore } from '../records/window-store.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { AggregateProgress } from './aggregate-stage.ts';
import type { Changes } from './changes.ts';
import type { ProduceSummary } from './produce-stage.ts';
import type { ProduceProgress } from './produce-tally.ts';

/** What `up --once` prints: the counts of the rows that this run has sent. */
export interface RunTotals {
  rows: number;
  rejected: number;
  pipelines: Record<string, PipelineSums>;
}

interface PipelineSums {
  /** Records sent. */
  records: number;
  windows: number;
  /** Records too late for any window. */
  late: number;
  totals: Record<string, number>;
}

/** What is known of the stages while they run. */
export interface RunTotalsSources {
  connection: KafkaConnection;
  pipelines: readonly Pipeline[];
  store: WindowStore;
  changes: Changes;
  aggregate(): AggregateProgress | undefined;
  /** Next result record to be stored, by `topic/partition`. */
  storedUpTo(): ReadonlyMap<string, number>;
}

/** How many records each stage has had, in all runs together; of one pipeline, since each row is in every pipeline once. */
interface StageSums {
  /** CSV rows read, rejected ones included. */
  rowsRead: number;
  /** Records of windows that are out. */
  counted: number;
}

interface Standing {
  counts: ReadonlyMap<string, number>;
  windows: number;
  /** Records that the aggregate stage has read, by this process. */
  records: number;
  late: number;
}

/**
 * Adds up one run: first notes what there was before it, then, when its rows are sent, waits until each is counted
 * and stored, and takes the difference. Topics may hold earlier runs, and counts that were still open then.
 */
export function runTotals(sources: RunTotalsSources) {
  const { connection, pipelines, store, changes, aggregate, storedUpTo } = sources;
  let before = new Map<string, Standing>();

  const standing = async (): Promise<Map<string, Standing>> => {
    const entries = pipelines.map(async ({ name, topic }) => {
      const { counts, windows } = await store.totals(name);
      const status = aggregate()?.topics.get(topic);
      const figures = { windows, records: status?.records ?? 0, late: status?.lateDropped ?? 0 };
      return [name, { counts: new Map(counts), ...figures }] as const;
    });
    return new Map(await Promise.all(entries));
  };

  /** Waits until nothing is open, `rows` more records of each pipeline are counted, and all results are stored. */
  const settle = async (rows: number, signal: AbortSignal) => {
    const isCounted = ({ name, topic }: Pipeline) => {
      const status = aggregate()?.topics.get(topic);
      const counted = (status?.records ?? 0) - (before.get(name)?.records ?? 0);
      return status?.caughtUp && status.settled && counted >= rows;
    };
    await changes.until(() => pipelines.every(isCounted), signal);
    const ends = await topicOffsets(
      connection,
      pipelines.map(({ resultTopic }) => resultTopic),
    );
    const isStored = () =>
      ends.every((end) => end.high === 0 || (storedUpTo().get(partitionKey(end)) ?? 0) >= end.high);
    await changes.until(isStored, signal);
  };

  return {
    /** To be awaited before the first row is sent. */
    async begin(signal: AbortSignal): Promise<void> {
      await settle(0, signal);
      before = await standing();
    },
    /** What the stages have had so far; undefined until the run has begun. */
    stages({ rows, rejected }: Pick<ProduceProgress, 'rows' | 'rejected'>): StageSums | undefined {
      const [first] = pipelines;
      const base = first && before.get(first.name);
      const status = first && aggregate()?.topics.get(first.topic);
      if (!base || !status) return undefined;
      const stored = base.counts.values().reduce((sum, count) => sum + count, 0);
      const fresh = status.records - base.records - status.open - (status.lateDropped - base.late);
      return { rowsRead: stored + base.late + rows + rejected, counted: stored + fresh };
    },
    /** To be awaited after the last row is sent. */
    async end({ rows, rejected }: ProduceSummary, signal: AbortSignal): Promise<RunTotals> {
      await settle(rows, signal);
      const after = await standing();
      const sums = pipelines.map(({ name }) => [name, sumsOf(rows, before.get(name), after.get(name))] as const);
      for (const [name, { totals, late }] of sums) requireAll(name, rows, totals, late);
      return { rows, rejected, pipelines: Object.fromEntries(sums) };
    },
  };
}

function sumsOf(rows: number, before: Standing | undefined, after: Standing | undefined): PipelineSums {
  const totals: Record<string, number> = {};
  for (const [key, count] of after?.counts ?? []) {
    const own = count - (before?.counts.get(key) ?? 0);
    if (own !== 0) totals[key] = own;
  }
  return {
    records: rows,
    windows: (after?.windows ?? 0) - (before?.windows ?? 0),
    late: (after?.late ?? 0) - (before?.late ?? 0),
    totals,
  };
}

function requireAll(name: string, rows: number, totals: Record<string, number>, late: number): void {
  const counted = Object.values(totals).reduce((sum, count) => sum + count, late);
  if (counted === rows) return;
  throw new DashctlError('INTERNAL', `${name}: ${rows} rows were sent, ${counted} were counted`, {
    hint: 'does something else write to the same topics? try an empty --data-dir',
  });
}
