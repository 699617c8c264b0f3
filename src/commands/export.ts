import { Readable, type Writable } from 'node:stream';
import { Command, InvalidArgumentError, Option } from 'commander';
import { storedWindows } from '../records/stored-windows.ts';
import type { Resolution, WindowStore } from '../records/window-store.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { nearestNames } from '../runtime/nearest-names.ts';
import { describeStore } from '../store/open-store.ts';
import { csvHeader, type ExportFormat, exportRows } from './export/rows.ts';
import { stageLogger, withSharedFlags } from './shared/flags.ts';
import { writeOutput } from './shared/output-file.ts';
import { defaultStore, openNamedStore, withStoreFlag } from './shared/store-flags.ts';
import { timeOf } from './shared/tail-range.ts';

const examples = `
CSV has a row for each value of each window: ${csvHeader.trim()}. JSON has a line for each window.

Examples:
  dashctl export > counts.csv                              all that dashctl up has stored
  dashctl export --pipeline gender --from -1h --iso        the last hour, with readable times
  dashctl export --resolution hour --format json           sums per hour, of pruned windows too
  dashctl export --store postgres://me:secret@db/shop --from 2026-11-11 --to 2026-11-12 --out day.csv.gz`;

/** `dashctl export`. */
export const exportCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    withStoreFlag(new Command('export'), { purpose: 'where windows are kept', byDefault: defaultStore })
      .option('--from <time>', 'windows that start then or later: ISO 8601, epoch ms, or -1h', exportTime)
      .option('--to <time>', 'windows that start before then', exportTime)
      .addOption(
        new Option('--resolution <unit>', 'windows as they were counted, or their sums')
          .choices(['window', 'minute', 'hour'])
          .default('window'),
      )
      .addOption(new Option('--format <format>', 'CSV, or lines of JSON').choices(['csv', 'json']).default('csv'))
      .option('--iso', 'times in CSV as ISO 8601 instead of epoch ms')
      .option('--out <file>', 'where to; - is standard output, a name in .gz is compressed', '-'),
  )
    .addHelpText('after', examples)
    .action((flags: ExportFlags, command: Command) =>
      run({ ...flags, logger: stageLogger(command), stdout: process.stdout }, signal),
    );

interface ExportFlags {
  store: string;
  /** Names, separated by commas. */
  pipeline?: string;
  from?: number;
  to?: number;
  resolution: Resolution;
  format: ExportFormat;
  iso?: boolean;
  out: string;
}

export interface ExportOptions extends ExportFlags {
  logger: Logger;
  stdout: Writable;
}

/**
 * Writes what a store holds, page by page.
 * @throws DashctlError of the store; `USAGE`, `FILE_NOT_WRITABLE`, `DISK_FULL`, `INTERRUPTED`.
 */
export async function run(options: ExportOptions, signal: AbortSignal): Promise<void> {
  const { out, stdout, logger, format, iso } = options;
  if (format === 'json' && iso) {
    throw new DashctlError('USAGE', '--iso is for CSV', { hint: 'leave it out, or leave out --format json' });
  }
  const store = await openNamedStore(options.store, { logger: logger.child({ stage: 'export' }), readOnly: true });
  try {
    const pipelines = await chosenPipelines(store, options);
    const chunks = Readable.from(texts(store, pipelines, options), { highWaterMark: 1 });
    await writeOutput(chunks, { out, stdout, example: 'counts.csv', smaller: 'choose less with --from' }, signal);
  } finally {
    await store.close();
  }
}

/** Those that are asked for, whether they are in the config or not: what counts is that they were stored. */
async function chosenPipelines(store: WindowStore, { pipeline, store: location }: ExportFlags): Promise<string[]> {
  const stored = await store.pipelines();
  if (pipeline === undefined) return stored;
  const names = [...new Set(pipeline.split(',').map((name) => name.trim()))];
  const unknown = names.find((name) => !stored.includes(name));
  if (unknown === undefined) return names;
  const near = nearestNames(unknown, stored);
  const choice = stored.length === 0 ? 'it holds no windows' : `choose from: ${stored.join(', ')}`;
  throw new DashctlError('USAGE', `${describeStore(location)} holds no windows of "${unknown}"`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}? ${choice}` : choice,
  });
}

async function* texts(store: WindowStore, pipelines: readonly string[], options: ExportFlags): AsyncGenerator<string> {
  const { format, iso = false, from, to, resolution } = options;
  if (format === 'csv') yield csvHeader;
  for (const pipeline of pipelines) {
    for await (const windows of storedWindows(store, pipeline, { from, to, resolution })) {
      const rows = exportRows(windows, { format, iso });
      if (rows !== '') yield rows;
    }
  }
}

/** A flag's parser for times. */
function exportTime(text: string): number {
  try {
    return timeOf(text.replace(/^@/, ''));
  } catch {
    throw new InvalidArgumentError('expected a time such as 2026-11-11T00:00:00, 1794355200000 or -15m');
  }
}
