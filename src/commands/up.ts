import { Command } from 'commander';
import { createPace } from '../csv/pace.ts';
import { DashctlError } from '../runtime/errors.ts';
import { type WindowFlags, windowShape, withWindowFlags } from './aggregate.ts';
import { produceInput, type ReplayFlags, withReplayFlags } from './produce/flags.ts';
import { checkPageFlags, type PageFlags, withPageFlags } from './serve/page-flags.ts';
import { stageContext, wholeNumber, withSharedFlags } from './shared/flags.ts';
import { defaultDataDir, storeFile, withRetainFlag, withStoreFlag } from './shared/store-flags.ts';
import { stageFaults } from './status/stage-faults.ts';
import { sampleFile } from './up/broker.ts';
import { headlessView } from './up/headless.ts';
import { logRing } from './up/log-ring.ts';
import { openInBrowser } from './up/open-in-browser.ts';
import { runStages, type UpOptions } from './up/stages.ts';
import { kindOfStore } from './up/store.ts';
import { screenView } from './up/view.ts';

const examples = `
Examples:
  dashctl up                                          the bundled sample, at the pace of the lab
  dashctl up data/user_log.csv --rate 100 --loop      a wall screen that never ends
  dashctl up data/user_log.csv --rate max --once      count a file, print the totals, exit
  dashctl up --store postgres://me:secret@db/shop     history in PostgreSQL instead of the data directory
  dashctl up log.csv --brokers kafka-1:9092           the same stages on a Kafka cluster`;

const withUpFlags = (command: Command): Command => {
  command
    .argument('[csv...]', 'files to replay (default: the bundled sample)')
    .option('--data-dir <folder>', 'where broker and store keep their data, between runs too', defaultDataDir)
    .option('--fresh', 'begin with an empty data directory');
  withRetainFlag(withStoreFlag(command, { purpose: `where windows are kept (default: ${storeFile} in --data-dir)` }));
  command.option(
    '--broker-port <port>',
    'of the embedded broker; another is taken when it is in use',
    wholeNumber(0, 65_535),
    9_092,
  );
  return withPageFlags(command)
    .option('--group <name>', 'consumer group of the counting stage', 'dashctl')
    .option('--headless', 'log lines instead of the terminal view (as when stdout is no terminal)')
    .option('--once', 'end when the files are replayed and counted; print the totals as one JSON line')
    .option('--open', 'open the page in a browser');
};

export const upCommand = (signal: AbortSignal): Command =>
  withSharedFlags(withUpFlags(withWindowFlags(withReplayFlags(new Command('up')))), {
    withoutBrokers: 'a broker of its own',
  })
    .addHelpText('after', examples)
    .action(async (files: string[], flags: UpFlags, command: Command) => {
      if (flags.once && flags.loop) {
        throw new DashctlError('USAGE', '--once and --loop exclude each other', { hint: 'leave out one of them' });
      }
      checkAddsUp(flags);
      // Before anything is started.
      checkPageFlags(flags);
      kindOfStore(flags.store);
      await run({ ...flags, files, embedded: command.getOptionValueSource('brokers') === 'default' }, command, signal);
    });

/** Totals are made of hopping windows that follow each other. */
function checkAddsUp(flags: WindowFlags): void {
  const shape = windowShape(flags);
  if (shape?.kind !== 'hopping' || shape.size % shape.slide === 0) return;
  throw new DashctlError('USAGE', '--slide does not divide --window, so that there are no totals to show', {
    hint: 'choose one that does; dashctl aggregate takes any',
  });
}

interface UpFlags extends ReplayFlags, WindowFlags, PageFlags {
  dataDir: string;
  fresh?: boolean;
  brokerPort: number;
  group: string;
  store?: string;
  retain?: number;
  headless?: boolean;
  once?: boolean;
  open?: boolean;
}

interface UpRunOptions extends UpFlags {
  files: readonly string[];
  /** No brokers were named, so this process runs its own. */
  embedded: boolean;
}

/** Runs all stages until the reader quits, or with `--once` until the files are counted. */
export async function run(flags: UpRunOptions, command: Command, signal: AbortSignal): Promise<void> {
  const onScreen = process.stdout.isTTY === true && !flags.headless && !flags.once;
  const ring = onScreen ? logRing() : undefined;
  const faults = stageFaults();
  const context = stageContext(command, { capture: ring?.stream, listener: faults.stream });
  const files = flags.files.length > 0 ? flags.files : [sampleFile(flags.dataDir)];
  const pace = createPace(flags.rate);
  const quit = new AbortController();
  const options: UpOptions = {
    context,
    input: produceInput(files, flags, context.pipelines),
    pace,
    flags: { ...flags, loop: flags.loop === true, once: flags.once === true, fresh: flags.fresh === true },
    source: flags.files.length > 0 ? flags.files.join(', ') : 'user_log.csv',
    embedded: flags.embedded,
    faults,
    openView: (watched) => {
      if (flags.open && watched.status.serve) openInBrowser(watched.status.serve.url, context.logger);
      return ring
        ? screenView({ context, watched, pace, log: ring.lines, quit: () => quit.abort() })
        : headlessView({ logger: context.logger, watched });
    },
  };
  const totals = await runStages(options, AbortSignal.any([signal, quit.signal]));
  if (totals) process.stdout.write(`${JSON.stringify(totals)}\n`);
  if (flags.once && !totals) {
    throw new DashctlError('INTERRUPTED', 'interrupted before all rows were counted', {
      hint: 'what was sent is in the data directory and will be counted at the next start',
    });
  }
}
