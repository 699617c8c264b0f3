import type { KafkaConnection } from '../../kafka/connection.ts';
import { isCompacted } from '../../kafka/describe-topics.ts';
import { type SourceBatch, type SourceRecord, topicSource } from '../../kafka/topic-source.ts';
import { partitionKey, startOffsets, topicOffsets } from '../../kafka/topics.ts';
import type { Pipeline } from '../../records/pipelines.ts';
import { keyReader } from '../../records/record-key.ts';
import { decodeWindowCount } from '../../records/window-count.ts';
import type { WindowStore } from '../../records/window-store.ts';
import type { Clock } from '../../runtime/clock.ts';
import { DashctlError } from '../../runtime/errors.ts';
import type { StoredVerdict } from '../../window/compare-stored.ts';
import { compareWindows, grace, type WindowsVerdict } from '../../window/compare-windows.ts';
import { windowStart } from '../../window/window-counts.ts';
import { type WindowLedger, windowLedger } from '../../window/window-ledger.ts';
import { checkStored } from './stored.ts';

export interface CheckOptions {
  connection: KafkaConnection;
  pipeline: Pipeline;
  /** Length of its windows in ms. */
  size: number;
  /** Leaves out windows before the one that this time falls in, epoch ms. */
  from: number | undefined;
  /** How long to wait for results that are still to come, in ms. What is waited is taken off. */
  patience: { left: number };
  /** Compares with what it holds, too. */
  store?: WindowStore | undefined;
  clock: Clock;
}

/** What a source topic and its result topic hold, window by window. */
export interface TopicsCheck extends WindowsVerdict {
  /** Start of the first window that was compared where that is not the beginning of the topic, epoch ms. */
  since: number | undefined;
  /** Result records that cannot be read. */
  unreadable: { count: number; first: string | undefined };
  /** What a store holds of it, when it was asked for. */
  stored?: StoredVerdict;
}

/**
 * Counts the source topic of a pipeline anew, reads its results, and compares them. Both are taken as they stand when
 * it begins; while windows lack what may still come out, it waits and reads on.
 * @throws DashctlError `TOPIC_UNKNOWN`, those of the topic source, `INTERRUPTED` when the signal aborts.
 */
export async function checkTopics(options: CheckOptions, signal: AbortSignal): Promise<TopicsCheck> {
  const { connection, pipeline, clock, patience } = options;
  const { topic, resultTopic } = pipeline;
  // Results first: what they count was in the source before them, so it is among what is read of the source.
  const resultEnds = await offsetMap(startOffsets(connection, [resultTopic], 'latest'));
  const sourceEnds = await offsetMap(startOffsets(connection, [topic], 'latest'));
  const books = bookkeeper(options);
  const source = await beginning(options, topic, 0);
  const results = await beginning(options, resultTopic, knownLate);
  books.startsTrimmed([...source.trimmed, ...results.trimmed]);
  await readUpTo(connection, topic, source.from, sourceEnds, books.take, signal);
  await readUpTo(connection, resultTopic, results.from, resultEnds, books.take, signal);
  books.ledger.beginAfter();

  let check = books.check();
  if (check.differences.some(({ kind }) => kind === 'skipped') && (await isCompacted(connection, resultTopic))) {
    books.allowSkipped();
    check = books.check();
  }
  const deadline = clock.now() + patience.left;
  if (!mayBeMended(check, deadline)) return await withStored(options, books.ledger, check, signal);
  const stop = new AbortController();
  void clock.sleepUntil(deadline, AbortSignal.any([signal, stop.signal])).then(() => stop.abort());
  const from = new Map([...sourceEnds, ...resultEnds]);
  for await (const batch of topicSource({ connection, topics: [topic, resultTopic], from, signal: stop.signal })) {
    books.take(batch);
    if (!batch.caughtUp) continue;
    check = books.check();
    if (check.differences.length === 0 && !opensUntil(check, deadline)) break;
  }
  stop.abort();
  if (signal.aborted) throw new DashctlError('INTERRUPTED', `interrupted while waiting for results of ${resultTopic}`);
  patience.left = Math.max(0, deadline - clock.now());
  return await withStored(options, books.ledger, books.check(), signal);
}

async function withStored(
  { store, pipeline, patience, clock }: CheckOptions,
  ledger: WindowLedger,
  check: TopicsCheck,
  signal: AbortSignal,
): Promise<TopicsCheck> {
  if (!store) return check;
  const since = check.since ?? Number.NEGATIVE_INFINITY;
  const asked = { store, pipeline: pipeline.name, ledger, since, patience, clock };
  return { ...check, stored: await checkStored(asked, signal) };
}

const opensUntil = ({ open }: WindowsVerdict, deadline: number) => open.firstEnd + grace <= deadline;

const mayBeMended = (verdict: WindowsVerdict, deadline: number) =>
  verdict.differences.length === verdict.mendable && (verdict.mendable > 0 || opensUntil(verdict, deadline));

