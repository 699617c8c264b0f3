import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Spark, sparkIsAvailable, startSpark } from '../_support/spark.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type Cluster, clusters } from '../kafka/_clusters.ts';
import {
  besideSpark,
  places,
  type Row,
  readBatch,
  rowsOf,
  runJob,
  startTime,
  stepOn,
  stop,
} from './spark/_beside-spark.ts';

// Spark 4.0 Structured Streaming with its own Kafka connector: on our broker and, so that the expectations are Kafka's, on Apache Kafka.
describe.skipIf(!sparkIsAvailable())('Spark', { timeout: 180_000 }, () => {
  const folder = folderOfSuite();
  let spark: Spark;
  beforeAll(async () => {
    spark = await startSpark();
  });
  afterAll(() => spark?.kill());

  describe.each(clusters)('with $name', ({ available, start }) => {
    describe.skipIf(!available)('', () => {
      let cluster: Cluster;
      let beside: Awaited<ReturnType<typeof besideSpark>>;
      beforeAll(async () => {
        cluster = await start();
        beside = await besideSpark(cluster.address, folder);
      });
      afterAll(async () => {
        await beside?.close();
        await cluster?.stop();
      });

      test('a batch has the records between its offsets, whole', async () => {
        const topic = await beside.newTopic(2);
        await beside.sendNumbered(topic, 2, 0, 6);
        const headers = { pipeline: 'gender', 标签: '女生' };
        await beside.send(topic, [{ partition: 0, key: 'k', value: null, headers, timestamp: String(startTime) }]);
        const rows = await readBatch(
          spark,
          beside.from(topic, {
            startingOffsets: JSON.stringify({ [topic]: { 0: 4, 1: -2 } }),
            endingOffsets: JSON.stringify({ [topic]: { 0: -1, 1: 2 } }),
          }),
        );
        expect(places(rows)).toBe('0:4 0:5 0:6 1:0 1:1');
        const plain = { partition: 0, offset: 5, key: null, value: '5', timestamp: startTime + 5_000, headers: null };
        expect(rows[1]).toEqual(plain);
        const sent = { key: 'k', value: null, timestamp: startTime, headers: ['pipeline=gender', '标签=女生'] };
        expect(rows[2]).toMatchObject(sent);
      });

      test('a batch has the records between its times, each partition cut into several reads', async () => {
        const topic = await beside.newTopic(2);
        await beside.sendNumbered(topic, 2, 0, 20);
        const at = (number: number) => String(startTime + 1_000 * number);
        const times = { startingTimestamp: at(7), endingTimestamp: String(Number(at(9)) + 1), minPartitions: '5' };
        const all = await readBatch(spark, beside.from(topic, times));
        expect(places(all)).toBe('0:7 0:8 0:9 1:7 1:8 1:9');
        const byPartition = { startingOffsetsByTimestamp: JSON.stringify({ [topic]: { 0: +at(18), 1: +at(19) } }) };
        expect(places(await readBatch(spark, beside.from(topic, byPartition)))).toBe('0:18 0:19 1:19');
        const later = readBatch(
          spark,
          beside.from(topic, { startingTimestamp: at(20), 'fetchOffset.numRetries': '1' }),
        );
        await expect(later).rejects.toThrow(/No offset matched from request of topic-partition/);
      });

      test('a query goes on from its checkpoint after a kill and after a stop, no record lost or repeated', async () => {
        const topic = await beside.newTopic(2);
        const folder = beside.newFolder();
        const copy = (to: Spark, maxOffsetsPerTrigger: string, to_the_end: boolean) => {
          const options = beside.from(topic, { maxOffsetsPerTrigger, failOnDataLoss: 'true' });
          return runJob(to, 'copy-to-files', { options, name: topic, folder, to_the_end });
        };
        // Hundreds of small batches: neither the kill nor the stop can come after the last one.
        await beside.sendNumbered(topic, 2, 0, 5_000);
        const victim = await startSpark();
        onTestFinished(() => victim.kill());
        const killed = copy(victim, '40', false);
        for (let batches = 0; batches < 3; batches++) expect(await killed.next()).toBe(40);
        await victim.kill();

        const stopped = copy(spark, '40', false);
        expect(await stopped.next()).toBe(40);
        await stop(stopped);
        await beside.sendNumbered(topic, 2, 5_000, 50);
        await copy(spark, '3000', true).result;

        const each = Array.from({ length: 5_050 }, (_, offset) => [offset, String(offset)]);
        const expected = [0, 1].flatMap((partition) => each.map((record) => [partition, ...record]));
        expect(await runJob(spark, 'read-files', { folder }).result).toEqual(expected);
      });

      test('a query that reads committed records sees neither aborted nor open transactions, wherever its batches end', async () => {
        const topic = await beside.newTopic();
        const transactional = beside.kafka.producer({
          transactionalId: topic,
          maxInFlightRequests: 1,
          idempotent: true,
        });
        await transactional.connect();
        const transaction = async (name: string) => {
          const begun = await transactional.transaction();
          const messages = [1, 2, 3].map((number) => ({ value: `${name} ${number}` }));
          await begun.send({ topic, messages });
          return begun;
        };
        await (await transaction('aborted first')).abort();
        await (await transaction('committed')).commit();
        await (await transaction('aborted between')).abort();
        await (await transaction('aborted again')).abort();
        await beside.send(topic, [{ value: 'plain' }]);
        const open = await transaction('open');
        await beside.send(topic, [{ value: 'behind it' }]);

        const committed = { 'kafka.isolation.level': 'read_committed' };
        const readable = ['committed 1', 'committed 2', 'committed 3', 'plain'];
        const rows = await readBatch(spark, beside.from(topic, committed));
        expect(rows.map(({ value }) => value)).toEqual(readable);
        expect(await readBatch(spark, beside.from(topic))).toHaveLength(17);

        // Batches of three offsets, some of which hold nothing but aborted records and markers.
        const options = beside.from(topic, { ...committed, maxOffsetsPerTrigger: '3' });
        const query = runJob(spark, 'step-through', { options, folder: beside.newFolder() });
        const seen = rowsOf(await query.next()).map(({ value }) => value);
        const until = async (count: number) => {
          while (seen.length < count) seen.push(...(await stepOn(query)).map(({ value }) => value));
          return seen;
        };
        expect(await until(4)).toEqual(readable);
        await open.commit();
        expect(await until(8)).toEqual([...readable, 'open 1', 'open 2', 'open 3', 'behind it']);
        await stop(query);
        await transactional.disconnect();
      });

      test.each([
        { how: 'in one batch', streaming: false, compression: 'lz4' },
        { how: 'by a query', streaming: true, compression: 'zstd' },
      ])('what is written $how comes back with keys, values and headers', async ({ streaming, compression }) => {
        const [source, target] = [await beside.newTopic(), await beside.newTopic()];
        const messages = [
          { key: 'k', value: '[{"0":3}]', headers: { pipeline: 'gender', revision: '0' } },
          { value: '女 and 男' },
          { key: 'gone', value: null },
          ...Array.from({ length: 500 }, (_, index) => ({ key: String(index), value: 'same '.repeat(20) })),
        ];
        await beside.send(source, messages);
        const args = { server: cluster.address, source, target, streaming, compression, folder: beside.newFolder() };
        await runJob(spark, 'copy-topic', args).result;
        const copied = (await beside.read(target, messages.length)).map(({ key, value, headers }) => ({
          key: key?.toString(),
          value: value?.toString() ?? null,
          headers: { ...headers },
        }));
        expect(copied).toEqual(messages.map((sent) => ({ key: undefined, headers: {}, ...sent })));
      });

      test('a query whose records are deleted before it comes to them fails and tells which, or goes on', async () => {
        const topic = await beside.newTopic();
        for (const first of [0, 10, 20, 30, 40, 50]) await beside.sendNumbered(topic, 1, first, 10);
        const begin = async (failOnDataLoss: string) => {
          // Fetches of single batches, so that the query does not have all records before it asks for them.
          const single = { 'kafka.fetch.max.bytes': '1', 'kafka.max.partition.fetch.bytes': '1' };
          const options = beside.from(topic, { ...single, maxOffsetsPerTrigger: '10', failOnDataLoss });
          const query = runJob(spark, 'step-through', { options, folder: beside.newFolder() });
          expect(await query.next()).toHaveLength(10);
          return query;
        };
        const [strict, lenient] = await Promise.all([begin('true'), begin('false')]);
        await beside.deleteRecordsBefore(topic, 55);
        const failing = (async () => {
          for (;;) await stepOn(strict);
        })();
        await expect(failing).rejects.toThrow(
          RegExp(
            `Some data may have been lost.*Could not read records in offset .* for topic partition ${topic}-0`,
            's',
          ),
        );
        const seen: number[] = [];
        while (seen.at(-1) !== 59) seen.push(...(await stepOn(lenient)).map(({ offset }) => offset));
        // Before those there may be some that the consumer had asked for in advance.
        expect(seen.slice(-5)).toEqual([55, 56, 57, 58, 59]);
        expect(seen.length).toBeLessThan(40);
        await stop(lenient);
      });

      test('a query reads from their start the partitions that its topic is given', async () => {
        const topic = await beside.newTopic();
        await beside.sendNumbered(topic, 1, 0, 3);
        const options = beside.from(topic, { startingOffsets: JSON.stringify({ [topic]: { 0: 1 } }) });
        const query = runJob(spark, 'step-through', { options, folder: beside.newFolder() });
        expect(places(rowsOf(await query.next()))).toBe('0:1 0:2');
        await beside.admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] });
        await beside.sendNumbered(topic, 2, 0, 2);
        const seen: Row[] = [];
        while (seen.length < 4) seen.push(...(await stepOn(query)));
        await stop(query);
        expect(seen.map(({ partition, offset }) => `${partition}:${offset}`).sort()).toEqual([
          '0:3',
          '0:4',
          '1:0',
          '1:1',
        ]);
      });

      test("the lab's job counts values per second and sends each window as a list", async () => {
        const [source, target] = [await beside.newTopic(), await beside.newTopic()];
        const at = (time: number, value: string) => ({ timestamp: String(startTime + time), value });
        await beside.send(source, [at(0, '1'), at(10, '0'), at(999, '1'), at(1_000, '2'), at(1_500, 'NULL')]);
        await beside.send(source, [at(5_000, '0')]);
        const args = { server: cluster.address, source, target, folder: beside.newFolder() };
        const query = runJob(spark, 'count-by-second', args);
        const windows = async (count: number) =>
          (await beside.read(target, count)).map(({ key, value }) => [Number(key) - startTime, String(value)]);
        const first = [
          [0, '[{"0":1},{"1":2}]'],
          [1_000, '[{"2":1},{"NULL":1}]'],
        ];
        expect((await windows(2)).sort()).toEqual(first);
        await beside.send(source, [at(5_001, '0'), at(6_000, '1')]);
        expect((await windows(3)).sort()).toEqual([...first, [5_000, '[{"0":2}]']]);
        await stop(query);
      });
    });
  });
});
