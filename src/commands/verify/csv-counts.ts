import { createPace } from '../../csv/pace.ts';
import type { TopicRecords } from '../../kafka/topic-sink.ts';
import { textKey } from '../../records/record-key.ts';
import { systemClock } from '../../runtime/clock.ts';
import { DashctlError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type ProduceInput, type ProduceSummary, runProduce } from '../produce/stage.ts';

/** The rows of CSV files by value, for each column that was asked for. */
export interface CsvCounts extends Pick<ProduceSummary, 'rows' | 'rejected' | 'reasons'> {
  /** Value → rows, by the topic that they would go to. */
  counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
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
  const counts = new Map(input.pipelines.map(({ topic }) => [topic, new Map<string, number>()]));
  const sink = {
    async sendAll(batches: readonly TopicRecords[]) {
      for (const { topic, records } of batches) {
        const values = counts.get(topic);
        for (const { value } of records) {
          const key = textKey(value === null ? null : Buffer.from(value));
          // What cannot be counted is counted by nobody.
          if (typeof key === 'string') values?.set(key, (values.get(key) ?? 0) + 1);
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
