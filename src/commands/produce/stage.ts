import { displayName, sizeOf } from '../../csv/byte-source.ts';
import { type CsvBatch, type CsvOptions, openCsv } from '../../csv/csv-source.ts';
import { type Pace, type Pacer, pacer } from '../../csv/pace.ts';
import type { RejectWriter } from '../../csv/reject-writer.ts';
import type { RejectReason } from '../../csv/rejected-row.ts';
import type { TopicSink } from '../../kafka/topic-sink.ts';
import type { Clock } from '../../runtime/clock.ts';
import { DashctlError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { filterRows, type RowFilter } from './row-filter.ts';
import { type SendWindow, sendWindow } from './send-window.ts';
import { type ProduceProgress, produceTally, type RejectTally } from './tally.ts';

/** A column and the topic that its cells go to; every pipeline with a column is one. */
export interface ProduceTarget {
  name: string;
  column: string;
  topic: string;
  /** Only cells of these rows. */
  where?: RowFilter;
}

/** What is read, and which of it. */
export interface ProduceInput {
  /** Paths in order, `-` for standard input. */
  files: readonly string[];
  pipelines: readonly ProduceTarget[];
  csv: CsvOptions;
  where?: RowFilter;
}

export interface ProduceOptions extends ProduceInput {
  pace: Pace;
  /** Begins again with the first file after the last. */
  loop?: boolean;
  /** Ends when this many rows have been sent. */
  limit?: number | undefined;
  /** Leaves out this many rows at the start, of those that pass `where`. */
  skip?: number | undefined;
  rejects?: RejectWriter | undefined;
  sink: Pick<TopicSink, 'sendAll'>;
  logger: Logger;
  clock: Clock;
  /** Called after each group of rows that is acknowledged; the object is the same each time. */
  onProgress?: (progress: Readonly<ProduceProgress>) => void;
}

export interface ProduceSummary {
  /** Rows sent and acknowledged. */
  rows: number;
  /** Acknowledged records, by pipeline name. */
  records: Record<string, number>;
  rejected: number;
  reasons: ReadonlyMap<RejectReason, RejectTally>;
  seconds: number;
  /** False when the signal ended the run before its last row. An endless loop is complete whenever it is ended. */
  complete: boolean;
}

// Enough for the cost of a request not to show, little enough to be in many hands at once.
const groupRows = 1_000;
const groupsUnderWay = 4;

/** Opens each file and reads its first rows, so that what cannot work is known before a broker is asked for. */
export async function checkInput(input: ProduceInput, signal: AbortSignal): Promise<void> {
  for (const file of input.files) {
    if (file !== '-') (await openCsv(file, neededColumns(input), input.csv, signal)).close();
  }
}

/**
 * Sends each row as one record to each pipeline's source topic: the cell as it is, no key, the time of sending.
 * An abort ends it in order: what was handed to the sink is waited for, and the summary counts it.
 * @throws DashctlError of the reader and the sink.
 */
export async function runProduce(options: ProduceOptions, signal: AbortSignal): Promise<ProduceSummary> {
  const { clock, loop = false, limit } = options;
  const start = clock.now();
  const tally = produceTally(await passBytes(options.files), start);
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const window = sendWindow(groupsUnderWay, (error) => failure.abort(error));
  const paced = pacer(options.pace, clock, stop);
  const replay = new Replay(options, { tally, window, paced, stop });
  try {
    await replay.run();
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    paced.close();
    await window.drain();
  }
  if (failure.signal.aborted) throw failure.signal.reason;
  const { rows, rejected } = tally.progress;
  return {
    rows,
    records: replay.records,
    rejected,
    reasons: tally.reasons,
    seconds: (clock.now() - start) / 1_000,
    complete: replay.finished || (loop && limit === undefined),
  };
}

const neededColumns = ({ pipelines, where }: ProduceInput): string[] => [
  ...new Set([
    ...pipelines.flatMap((pipeline) => [pipeline.column, ...(pipeline.where?.keys() ?? [])]),
    ...(where?.keys() ?? []),
  ]),
];

async function passBytes(files: readonly string[]): Promise<number | undefined> {
  let total = 0;
  for (const file of files) {
    const size = await sizeOf(file);
    if (size === undefined) return undefined;
    total += size;
  }
  return total;
}

interface ReplayParts {
  tally: ReturnType<typeof produceTally>;
  window: SendWindow;
  paced: Pacer;
  stop: AbortSignal;
}

/** One run over the files: where it is in them, and what is left to skip and to send. */
class Replay {
  finished = false;
  /** Acknowledged records, by pipeline name. */
  readonly records: Record<string, number>;
  readonly #options: ProduceOptions;
  readonly #parts: ReplayParts;
  readonly #columns: string[];
  readonly #passes: ((row: readonly string[]) => boolean) | undefined;
  readonly #targets: { name: string; topic: string; at: number; passes: ReturnType<typeof filterRows> }[];
  #toSkip: number;
  #toSend: number;
  #pass = 0;
  /** Bytes of the files of this pass that are behind. */
  #bytesBehind = 0;

  constructor(options: ProduceOptions, parts: ReplayParts) {
    this.#options = options;
    this.#parts = parts;
    this.#columns = neededColumns(options);
    this.#passes = filterRows(options.where ?? new Map(), this.#columns);
    this.#targets = options.pipelines.map(({ name, topic, column, where = new Map() }) => {
      return { name, topic, at: this.#columns.indexOf(column), passes: filterRows(where, this.#columns) };
    });
    this.records = Object.fromEntries(options.pipelines.map(({ name }) => [name, 0]));
    this.#toSkip = options.skip ?? 0;
    this.#toSend = options.limit ?? Number.POSITIVE_INFINITY;
  }

  async run(): Promise<void> {
    const { stop, tally } = this.#parts;
    do {
      const before = this.#toSend;
      const skipBefore = this.#toSkip;
      let handed = 0;
      tally.beginPass();
      this.#bytesBehind = 0;
      for (const file of this.#options.files) handed += await this.#replayFile(file);
      if (stop.aborted) return;
      this.#pass += 1;
      if (this.#options.loop && handed === 0 && before === this.#toSend && skipBefore === this.#toSkip) {
        throw new DashctlError('CSV_INVALID', `no row of ${this.#options.files.join(', ')} can be sent`, {
          hint: 'check --where and the rejected rows',
        });
      }
    } while (this.#options.loop && this.#toSend > 0);
    this.finished = true;
  }

  /** Sends the rows of one file; returns how many. */
  async #replayFile(file: string): Promise<number> {
    const { stop } = this.#parts;
    if (this.#toSend === 0 || stop.aborted) return 0;
    const source = await openCsv(file, this.#columns, this.#options.csv, stop);
    let handed = 0;
    let bytes = 0;
    for await (const batch of source.batches()) {
      await this.#keepRejects(file, batch);
      handed += await this.#sendBatch(this.#selected(batch), bytes, batch.bytes);
      bytes = batch.bytes;
      if (this.#toSend === 0 || stop.aborted) break;
    }
    this.#bytesBehind += source.totalBytes ?? bytes;
    return handed;
  }

  async #keepRejects(file: string, { rejects }: CsvBatch): Promise<void> {
    // Each further pass meets the same ones.
    if (rejects.length === 0 || this.#pass > 0) return;
    const { tally } = this.#parts;
    const [first] = rejects;
    if (first && tally.progress.rejected === 0) {
      this.#options.logger.warn(
        `${displayName(file)}:${first.line} is left out: ${first.reason}; others like it are counted, not logged`,
      );
    }
    tally.rejected(file, rejects);
    await this.#options.rejects?.write(file, rejects);
  }

  #selected({ rows }: CsvBatch): string[][] {
    let selected = this.#passes ? rows.filter(this.#passes) : rows;
    if (this.#toSkip > 0) {
      const skipped = Math.min(this.#toSkip, selected.length);
      this.#toSkip -= skipped;
      selected = selected.slice(skipped);
    }
    return selected.length > this.#toSend ? selected.slice(0, this.#toSend) : selected;
  }

  /** Sends rows that lie between two places of a file; returns how many. */
  async #sendBatch(rows: readonly string[][], from: number, to: number): Promise<number> {
    const { window, paced, tally } = this.#parts;
    const { clock, sink, onProgress } = this.#options;
    for (let at = 0; at < rows.length; ) {
      const count = await paced.take(Math.min(rows.length - at, groupRows));
      if (count === 0) return at;
      await window.room();
      if (this.#parts.stop.aborted) return at;
      const end = at + count;
      const bytes = this.#bytesBehind + from + Math.round(((to - from) * end) / rows.length);
      const batches = this.#batchesOf(rows, at, end, clock.now());
      const counts = batches.map(({ name, records }) => [name, records.length] as const);
      const sent = sink.sendAll(batches).then(() => {
        tally.sent(count, bytes, clock.now());
        for (const [name, records] of counts) this.records[name] = (this.records[name] ?? 0) + records;
        onProgress?.(tally.progress);
      });
      window.add(sent);
      this.#toSend -= count;
      at = end;
    }
    return rows.length;
  }

  #batchesOf(rows: readonly string[][], from: number, to: number, timestamp: number) {
    return this.#targets.map(({ name, topic, at, passes }) => {
      const records = [];
      for (let index = from; index < to; index++) {
        const row = rows[index];
        if (row && (!passes || passes(row))) records.push({ value: row[at] ?? '', timestamp });
      }
      return { name, topic, records };
    });
  }
}
