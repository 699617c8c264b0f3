import { Command, InvalidArgumentError, Option } from 'commander';
import { displayName } from '../csv/byte-source.ts';
import type { Pipeline } from '../records/pipelines.ts';
import { systemClock } from '../runtime/clock.ts';
import { DashctlError } from '../runtime/errors.ts';
import { windowLength } from './aggregate.ts';
import { produceInput, type ReadingFlags, withReadingFlags } from './produce/flags.ts';
import { checkInput } from './produce/stage.ts';
import { duration, type StageContext, stageContext, withSharedFlags } from './shared/flags.ts';
import { grouped } from './shared/progress-line.ts';
import { openNamedStore, withStoreFlag } from './shared/store-flags.ts';
import { timeOf } from './shared/tail-range.ts';
import { countCsv } from './verify/csv-counts.ts';
import { checkTopics } from './verify/stage.ts';
import { verdictsJson, verdictText } from './verify/text.ts';
import { complaintOf, type PipelineVerdict, verdictOf } from './verify/verdict.ts';

const examples = `
A row is a record of the source topic, and every record is in one window, is late, or is in a window still open.
Windows are counted anew from the source topic and compared with the results one by one.

Examples:
  dashctl verify data/user_log.csv                              all pipelines, all that the topics hold
  dashctl verify log.csv.gz --pipeline gender --where action=2  with the flags that produce was given
  dashctl verify user_log.csv --from @-15m                      only the run of the last quarter of an hour
  dashctl verify user_log.csv --wait 5m --json | jq .proved     let a long backlog be counted first
  dashctl verify user_log.csv --store sqlite:counts.db          is it stored, too? pruned windows as sums per minute`;

/** `dashctl verify`. */
export const verifyCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    withStoreFlag(
      withReadingFlags(
        new Command('verify').argument(
          '<csv...>',
          'files in order; - is standard input, .gz and .zst are read as they are',
        ),
      )
        .option(
          '--from <place>',
          'earliest, or @time: leave out windows before the one it falls in (default: earliest)',
          startOfCheck,
        )
        .option('--window <duration>', 'length of a window (default: that of the pipeline, 1s)', windowLength)
        .addOption(
          new Option('--wait <duration>', 'how long to wait for results that are still to come')
            .argParser(duration)
            .default(10_000, '10s'),
        )
        .option('--json', 'print one JSON object'),
      { purpose: 'compare what this store holds as well' },
    ),
  )
    .addHelpText('after', examples)
    .action((files: string[], flags: VerifyFlags, command: Command) =>
      run({ ...stageContext(command), ...flags, files, out: process.stdout }, signal),
    );

interface VerifyFlags extends ReadingFlags {
  store?: string;
  from?: number;
  window?: number;
  wait: number;
  json?: boolean;
}

export interface VerifyOptions extends VerifyFlags, StageContext {
  files: readonly string[];
  out: NodeJS.WritableStream & { columns?: number };
}

/**
 * Prints for each pipeline whether CSV, source topic, windows and, when one is named, a store agree.
 * @throws DashctlError `COUNTS_DIFFER` when they do not; those of the CSV reader, the topic source and the store;
 * `INTERRUPTED`.
 */
export async function run(options: VerifyOptions, signal: AbortSignal): Promise<void> {
  const { files, pipelines, connection, limit, skip, json, out, lang, from } = options;
  const logger = options.logger.child({ stage: 'verify' });
  const input = produceInput(files, options, pipelines);
  await checkInput(input, signal);
  const csv = await countCsv({ input, limit, skip, logger }, signal);
  if (!json) {
    const rejected = csv.rejected > 0 ? `, ${grouped(csv.rejected)} that cannot be read` : '';
    out.write(`${files.map(displayName).join(', ')}: ${grouped(csv.rows)} rows${rejected}\n`);
  }
  const store =
    options.store === undefined ? undefined : await openNamedStore(options.store, { logger, readOnly: true });
  const patience = { left: options.wait };
  const verdicts: PipelineVerdict[] = [];
  try {
    // A pipeline without a column counts what others send: there is no CSV to hold it against.
    for (const pipeline of pipelines.filter(({ column }) => column !== undefined)) {
      const size = options.window ?? tumblingLength(pipeline);
      const check = await checkTopics(
        { connection, pipeline, size, from, patience, store, clock: systemClock },
        signal,
      );
      const verdict = verdictOf(pipeline, size, csv.counts.get(pipeline.topic) ?? new Map(), check);
      verdicts.push(verdict);
      if (!json) out.write(`\n${verdictText(verdict, lang, out.columns)}`);
    }
  } finally {
    await store?.close();
  }
  if (json) out.write(`${JSON.stringify(verdictsJson(files, csv, verdicts))}\n`);
  requireProof(verdicts);
}

/** Each record is in one of the windows that are checked; of others, none says how many there should be. */
function tumblingLength({ name, window, slide, step }: Pipeline): number {
  if (slide === undefined && step === undefined) return window;
  throw new DashctlError('USAGE', `the windows of ${name} overlap, and verify checks those that do not`, {
    hint: 'name other pipelines with --pipeline, or the length of results that do not overlap with --window',
  });
}

function requireProof(verdicts: readonly PipelineVerdict[]): void {
  const [first, ...others] = verdicts.filter(({ proved }) => !proved);
  const complaint = first && complaintOf(first);
  if (!complaint) return;
  const names = others.map(({ pipeline }) => pipeline.name);
  const also = names.length > 0 ? `; ${names.join(', ')} ${names.length === 1 ? 'differs' : 'differ'} too` : '';
  throw new DashctlError('COUNTS_DIFFER', `${first.pipeline.name}: ${complaint.message}${also}`, {
    hint: complaint.hint,
  });
}

function startOfCheck(text: string): number | undefined {
  if (text === 'earliest') return undefined;
  if (text.startsWith('@')) return timeOf(text.slice(1));
  throw new InvalidArgumentError('expected earliest, or a time such as @2026-11-11T00:00:00, @1794355200000 or @-15m');
}
