import { Command, InvalidArgumentError, Option } from 'commander';
import type { StartOffset } from '../kafka/topics.ts';
import type { ResultFormat } from '../records/window-count.ts';
import { lengthsFault, shapeOf, type WindowShape } from '../records/window-shape.ts';
import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { type AggregateOptions, type AggregateProgress, runAggregate } from './aggregate/stage.ts';
import { type Backlog, backlogReporter } from './shared/backlog-report.ts';
import { duration, type StageContext, stageContext, withSharedFlags } from './shared/flags.ts';

const examples = `
Examples:
  dashctl aggregate                                 all pipelines, live
  dashctl aggregate --pipeline gender --window 5s   shoppers per five seconds
  dashctl aggregate --window 1m --slide 1s          shoppers of the last minute, told every second
  dashctl aggregate --window 1d --step 1s           shoppers of today so far
  dashctl aggregate --until-end                     count what is there, then exit
  dashctl aggregate --pipeline sold                 a pipeline of dashctl.json, such as
    {"name": "sold", "topic": "shop.orders", "field": "items[0].category", "where": {"field": "type", "equals": "buy"}}`;

/** The flags of counting, which `up` has too. */
export const withWindowFlags = (command: Command): Command =>
  command
    .option('--window <duration>', 'length of a window (default: that of the pipeline, 1s)', windowLength)
    .option('--slide <duration>', 'a window begins this often: hopping windows, which overlap', windowLength)
    .option('--step <duration>', 'the window so far comes out this often: cumulative windows', windowLength)
    .addOption(
      new Option('--out-of-orderness <duration>', 'how far behind the newest record a window waits')
        .argParser(duration)
        .default(50, '50ms'),
    )
    .addOption(
      new Option('--allowed-lateness <duration>', 'how long a window that is out can be corrected')
        .argParser(duration)
        .default(60_000, '60s'),
    )
    .addOption(new Option('--result-format <format>', 'value of a result').choices(['list', 'object']).default('list'));

export const aggregateCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    withWindowFlags(new Command('aggregate'))
      .option('--from <place>', 'where to begin at first: earliest, latest or @time', startOffset, 'earliest')
      .option('--group <name>', 'consumer group: one of it counts, the others stand by', 'dashctl')
      .option('--until-end', 'count what the topics hold now, close all windows and exit'),
  )
    .addHelpText('after', examples)
    .action((flags: AggregateFlags, command: Command) => run({ ...stageContext(command), ...flags }, signal));

/** The parsed flags of counting. Durations are ms. */
export interface WindowFlags {
  window?: number;
  slide?: number;
  step?: number;
  outOfOrderness: number;
  allowedLateness: number;
  resultFormat: ResultFormat;
}

interface AggregateFlags extends WindowFlags {
  from: StartOffset;
  group: string;
  untilEnd?: boolean;
}

/**
 * The windows that the flags ask for; undefined for those of the pipelines.
 * @throws DashctlError `USAGE` when the flags do not go together.
 */
export function windowShape({ window, slide, step }: Partial<WindowFlags>): WindowShape | undefined {
  if (slide !== undefined && step !== undefined) {
    throw new DashctlError('USAGE', '--slide and --step exclude each other', { hint: 'leave out one of them' });
  }
  const unit = slide ?? step;
  if (window === undefined) {
    if (unit === undefined) return undefined;
    throw new DashctlError('USAGE', `--${slide === undefined ? 'step' : 'slide'} needs --window, the whole length`, {
      hint: 'such as --window 1m --slide 1s, or --window 1d --step 1s',
    });
  }
  const lengths = { window, ...(slide && { slide }), ...(step && { step }) };
  const fault = lengthsFault(lengths);
  if (!fault) return shapeOf(lengths);
  throw new DashctlError('USAGE', `--${fault.of} ${fault.message}`, {
    hint: 'such as --window 1m --slide 1s, or --window 1d --step 1s',
  });
}

/**
 * What counting takes from the flags.
 * @throws DashctlError `USAGE` when those of windows do not go together.
 */
export function windowOptions(
  flags: WindowFlags,
): Pick<AggregateOptions, 'shape' | 'outOfOrderness' | 'allowedLateness' | 'resultFormat'> {
  const shape = windowShape(flags);
  const { outOfOrderness, allowedLateness, resultFormat } = flags;
  return { ...(shape ? { shape } : {}), outOfOrderness, allowedLateness, resultFormat };
}

/** Counts until interrupted, or with `untilEnd` until what is there has been counted. */
export async function run(flags: StageContext & AggregateFlags, signal: AbortSignal): Promise<void> {
  const { connection, pipelines, from, group, untilEnd = false } = flags;
  const counting = windowOptions(flags);
  const logger = flags.logger.child({ stage: 'aggregate' });
  logger.info(
    `counting ${pipelines.map(({ name, topic, resultTopic }) => `${name} (${topic} → ${resultTopic})`).join(', ')}`,
  );
  const options = { connection, pipelines, groupId: group, from, untilEnd, clock: systemClock, logger };
  const backlog = backlogReporter(process.stderr, logger, 'records');
  const onProgress = (progress: AggregateProgress) => backlog.observe(backlogOf(progress), systemClock.now());
  const running = runAggregate({ ...options, ...counting, onProgress }, signal);
  const { windows, pipelines: counted } = await running.finally(() => backlog.stop());
  const sum = (figure: 'records' | 'lateDropped' | 'rejected' | 'filtered') =>
    [...counted.values()].reduce((total, status) => total + status[figure], 0);
  const [rejected, filtered] = [sum('rejected'), sum('filtered')];
  logger.info(
    `${sum('records')} records, ${windows} windows, ${sum('lateDropped')} late` +
      `${rejected > 0 ? `, ${rejected} rejected` : ''}${filtered > 0 ? `, ${filtered} filtered out` : ''}`,
  );
  if (untilEnd && signal.aborted) {
    throw new DashctlError('INTERRUPTED', 'interrupted before the end of the topics', {
      hint: 'run it again: it goes on where it stopped',
    });
  }
}

function backlogOf({ pipelines }: AggregateProgress): Backlog {
  let [done, lag] = [0, 0];
  for (const pipeline of pipelines.values()) {
    done += pipeline.records;
    lag += pipeline.lag;
  }
  return { done, lag };
}

/** A flag's parser for the length of a window, in ms. */
export function windowLength(text: string): number {
  const length = duration(text);
  if (length < 1) throw new InvalidArgumentError('a window is at least 1ms long');
  return length;
}

function startOffset(text: string): StartOffset {
  if (text === 'earliest' || text === 'latest') return text;
  const timestamp = /^@\d+$/.test(text) ? Number(text.slice(1)) : Date.parse(text.slice(1));
  if (text.startsWith('@') && Number.isFinite(timestamp)) return { timestamp };
  throw new InvalidArgumentError('expected earliest, latest, @epoch-ms or @2026-11-11T00:00:00+08:00');
}
