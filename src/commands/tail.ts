import { once } from 'node:events';
import { Command } from 'commander';
import { type SourceBatch, type SourceRecord, topicSource } from '../kafka/topic-source.ts';
import { partitionKey } from '../kafka/topics.ts';
import { DashctlError, errnoOf } from '../runtime/errors.ts';
import { type StageContext, stageContext, wholeNumber, withSharedFlags } from './shared/flags.ts';
import { offsetsOf, type TailRange, tailRange } from './shared/tail-range.ts';

const examples = `
Examples:
  dashctl tail result                      what comes from now on
  dashctl tail result -o start -n 10       the first ten records
  dashctl tail result -o -20 --json        the last twenty, with key, time and headers
  dashctl tail sex -o @-15m:end            a quarter of an hour, then exit`;

export const tailCommand = (signal: AbortSignal): Command =>
  withSharedFlags(
    new Command('tail')
      .argument('<topic>', 'topic to print')
      .option(
        '-o, --offset <place>',
        'where to begin: start, end, +n, -n or @time; :end or :@time after it stops there',
        tailRange,
        tailRange('end'),
      )
      .option('-n, --num <records>', 'stop after so many records', wholeNumber(1))
      .option('-p, --partition <number>', 'only this partition', wholeNumber(0))
      .option('--json', 'one JSON object per record: topic, partition, offset, timestamp, key, headers, value'),
  )
    .addHelpText('after', examples)
    .action((topic: string, flags: TailFlags, command: Command) =>
      run({ ...stageContext(command), ...flags, topic, out: process.stdout }, signal),
    );

interface TailFlags {
  offset: TailRange;
  num?: number;
  partition?: number;
  json?: boolean;
}

export interface TailOptions extends Pick<StageContext, 'connection'>, TailFlags {
  topic: string;
  out: NodeJS.WritableStream;
}

/**
 * Prints the values of a topic's records as they are, one a line, or each record as JSON; until the signal aborts, or
 * as far as `num` and the end of `offset` say.
 * @throws DashctlError `INTERRUPTED` when it was to stop by itself and had not yet.
 */
export async function run(options: TailOptions, signal: AbortSignal): Promise<void> {
  const { connection, topic, out, num = Number.POSITIVE_INFINITY, partition, json } = options;
  const { begin, end } = options.offset;
  const from = await offsetsOf(connection, topic, begin);
  const isWanted = (key: string) => partition === undefined || key === partitionKey({ topic, partition });
  const ends = end && new Map([...(await offsetsOf(connection, topic, end))].filter(([key]) => isWanted(key)));
  const unread = new Set(
    ends ? [...ends].filter(([key, offset]) => offset > (from.get(key) ?? 0)).map(([key]) => key) : [],
  );
  if (ends && unread.size === 0) return;

  const only = partition === undefined ? {} : { partitions: [partition] };
  let left = num;
  for await (const batch of topicSource({ connection, topics: [topic], ...only, from, signal })) {
    const stop = ends?.get(partitionKey(batch)) ?? Number.POSITIVE_INFINITY;
    const records = upTo(batch.records, stop, left);
    left -= records.length;
    if (records.length > 0 && !(await write(out, json ? jsonLines(batch, records) : valueLines(records)))) return;
    if (batch.nextOffset >= stop) unread.delete(partitionKey(batch));
    if (left === 0 || (ends && unread.size === 0)) return;
  }
  if (num < Number.POSITIVE_INFINITY || ends) {
    throw new DashctlError('INTERRUPTED', `interrupted after ${num - left} records`);
  }
}

function upTo(records: readonly SourceRecord[], stop: number, most: number): readonly SourceRecord[] {
  const last = records.at(-1);
  const bounded = last && last.offset >= stop ? records.filter(({ offset }) => offset < stop) : records;
  return bounded.length > most ? bounded.slice(0, most) : bounded;
}

const newline = 10;

/** Values with a line end after each, byte for byte; a record without a value is an empty line. */
function valueLines(records: readonly SourceRecord[]): Buffer {
  const lines = Buffer.allocUnsafe(records.reduce((size, { value }) => size + (value?.length ?? 0) + 1, 0));
  let at = 0;
  for (const { value } of records) {
    if (value) {
      lines.set(value, at);
      at += value.length;
    }
    lines[at++] = newline;
  }
  return lines;
}

const jsonLines = ({ topic, partition }: SourceBatch, records: readonly SourceRecord[]): string =>
  records.map((record) => `${JSON.stringify(jsonOf(topic, partition, record))}\n`).join('');

const jsonOf = (topic: string, partition: number, { offset, timestamp, key, headers, value }: SourceRecord) => ({
  topic,
  partition,
  offset,
  timestamp,
  key: key?.toString() ?? null,
  headers,
  value: value?.toString() ?? null,
});

/** Writes, and waits until the reader of the pipe keeps up; false when it has gone. */
async function write(out: NodeJS.WritableStream, lines: Buffer | string): Promise<boolean> {
  try {
    if (!out.write(lines)) await once(out, 'drain');
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EPIPE') return false;
    throw error;
  }
}
