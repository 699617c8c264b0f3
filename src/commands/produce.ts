import { resolve } from 'node:path';
import { Command } from 'commander';
import { displayName } from '../csv/byte-source.ts';
import { createPace } from '../csv/pace.ts';
import { rejectWriter } from '../csv/reject-writer.ts';
import type { KafkaConnection } from '../kafka/connection.ts';
import { type TopicSink, topicSink } from '../kafka/topic-sink.ts';
import { ensureTopics } from '../kafka/topics.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { notProduced, produceInput, type ReplayFlags, withReplayFlags } from './produce/flags.ts';
import { progressText, summaryFields, summaryText } from './produce/report.ts';
import { checkInput, type ProduceInput, type ProduceSummary, runProduce } from './produce/stage.ts';
import type { ProduceProgress } from './produce/tally.ts';
import { stageContext, withSharedFlags } from './shared/flags.ts';
import { progressLine } from './shared/progress-line.ts';

const examples = `
Examples:
  dashctl produce data/user_log.csv                          all pipelines, 10 rows per second
  dashctl produce user_log.csv --pipeline gender --rate max  only gender, as fast as it goes
  dashctl produce log.csv.gz --where action=2                purchases alone
  tail -n +1 -f live.csv | dashctl produce -                 rows as they are written
  dashctl produce orders.csv --pipeline brand                a pipeline of dashctl.json, such as
    {"name": "brand", "topic": "brand", "column": "brand_id", "where": "action=2"}`;

/** `dashctl produce`. */
export const produceCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    withReplayFlags(new Command('produce')).argument(
      '<csv...>',
      'files in order; - is standard input, .gz and .zst are read as they are',
    ),
  )
    .addHelpText('after', examples)
    .action(async (files: string[], _: unknown, command: Command) => {
      const { logger, connection, pipelines } = stageContext(command);
      const flags = command.opts<ReplayFlags & { pipeline?: string; logFormat: string }>();
      if (flags.pipeline !== undefined && flags.column !== undefined) {
        throw new DashctlError('USAGE', '--pipeline and --column exclude each other', {
          hint: 'leave out one of them',
        });
      }
      // Of all pipelines, those with a column are meant; of named ones, each.
      if (flags.pipeline !== undefined && pipelines.some(({ column }) => column === undefined)) {
        throw notProduced(pipelines);
      }
      const { rate, loop = false, limit, skip, rejects } = flags;
      await run(
        {
          ...{ input: produceInput(files, flags, pipelines), rate, loop, limit, skip, rejects, logger },
          json: flags.logFormat === 'json',
          screen: process.stderr,
          clock: systemClock,
          openSink: (topics) => openSink(connection, topics, signal),
        },
        signal,
      );
    });

export interface ProduceCommandOptions {
  input: ProduceInput;
  /** Rows per second, or `Infinity`. */
  rate: number;
  loop: boolean;
  limit: number | undefined;
  skip: number | undefined;
  /** File that rejected rows are kept in. */
  rejects: string | undefined;
  /** Log lines are JSON, and so is the summary. */
  json: boolean;
  /** Where progress, when it is a terminal, and the summary go. */
  screen: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  logger: Logger;
  clock: Clock;
  openSink: (topics: string[]) => Promise<Pick<TopicSink, 'sendAll' | 'close'>>;
}

async function openSink(connection: KafkaConnection, topics: string[], signal: AbortSignal): Promise<TopicSink> {
  await ensureTopics(connection, topics);
  return topicSink({ connection, signal });
}

/**
 * Replays the files and reports on it.
 * @throws DashctlError `INTERRUPTED` when the signal ended it before the last row; and those of `runProduce`.
 */
export async function run(options: ProduceCommandOptions, signal: AbortSignal): Promise<void> {
  const { input, rate, rejects, logger, screen } = options;
  refuseOverwriting(input.files, rejects);
  await checkInput(input, signal);
  const writer = rejects === undefined ? undefined : await rejectWriter(rejects);
  try {
    const topics = [...new Set(input.pipelines.map(({ topic }) => topic))];
    const sink = await options.openSink(topics);
    const report = reporter(options);
    try {
      const speed = rate === Number.POSITIVE_INFINITY ? 'as fast as it goes' : `${rate} rows per second`;
      if (!screen.isTTY) {
        logger.info(`replaying ${input.files.map(displayName).join(', ')} into ${topics.join(', ')}, ${speed}`);
      }
      const { loop, limit, skip, clock } = options;
      const { onProgress } = report;
      const stage = { ...input, pace: createPace(rate), loop, limit, skip, rejects: writer, sink, logger, clock };
      report.end(await runProduce({ ...stage, onProgress }, signal));
    } finally {
      report.stop();
      await sink.close();
    }
  } finally {
    await writer?.close();
  }
}

function refuseOverwriting(files: readonly string[], rejects: string | undefined): void {
  if (rejects === undefined || !files.some((file) => file !== '-' && resolve(file) === resolve(rejects))) return;
  throw new DashctlError('USAGE', `--rejects would overwrite ${rejects}, which is to be read`, {
    hint: 'give it another name',
  });
}

const redraw = 100;
const logEvery = 10_000;

/** On a terminal a line that moves, elsewhere a log line now and then; the summary at the end. */
function reporter({ input, json, screen, logger }: ProduceCommandOptions) {
  const line = screen.isTTY && !json ? progressLine(screen) : undefined;
  let latest: Readonly<ProduceProgress> | undefined;
  const timer = setInterval(
    () => {
      if (latest && line) line.draw(progressText(latest));
      else if (latest) logger.info(json ? latest : {}, json ? 'replaying' : progressText(latest));
    },
    line ? redraw : logEvery,
  );
  timer.unref();
  const stop = () => {
    clearInterval(timer);
    line?.clear();
  };
  return {
    onProgress: (progress: Readonly<ProduceProgress>) => {
      latest = progress;
    },
    end(summary: ProduceSummary) {
      stop();
      if (json) logger.info(summaryFields(summary, input.pipelines), 'replay ended');
      else screen.write(summaryText(summary, input.pipelines));
      latest = undefined;
      finish(summary, input.files);
    },
    /** Also after a failure: then what had been sent is not lost from sight. */
    stop() {
      stop();
      if (latest)
        logger.warn(`${latest.rows} rows were sent before the failure; --skip ${latest.rows} goes on after them`);
    },
  };
}

function finish({ rows, rejected, complete }: ProduceSummary, files: readonly string[]): void {
  if (!complete) {
    throw new DashctlError('INTERRUPTED', `interrupted after ${rows} rows`, {
      hint: `go on with --skip ${rows}, and the same --where`,
    });
  }
  if (rows === 0 && rejected > 0) {
    throw new DashctlError('CSV_INVALID', `no row of ${files.map(displayName).join(', ')} can be read`, {
      hint: 'the reasons are above; check --delimiter and --columns',
    });
  }
}