type Offsets = Map<string, number>;

const offsetMap = async (offsets: ReturnType<typeof startOffsets>): Promise<Offsets> =>
  new Map((await offsets).map((partition) => [partitionKey(partition), partition.offset]));

// The results right before those that are asked for tell how many late records there had been by then.
const knownLate = 100;

/** Where to begin in each partition, `lead` records early, and which partitions have lost their first records. */
async function beginning({ connection, from, size }: CheckOptions, topic: string, lead: number) {
  const firsts = await topicOffsets(connection, [topic]);
  if (from === undefined) {
    const trimmed = firsts.filter(({ earliest }) => earliest > 0).map(partitionKey);
    return { from: new Map(firsts.map((first) => [partitionKey(first), first.earliest])), trimmed };
  }
  const found = await offsetMap(startOffsets(connection, [topic], { timestamp: windowStart(from, size) }));
  const places = firsts.map((first): [string, number] => {
    const key = partitionKey(first);
    return [key, Math.max(first.earliest, (found.get(key) ?? first.earliest) - lead)];
  });
  return { from: new Map(places), trimmed: [] };
}

/** Reads a topic from some offsets up to, not including, others. */
async function readUpTo(
  connection: KafkaConnection,
  topic: string,
  from: Offsets,
  until: Offsets,
  take: (batch: SourceBatch) => void,
  signal: AbortSignal,
): Promise<void> {
  const unread = new Set([...until].filter(([key, end]) => end > (from.get(key) ?? 0)).map(([key]) => key));
  if (unread.size === 0) return;
  for await (const batch of topicSource({ connection, topics: [topic], from, signal })) {
    const end = until.get(partitionKey(batch)) ?? 0;
    const last = batch.records.at(-1);
    const records = last && last.offset >= end ? batch.records.filter(({ offset }) => offset < end) : batch.records;
    take({ ...batch, records });
    if (batch.nextOffset >= end) unread.delete(partitionKey(batch));
    if (unread.size === 0) return;
  }
  throw new DashctlError('INTERRUPTED', `interrupted before the end of ${topic}`);
}

/** Enters what is read of both topics of a pipeline. */
function bookkeeper({ pipeline, size, from, clock }: CheckOptions) {
  const ledger: WindowLedger = windowLedger(size, keyReader(pipeline));
  const trimmed = new Set<string>();
  const unreadable: TopicsCheck['unreadable'] = { count: 0, first: undefined };
  let since = from === undefined ? Number.NEGATIVE_INFINITY : windowStart(from, size);
  let [lateBefore, late] = [0, 0];
  let compacted = false;

  // Windows that the first record of a partition shares with deleted ones cannot be counted any more.
  const noteStart = (key: string, end: number) => {
    if (trimmed.delete(key)) since = Math.max(since, end);
  };
  const takeResults = (batch: SourceBatch) => {
    for (const record of batch.records) {
      // Two pipelines may share a result topic; the record says whose it is.
      if ((record.headers.pipeline ?? pipeline.name) !== pipeline.name) continue;
      const window = decodeResult(record, pipeline.name, size);
      if ('invalid' in window) {
        unreadable.count += 1;
        unreadable.first ??= `${partitionKey(batch)} at offset ${record.offset}: ${window.invalid}`;
        continue;
      }
      noteStart(partitionKey(batch), window.end);
      if (window.start >= since) late = Math.max(late, window.lateDropped);
      // A correction may come long after its window; what it tells of late records is of that later time.
      else if (window.revision === 0) lateBefore = Math.max(lateBefore, window.lateDropped);
      ledger.takeResult(window, { partition: batch.partition, offset: record.offset });
    }
  };

  return {
    ledger,
    /** Names partitions whose first records are gone. */
    startsTrimmed(keys: readonly string[]) {
      for (const key of keys) trimmed.add(key);
    },
    /** The result topic keeps only the last revision of a window for sure. */
    allowSkipped() {
      compacted = true;
    },
    take(batch: SourceBatch) {
      if (batch.topic === pipeline.resultTopic) return takeResults(batch);
      const [first] = batch.records;
      if (first) noteStart(partitionKey(batch), windowStart(first.timestamp, size) + size);
      ledger.takeRecords(batch.partition, batch.records);
    },
    check(): TopicsCheck {
      const lateDropped = Math.max(0, late - lateBefore);
      return {
        ...compareWindows(ledger, { now: clock.now(), since, lateDropped, compacted }),
        since: Number.isFinite(since) ? since : undefined,
        unreadable,
      };
    },
  };
}

function decodeResult({ key, value, timestamp, headers }: SourceRecord, pipeline: string, size: number) {
  if (!value) return { invalid: 'it has no value' };
  return decodeWindowCount(
    { key: key?.toString() ?? null, value: value.toString(), timestamp, headers },
    { pipeline, window: size },
  );
}
