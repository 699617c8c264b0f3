import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomSource } from '../../src/csv/random-source.ts';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { startTestBroker, type TestBroker } from '../_support/broker.ts';
import { runDashctl } from '../_support/dashctl.ts';
import { type Spark, sparkIsAvailable, startSpark } from '../_support/spark.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { besideSpark } from '../broker/spark/_beside-spark.ts';
import { readUntil, testConnection } from '../kafka/_clusters.ts';

const records = process.env.CI ? 1_000_000 : 50_000;
const [topic, resultTopic] = ['category', 'category_results'];
const keys = 1_600;
const partitions = 3;
// Not a whole second, so that the first window is not a full one.
const startTime = 1_700_000_000_123;
const duration = 60_000;
const disorder = 2_000;
// Far behind all others: it closes their windows in Spark, which waits for later records. Its own stay open there.
const endTime = startTime + 3_600_000;
const closing = { value: 'end', timestamp: endTime };

/** Records over a minute, a few keys far more often than others, none more than `disorder` behind an earlier one. */
function disorderedRecords() {
  const next = randomSource(11);
  const random = () => next() / 2 ** 32;
  return Array.from({ length: records }, (_, index) => ({
    value: String(Math.floor(keys * random() ** 3)),
    timestamp: startTime + Math.floor((index * duration) / records) + Math.floor(random() * disorder),
  }));
}

type Counts = Map<string, number>;

/** Adds the count of a value in a window; a second one would be a window that came out twice. */
function addOnce(counts: Counts, start: number, end: number, value: string, count: number): void {
  const name = `${start}/${end} ${value}`;
  if (counts.has(name)) throw new Error(`${name} has been counted twice`);
  counts.set(name, count);
}

const sumOf = (counts: Counts) => counts.values().reduce((sum, count) => sum + count, 0);

describe.skipIf(!sparkIsAvailable())('Spark Structured Streaming beside dashctl', { timeout: 600_000 }, () => {
  const folder = folderOfSuite();
  let broker: TestBroker;
  let spark: Spark;
  let beside: Awaited<ReturnType<typeof besideSpark>>;
  beforeAll(async () => {
    [broker, spark] = await Promise.all([startTestBroker(), startSpark()]);
    beside = await besideSpark(broker.address, folder);
    // For what is years old, a topic has to be told to keep it.
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await beside.admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] });
    await beside.admin.createTopics({ topics: [{ topic: resultTopic, numPartitions: 1, configEntries }] });
    const sink = await topicSink({ connection: testConnection(broker.address).connection });
    const all = disorderedRecords();
    // Each send goes to the next partition: a tenth of a second of the records.
    const each = Math.ceil(all.length / (duration / 100));
    for (let at = 0; at < all.length; at += each) await sink.send(topic, all.slice(at, at + each));
    await sink.send(topic, [closing]);
    await sink.close();
  });
  afterAll(async () => {
    await beside?.close();
    await spark?.kill();
    await broker?.stop();
  });

  /** What the aggregator brought out for windows of a length, each at once: a correction would mean that it had not waited. */
  async function countWithDashctl(length: number, flags: readonly string[]): Promise<Counts> {
    const { code, stderr } = await runDashctl([
      ...['aggregate', '--pipeline', 'category', '--until-end', '--out-of-orderness', `${disorder}ms`, ...flags],
      ...['--group', `windows-of-${length}`, '--brokers', broker.address],
    ]);
    expect(code, stderr).toBe(0);
    const stop = new AbortController();
    const { connection } = testConnection(broker.address);
    const source = topicSource({ connection, topics: [resultTopic], from: 'earliest', signal: stop.signal });
    const read = await readUntil(source, ({ caughtUp }) => caughtUp);
    stop.abort();
    const counts: Counts = new Map();
    for (const { key, value, headers } of read.records) {
      const [start = 0, end = 0] = String(key).split('/').map(Number);
      if (end - start !== length || end > endTime) continue;
      expect(headers).toMatchObject({ revision: '0', 'late-dropped': '0' });
      const list: Record<string, number>[] = JSON.parse(String(value));
      for (const [name, count] of list.flatMap(Object.entries<number>)) addOnce(counts, start, end, name, count);
    }
    return counts;
  }

  async function countWithSpark(window: string, slide: string): Promise<Counts> {
    const job = spark.run(join(import.meta.dirname, 'spark', 'count-windows.py'), {
      // Several batches, between which the watermark moves.
      options: beside.from(topic, { maxOffsetsPerTrigger: String(Math.ceil(records / 4)) }),
      // Its batches end at other places in each partition; the second more covers that.
      ...{ window, slide, watermark: `${disorder + 1_000} milliseconds`, folder: beside.newFolder() },
    });
    const counts: Counts = new Map();
    for (const row of (await job.result) as [number, number, string, number][]) addOnce(counts, ...row);
    return counts;
  }

  test.each([
    { shape: 'windows of 1 s', length: 1_000, slide: 1_000, flags: ['--window', '1s'] },
    {
      shape: 'windows of 5 s, one each second',
      length: 5_000,
      slide: 1_000,
      flags: ['--window', '5s', '--slide', '1s'],
    },
  ])('both count the same in $shape, whatever the order of the records', async ({ length, slide, flags }) => {
    const theirs = await countWithSpark(`${length} milliseconds`, `${slide} milliseconds`);
    const ours = await countWithDashctl(length, flags);
    // Each record is in as many windows as begin within one: neither side has dropped any.
    expect(sumOf(theirs)).toBe((records * length) / slide);
    expect(differences(ours, theirs)).toEqual([]);
  });
});

/** What one has and the other has not, or counts otherwise; a handful of lines tell more than a hundred thousand. */
function differences(ours: Counts, theirs: Counts): string[] {
  const names = new Set([...ours.keys(), ...theirs.keys()]);
  return [...names]
    .filter((name) => ours.get(name) !== theirs.get(name))
    .slice(0, 10)
    .map((name) => `${name}: ${ours.get(name)} here, ${theirs.get(name)} in Spark`);
}

test('a single record more or less is a difference', () => {
  const [one, two] = [new Map([['0/1000 7', 1]]), new Map([['0/1000 7', 2]])];
  expect(differences(one, two)).toEqual(['0/1000 7: 1 here, 2 in Spark']);
  expect(differences(one, new Map())).toEqual(['0/1000 7: 1 here, undefined in Spark']);
  expect(differences(one, one)).toEqual([]);
});
