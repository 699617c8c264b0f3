import type { Logger } from '../../runtime/logger.ts';
import { aggregateSums } from '../status/stage-figures.ts';
import type { View } from './stages.ts';
import type { Watched } from './watched.ts';

const logEvery = 10_000;

/** Log lines in place of the terminal view: one now and then of what the stages do. */
export function headlessView({ logger, watched: { status } }: { logger: Logger; watched: Watched }): View {
  const tell = () => {
    const { records, windows, lag, late, filtered, rejected: values } = aggregateSums(status.aggregate);
    const { rows = 0, rejected: rejectedRows = 0 } = status.produce ?? {};
    const rejected = rejectedRows + values;
    const clients = status.serve?.clients ?? 0;
    logger.info(
      { rows, rejected, records, filtered, windows, lag, late, stored: status.stored, clients },
      `${rows} rows, ${windows} windows, lag ${lag}, late ${late}, rejected ${rejected}, ${clients} clients`,
    );
  };
  const timer = setInterval(tell, logEvery);
  timer.unref();
  return {
    report: (summary) => logger.info(summary.trim().replaceAll(/\s*\n\s*/g, '; ')),
    stopping: () => logger.info('stopping: finishing what has been read'),
    async close() {
      clearInterval(timer);
    },
  };
}
