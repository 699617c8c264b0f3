import { createPace } from '../csv/pace.ts';
import type { TopicRecords } from '../kafka/topic-sink.ts';
import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { type ProduceInput, type ProduceSummary, runProduce } from './produce-stage.ts';

/** The rows of CSV files by value, for each column that was asked for. */
export interface CsvCounts extends Pick<ProduceSummary, 'rows' | 'rejected' | 'reasons'> {
  /** Value → rows, in the order of the pipelines. */
  counts: ReadonlyMap<string, number>[];
}

export interface CsvCountsOptions {
  input: ProduceInput;
  limit: number | undefined;
  skip: number | undefined;
  logger: Logger;
}

/**
 * Counts what `produce` would send: its own reader runs, with a sink that counts instead of sending.
 * @throws DashctlError of the reader, `INTERRUPTED` when the signal aborts before the last row.
 */
export async function countCsv(options: CsvCountsOptions, signal: AbortSignal): Promise<CsvCounts> {
  const { input, limit, skip, logger } = options;
  const counts = input.pipelines.map(() => new Map<string, number>());
  const sink = {
    async sendAll(batches: readonly TopicRecords[]) {
      for (const [index, { records }] of batches.entries()) {
        const values = counts[index];
        for (const { value } of records) {
          const cell = String(value);
          values?.set(cell, (values.get(cell) ?? 0) + 1);
        }
      }
    },
  };
  const pace = createPace(Number.POSITIVE_INFINITY);
  const summary = await runProduce({ ...input, pace, limit, skip, sink, logger, clock: systemClock }, signal);
  if (!summary.complete) throw new DashctlError('INTERRUPTED', `interrupted after ${summary.rows} rows of the CSV`);
  const { rows, rejected, reasons } = summary;
  return { rows, rejected, reasons, counts };
}
