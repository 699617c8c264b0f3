import { createInterface } from 'node:readline';
import { Command, InvalidArgumentError } from 'commander';
import { createTopic, deleteTopics } from '../kafka/change-topics.ts';
import type { KafkaConnection } from '../kafka/connection.ts';
import { describeTopics, listTopics } from '../kafka/describe-topics.ts';
import { topicOffsets } from '../kafka/topics.ts';
import { DashctlError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { stageContext, wholeNumber, withSharedFlags } from './shared/flags.ts';
import { grouped } from './shared/progress-line.ts';
import { descriptionJson, descriptionText, summaryJson, topicsTable } from './topics/text.ts';

const examples = `
Examples:
  dashctl topics                                    all topics of the broker: partitions, records, size
  dashctl topics describe sex                       its partitions and settings, and who reads it how far behind
  dashctl topics create sex --partitions 4 --set retention.ms=3600000
  dashctl topics delete sex result --yes            gone with all their records, without a question

"dashctl topics <command> --help" lists the flags of each.`;

const listExamples = `
Examples:
  dashctl topics list --brokers kafka-1:9092
  dashctl topics list --json | jq 'select(.records > 0).topic'`;

const describeExamples = `
Examples:
  dashctl topics describe sex
  dashctl topics describe sex --json | jq '.groups[] | {group, lag}'`;

const createExamples = `
Examples:
  dashctl topics create sex
  dashctl topics create latest --partitions 4 --set cleanup.policy=compact --set segment.ms=60000`;

const deleteExamples = `
Examples:
  dashctl topics delete sex                         asks first
  dashctl topics delete sex result --yes            does not, for scripts`;

/** Where a command writes its data, and how wide that is when it is a terminal. */
interface Output {
  write(text: string): unknown;
  readonly columns?: number;
}

interface Setting {
  name: string;
  value: string;
}

/** `dashctl topics`: what the broker's own tools would be needed for, of any broker. */
export function topicsCommand(signal: AbortSignal): Command {
  const list = withSharedFlags(
    new Command('list')
      .summary('all topics, with their records, size and last record (without a command: this)')
      .option('--internal', "also those of Kafka's own, which begin with __")
      .option('--json', 'one JSON object per topic'),
  )
    .addHelpText('after', listExamples)
    .action((flags: { internal?: boolean; json?: boolean }, command: Command) =>
      runList({ ...stageContext(command), ...flags, out: process.stdout }),
    );
  const describe = withSharedFlags(
    new Command('describe')
      .summary('partitions, settings, and the lag of each group that reads it')
      .argument('<topic...>', 'topics to describe')
      .option('--json', 'one JSON object per topic'),
  )
    .addHelpText('after', describeExamples)
    .action((topics: string[], flags: { json?: boolean }, command: Command) =>
      runDescribe({ ...stageContext(command), ...flags, topics, out: process.stdout }),
    );
  const create = withSharedFlags(
    new Command('create')
      .summary('a new topic')
      .argument('<topic>', 'its name')
      .option('--partitions <n>', "partitions (default: the broker's own)", wholeNumber(1, 100_000))
      .option('--set <key=value>', "a setting, by Kafka's name for it; may be given several times", setting),
  )
    .addHelpText('after', createExamples)
    .action((topic: string, flags: { partitions?: number; set?: Setting[] }, command: Command) =>
      runCreate({ ...stageContext(command), ...flags, topic }),
    );
  const remove = withSharedFlags(
    new Command('delete')
      .summary('topics with all their records')
      .argument('<topic...>', 'topics to delete')
      .option('--yes', 'do not ask; needed where there is no terminal'),
  )
    .addHelpText('after', deleteExamples)
    .action((topics: string[], flags: { yes?: boolean }, command: Command) =>
      runDelete(
        { ...stageContext(command), ...flags, topics, input: process.stdin, questions: process.stderr },
        signal,
      ),
    );
  const topics = new Command('topics').addHelpText('after', examples);
  topics.addCommand(list, { isDefault: true });
  for (const command of [describe, create, remove]) topics.addCommand(command);
  return topics;
}

interface ListOptions {
  connection: KafkaConnection;
  internal?: boolean;
  json?: boolean;
  out: Output;
}

/** Prints a table of all topics, or an object of each. */
async function runList({ connection, internal = false, json, out }: ListOptions): Promise<void> {
  const topics = await listTopics(connection, { internal });
  out.write(json ? jsonLines(topics.map(summaryJson)) : topicsTable(topics, out.columns));
}

interface DescribeOptions extends ListOptions {
  topics: readonly string[];
}

/**
 * Prints all that the broker tells of topics, in the order in which they are named.
 * @throws DashctlError `TOPIC_UNKNOWN` with the nearest names.
 */
async function runDescribe({ connection, topics, json, out }: DescribeOptions): Promise<void> {
  const found = new Map((await describeTopics(connection, topics)).map((topic) => [topic.name, topic]));
  const named = [...new Set(topics)].flatMap((name) => found.get(name) ?? []);
  out.write(
    json
      ? jsonLines(named.map(descriptionJson))
      : named.map((topic) => descriptionText(topic, out.columns)).join('\n\n'),
  );
}

const jsonLines = (documents: readonly object[]) => documents.map((each) => `${JSON.stringify(each)}\n`).join('');

interface CreateOptions {
  connection: KafkaConnection;
  logger: Logger;
  topic: string;
  partitions?: number;
  set?: readonly Setting[];
}

async function runCreate({ connection, logger, topic, partitions = -1, set = [] }: CreateOptions): Promise<void> {
  const made = await createTopic(connection, { name: topic, partitions, configs: set });
  logger.info(`created ${topic} with ${plural(made, 'partition')}`);
}

interface DeleteOptions {
  connection: KafkaConnection;
  logger: Logger;
  topics: readonly string[];
  yes?: boolean;
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Where the question is written: stdout is for data. */
  questions: NodeJS.WritableStream;
}

/**
 * Deletes topics, after a question unless told not to ask.
 * @throws DashctlError `TOPIC_UNKNOWN`, `USAGE` when there is nobody to ask, `INTERRUPTED` when the answer is no.
 */
export async function runDelete(options: DeleteOptions, signal: AbortSignal): Promise<void> {
  const { connection, logger, yes, input, questions } = options;
  const names = [...new Set(options.topics)];
  if (!yes && input.isTTY !== true) {
    throw new DashctlError('USAGE', `deleting ${names.join(', ')} needs a yes, and there is no terminal to ask`, {
      hint: 'add --yes if that is meant: the records cannot be brought back',
    });
  }
  const offsets = await topicOffsets(connection, names);
  if (!yes) {
    const counted = names.map((name) => {
      const own = offsets.filter(({ topic }) => topic === name);
      return `${name} (${plural(
        own.reduce((total, { earliest, high }) => total + high - earliest, 0),
        'record',
      )})`;
    });
    const answer = await ask(`Delete ${counted.join(', ')}? [y/N] `, input, questions, signal);
    if (!/^\s*y(es)?\s*$/i.test(answer)) throw new DashctlError('INTERRUPTED', 'nothing was deleted');
  }
  await deleteTopics(connection, names);
  logger.info(`deleted ${names.join(', ')}`);
}

/** The line that somebody types; empty when the input ends or the signal aborts. */
async function ask(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<string> {
  // Not as a terminal of its own: Ctrl-C should reach the process, as everywhere else.
  const lines = createInterface({ input, terminal: false });
  try {
    output.write(question);
    return await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
      if (signal.aborted) resolve('');
      signal.addEventListener('abort', () => resolve(''), { once: true });
    });
  } finally {
    lines.close();
  }
}

const plural = (count: number, noun: string) => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

function setting(text: string, before: readonly Setting[] = []): Setting[] {
  const match = /^([^=\s]+)=(.*)$/s.exec(text);
  if (!match?.[1]) throw new InvalidArgumentError('expected a setting such as retention.ms=3600000');
  return [...before, { name: match[1], value: match[2] ?? '' }];
}
