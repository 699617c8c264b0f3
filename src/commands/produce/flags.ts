import { type Command, InvalidArgumentError, Option } from 'commander';
import { encodingOf } from '../../csv/text-blocks.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { topicNameSchema } from '../../records/topic-name.ts';
import { DashctlError } from '../../runtime/errors.ts';
import { wholeNumber } from '../shared/flags.ts';
import { parseFilter } from './row-filter.ts';
import type { ProduceInput, ProduceTarget } from './stage.ts';

/** Adds the flags about which rows of a CSV are meant, and how it is read. */
export function withReadingFlags(command: Command): Command {
  return command
    .option(
      '--where <column=value>',
      'only rows with this value; repeated for one column: any of them, for several: all of them',
      (condition: string, others: string[] | undefined) => [...(others ?? []), condition],
    )
    .addOption(
      new Option('--header <when>', 'whether the first row names the columns')
        .choices(['auto', 'yes', 'no'])
        .default('auto'),
    )
    .option('--columns <a,b,...>', 'names of the columns, in file order', columnNames)
    .addOption(
      new Option('--delimiter <character>', 'between cells; \\t for a tab').argParser(oneCharacter).default(','),
    )
    .option('--encoding <name>', 'of the text, such as gb18030', 'utf-8')
    .option('--limit <n>', 'end after this many rows', wholeNumber(1))
    .option('--skip <n>', 'leave out this many rows at the start', wholeNumber());
}

/** The flags of `withReadingFlags`, read. */
export interface ReadingFlags {
  where?: string[];
  header: 'auto' | 'yes' | 'no';
  columns?: string[];
  delimiter: string;
  encoding: string;
  limit?: number;
  skip?: number;
}

/** Adds the flags about the CSV and its replay, which `produce` and `up` share. */
export function withReplayFlags(command: Command): Command {
  return withReadingFlags(
    command
      .addOption(new Option('--rate <n|max>', 'rows per second').argParser(rowsPerSecond).default(10))
      .option('--column <name>', 'send only this column, to the topic of --topic')
      .option('--topic <name>', 'where the cells of --column go'),
  )
    .option('--loop', 'begin again after the last row')
    .option('--rejects <file>', 'keep the rows that could not be read, with line and reason')
    .option('--strict', 'stop at the first row that cannot be read');
}

/** The flags of `withReplayFlags`, read. */
export interface ReplayFlags extends ReadingFlags {
  rate: number;
  column?: string;
  topic?: string;
  loop?: boolean;
  rejects?: string;
  strict?: boolean;
}

/**
 * What to read, by the flags.
 * @param pipelines those that `--pipeline` names, else all.
 * @throws DashctlError `USAGE` for flags that do not go together, and when no pipeline has a column.
 */
export function produceInput(
  files: readonly string[],
  flags: ReadingFlags & Partial<ReplayFlags>,
  pipelines: readonly Pipeline[],
): ProduceInput {
  const pipes = files.filter((file) => file === '-');
  if (pipes.length > 1) {
    throw new DashctlError('USAGE', 'standard input is named more than once', { hint: 'give "-" once' });
  }
  if (pipes.length > 0 && flags.loop) {
    throw new DashctlError('USAGE', 'standard input cannot be read again', {
      hint: 'leave out --loop, or name a file',
    });
  }
  return {
    files,
    pipelines: oneOffTarget(flags) ?? targetsOf(pipelines),
    csv: {
      header: flags.header,
      ...(flags.columns ? { columns: flags.columns } : {}),
      delimiter: flags.delimiter,
      encoding: encodingOf(flags.encoding),
      strict: flags.strict === true,
    },
    where: parseFilter(flags.where ?? []),
  };
}

/** The pipelines that take cells of a CSV: the others count what somebody else sends. */
function targetsOf(pipelines: readonly Pipeline[]): ProduceTarget[] {
  const targets = pipelines.flatMap(({ name, column, topic, whereRow }) =>
    column === undefined ? [] : { name, column, topic, ...(whereRow ? { where: parseFilter(whereRow) } : {}) },
  );
  if (targets.length === 0) throw notProduced(pipelines);
  return targets;
}

/** Says that pipelines without a column cannot be made from a CSV. */
export function notProduced(pipelines: readonly Pipeline[]): DashctlError {
  const names = pipelines.filter(({ column }) => column === undefined).map(({ name }) => name);
  return new DashctlError('USAGE', `no column of a CSV is sent for ${names.join(', ')}: others write what it counts`, {
    hint: 'leave it out of --pipeline, or give it a "column" in the config file; aggregate and serve count and show it',
  });
}

function oneOffTarget({ column, topic }: Partial<ReplayFlags>): ProduceTarget[] | undefined {
  if (column === undefined && topic === undefined) return undefined;
  if (column === undefined || topic === undefined) {
    throw new DashctlError('USAGE', '--column and --topic go together', {
      hint: 'such as --column brand_id --topic brands',
    });
  }
  const name = topicNameSchema.safeParse(topic);
  if (name.success) return [{ name: topic, column, topic }];
  throw new DashctlError('USAGE', `--topic "${topic}" cannot be a topic`, { hint: name.error.issues[0]?.message });
}

function rowsPerSecond(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const rate = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && rate > 0) return rate;
  throw new InvalidArgumentError('expected rows per second, such as 10 or 0.5, or max');
}

function columnNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.includes('')) throw new InvalidArgumentError('a column has no name');
  if (twice !== undefined) throw new InvalidArgumentError(`two columns are called "${twice}"`);
  return names;
}

function oneCharacter(text: string): string {
  const character = text === '\\t' ? '\t' : text;
  if (character.length === 1 && !/["\r\n]/.test(character)) return character;
  throw new InvalidArgumentError('expected one character other than a quote, or \\t');
}
