import type { KafkaConnection } from '../../kafka/connection.ts';
import { partitionKey, topicOffsets } from '../../kafka/topics.ts';
import { totalOf } from '../../records/counts.ts';
import { type Pipeline, takesEveryRow } from '../../records/pipelines.ts';
import type { WindowStore } from '../../records/window-store.ts';
import { DashctlError } from '../../runtime/errors.ts';
import type { AggregateProgress } from '../aggregate/stage.ts';
import type { ProduceSummary } from '../produce/stage.ts';
import type { ProduceProgress } from '../produce/tally.ts';
import type { Changes } from './changes.ts';

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
  /** Values that cannot be counted. */
  rejected: number;
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

/** How many records each stage has had, in all runs together; of a pipeline that has each row once. */
interface StageSums {
  /** CSV rows read, rejected ones included. */
  rowsRead: number;
  /** Records of windows that are out; undefined once that can no longer be told. */
  counted: number | undefined;
}

interface Standing {
  counts: ReadonlyMap<string, number>;
  windows: number;
  /** Records that the aggregate stage has read, by this process. */
  records: number;
  late: number;
  /** Values that cannot be counted, and records that conditions leave out, of those read by this process. */
  rejected: number;
  filtered: number;
}

/**
 * Adds up one run: first notes what there was before it, then, when its rows are sent, waits until each is counted
 * and stored, and takes the difference. Topics may hold earlier runs, and counts that were still open then. Pipelines
 * without a column count what others send, which has no end to wait for.
 */
export function runTotals(sources: RunTotalsSources) {
  const { connection, store, changes, aggregate, storedUpTo } = sources;
  const pipelines = sources.pipelines.filter(({ column }) => column !== undefined);
  const whole = pipelines.find(takesEveryRow);
  let before = new Map<string, Standing>();
  let rowsBefore: number | undefined;
  const mostRead = new Map<string, number>();
  const readAnew = new Set<string>();

  const standing = async (): Promise<Map<string, Standing>> => {
    const entries = pipelines.map(async ({ name }) => {
      const { counts, windows } = await store.totals(name);
      const status = aggregate()?.pipelines.get(name);
      const { records = 0, lateDropped: late = 0, rejected = 0, filtered = 0 } = status ?? {};
      return [name, { counts: new Map(counts), windows, records, late, rejected, filtered }] as const;
    });
    return new Map(await Promise.all(entries));
  };

  /** Waits until nothing is open, what was sent to each pipeline is counted, and all results are stored. */
  const settle = async (sent: Readonly<Record<string, number>>, signal: AbortSignal) => {
    const isCounted = ({ name }: Pipeline) => {
      const status = aggregate()?.pipelines.get(name);
      const counted = (status?.records ?? 0) - (before.get(name)?.records ?? 0);
      return status?.caughtUp && status.settled && counted >= (sent[name] ?? 0);
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

  /** How many records of a pipeline are in windows that are out, in all runs together. */
  const counted = (name: string): number | undefined => {
    const base = before.get(name);
    const status = aggregate()?.pipelines.get(name);
    if (!base || !status) return undefined;
    if (readAnew.has(name)) return undefined;
    const uncounted =
      status.lateDropped - base.late + status.rejected - base.rejected + status.filtered - base.filtered;
    return totalOf(base.counts) + status.records - base.records - status.open - uncounted;
  };

  return {
    counted,
    /** To be told of all progress: a stage that had to go on from what is committed reads some records again. */
    noteProgress(progress: AggregateProgress): void {
      for (const [name, { records }] of progress.pipelines) {
        if (records < (mostRead.get(name) ?? 0)) readAnew.add(name);
        mostRead.set(name, records);
      }
    },
    /** To be awaited before the first row is sent. */
    async begin(signal: AbortSignal): Promise<void> {
      await settle({}, signal);
      before = await standing();
      const base = whole && before.get(whole.name);
      if (base) rowsBefore = totalOf(base.counts) + base.late + base.rejected;
    },
    /** What the stages have had so far; undefined until the run has begun. */
    stages({ rows, rejected }: Pick<ProduceProgress, 'rows' | 'rejected'>): StageSums | undefined {
      if (!whole || rowsBefore === undefined) return undefined;
      return { rowsRead: rowsBefore + rows + rejected, counted: counted(whole.name) };
    },
    /** To be awaited after the last row is sent. */
    async end({ rows, rejected, records }: ProduceSummary, signal: AbortSignal): Promise<RunTotals> {
      await settle(records, signal);
      const after = await standing();
      const sums = pipelines.map(
        ({ name }) => [name, sumsOf(records[name] ?? 0, before.get(name), after.get(name))] as const,
      );
      for (const [name, own] of sums) requireAll(name, own);
      return { rows, rejected, pipelines: Object.fromEntries(sums) };
    },
  };
}

function sumsOf(records: number, before: Standing | undefined, after: Standing | undefined): PipelineSums {
  const own = [...(after?.counts ?? [])].map(([key, count]) => [key, count - (before?.counts.get(key) ?? 0)] as const);
  return {
    records,
    windows: (after?.windows ?? 0) - (before?.windows ?? 0),
    late: (after?.late ?? 0) - (before?.late ?? 0),
    rejected: (after?.rejected ?? 0) - (before?.rejected ?? 0),
    totals: Object.fromEntries(own.filter(([, count]) => count !== 0)),
  };
}

function requireAll(name: string, { records, late, rejected, totals }: PipelineSums): void {
  const counted = Object.values(totals).reduce((sum, count) => sum + count, 0) + late + rejected;
  if (counted === records) return;
  throw new DashctlError('INTERNAL', `${name}: ${records} rows were sent, ${counted} were counted`, {
    hint: 'does something else write to the same topics? try an empty --data-dir',
  });
}
