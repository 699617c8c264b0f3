import { Command } from 'commander';
import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { describeStore } from '../store/open-store.ts';
import { ensureResultTopics } from './aggregate/topics.ts';
import { backlogReporter } from './shared/backlog-report.ts';
import { type StageContext, stageContext, withSharedFlags } from './shared/flags.ts';
import { grouped } from './shared/progress-line.ts';
import { defaultStore, openNamedStore, withRetainFlag, withStoreFlag } from './shared/store-flags.ts';
import { runSink, type SinkProgress } from './sink/stage.ts';

const examples = `
Windows and how far the topics were read are written in one transaction: each window is stored exactly once, whatever is
killed. What is read again changes nothing. A password is better kept in DASHCTL_STORE than in a command line.

Examples:
  dashctl sink                                       into .dashctl/dashctl.sqlite, which dashctl up uses as well
  dashctl sink --store sqlite:counts.db --retain 30d windows of a month; their sums per minute and hour for ever
  dashctl sink --store postgres://me:secret@db/shop  PostgreSQL; mysql:// for MySQL and MariaDB
  dashctl sink --pipeline gender --until-end         store what there is, then exit`;

/** `dashctl sink`. */
export const sinkCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    withRetainFlag(
      withStoreFlag(new Command('sink'), { purpose: 'where windows are kept', byDefault: defaultStore }),
    ).option('--until-end', 'store what the result topics hold now and exit'),
  )
    .addHelpText('after', examples)
    .action((flags: SinkFlags, command: Command) => run({ ...stageContext(command), ...flags }, signal));

interface SinkFlags {
  store: string;
  retain?: number;
  untilEnd?: boolean;
}

/**
 * Stores the results of the pipelines until interrupted, or with `untilEnd` until what is there is stored.
 * @throws DashctlError of Kafka and of the store; `INTERRUPTED`.
 */
export async function run(flags: StageContext & SinkFlags, signal: AbortSignal): Promise<void> {
  const { connection, pipelines, retain, untilEnd = false } = flags;
  const logger = flags.logger.child({ stage: 'sink' });
  const name = describeStore(flags.store);
  const store = await openNamedStore(flags.store, { logger });
  try {
    await ensureResultTopics(connection, pipelines);
    logger.info(`storing ${pipelines.map((pipeline) => pipeline.resultTopic).join(', ')} in ${name}`);
    const backlog = backlogReporter(process.stderr, logger, 'windows');
    const onProgress = ({ windows, lag }: SinkProgress) => backlog.observe({ done: windows, lag }, systemClock.now());
    const running = runSink({ connection, pipelines, store, retain, untilEnd, logger, onProgress }, signal);
    const { windows, unreadable } = await running.finally(() => backlog.stop());
    const passedOver = unreadable > 0 ? `, ${grouped(unreadable)} records that cannot be read` : '';
    logger.info(`${grouped(windows)} ${windows === 1 ? 'window' : 'windows'} stored${passedOver}`);
  } finally {
    await store.close();
  }
  if (untilEnd && signal.aborted) {
    throw new DashctlError('INTERRUPTED', 'interrupted before the end of the result topics', {
      hint: 'run it again: it goes on where it stopped',
    });
  }
}
