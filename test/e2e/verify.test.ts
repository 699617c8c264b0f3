import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type SinkRecord, topicSink } from '../../src/kafka/topic-sink.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { type Cluster, clusters, freshTopic, testConnection } from '../kafka/_clusters.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');

// The start of a window that has long been over.
const base = Math.floor(Date.now() / 1_000) * 1_000 - 600_000;
const keyOf = (start: number) => `${start}/${start + 1_000}`;
const at = (start: number, ...values: string[]): SinkRecord[] => values.map((value) => ({ value, timestamp: start }));

describe.each(clusters)('dashctl verify, with $name', ({ available, start }) => {
  describe.skipIf(!available)('', () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await start();
    });
    afterAll(() => cluster?.stop());

    const send = async (topic: string, records: readonly SinkRecord[]) => {
      const sink = await topicSink({ connection: testConnection(cluster.address).connection });
      await sink.send(topic, records);
      await sink.close();
    };

    /** A pipeline with topics of its own, and a CSV of one column with these cells. */
    const scenario = async (cells: string, partitions = 1) => {
      const folder = temporaryFolder();
      const topic = freshTopic('verify');
      const results = `${topic}-results`;
      await ensureTopics(testConnection(cluster.address).connection, [topic, results], { partitions });
      const csv = join(folder, 'cells.csv');
      writeFileSync(csv, ['cell', ...cells, ''].join('\n'));
      const configure = (resultTopic: string) => {
        const title = { zh: '格', en: 'Cell' };
        const pipeline = { name: 'cell', title, column: 'cell', topic, resultTopic, window: 1_000 };
        const config = join(folder, `${resultTopic}.json`);
        const pipelines = [{ ...pipeline, labels: { 0: { zh: '零', en: 'zero' } }, unknown: [] }];
        writeFileSync(config, JSON.stringify({ brokers: cluster.address, pipelines, pipeline: 'cell', group: topic }));
        return ['--config', config];
      };
      const config = configure(results);
      return {
        ...{ topic, results, csv, config, configure },
        fill: (...records: SinkRecord[]) => send(topic, records),
        count: async () => {
          const { code, stderr } = await runDashctl(['aggregate', '--until-end', ...config]);
          expect(code, stderr).toBe(0);
        },
        /** The result records, as they can be sent again. */
        async read(): Promise<(SinkRecord & { key: string; headers: Record<string, string> })[]> {
          const { stdout } = await runDashctl(['tail', results, '-o', ':end', '--json', ...config]);
          const lines = stdout.trim().split('\n');
          return lines
            .map((line) => JSON.parse(line))
            .map(({ key, value, timestamp, headers }) => ({ key, value, timestamp, headers }));
        },
        verify: (...flags: string[]) => runDashctl(['verify', csv, '--wait', '0s', ...config, ...flags]),
        async document(...flags: string[]) {
          const { stdout } = await runDashctl(['verify', csv, '--wait', '0s', '--json', ...config, ...flags]);
          const { proved, csv: rows, pipelines } = JSON.parse(stdout);
          return { proved, csv: rows, ...pipelines[0] };
        },
      };
    };

    test('proves a replay of the sample in all pipelines, and says when there were two', async () => {
      const brokers = ['--brokers', cluster.address];
      const replay = async () => {
        expect(await runDashctl(['produce', sample, '--rate', 'max', ...brokers])).toMatchObject({ code: 0 });
        expect(await runDashctl(['aggregate', '--until-end', ...brokers])).toMatchObject({ code: 0 });
      };
      await replay();
      const { code, stdout, stderr } = await runDashctl(['verify', sample, ...brokers]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.match(/^proved: 10,000 rows = 10,000 records in /gm)).toHaveLength(5);
      expect(stdout).toMatch(/^total +10,000 +10,000 +10,000 +-$/m);

      await replay();
      const twice = await runDashctl(['verify', sample, '--pipeline', 'gender', ...brokers]);
      expect(twice.code).toBe(1);
      expect(twice.stderr).toMatch(
        /^error: gender: sex holds 20,000 records, the CSV 10,000 rows\n {2}hint: sex holds 2 × /,
      );
      expect(twice.stdout).toContain('the windows of result agree with sex');
    });

    test('takes the flags that say which rows were sent', async () => {
      const { fill, count, csv, config, verify } = await scenario('001x0');
      writeFileSync(csv, 'n;cell\n1;0\n2;0\n3;1\n4;broken;\n5;0\n6;1\n');
      await fill(...at(base, '0', '0'));
      await count();
      expect((await verify('--delimiter', ';')).stderr).toContain('holds 2 records, the CSV 5 rows');
      const flags = ['--delimiter', ';', '--where', 'cell=0', '--skip', '1', '--limit', '2'];
      const { code, stdout } = await runDashctl(['verify', csv, ...flags, ...config]);
      expect(code, stdout).toBe(0);
      expect(stdout).toMatch(/cells\.csv: 2 rows, 1 that cannot be read\n/);
      expect(stdout).toMatch(/^0 零 +2 +2 +2 +-$/m);
    });

    test('finds a record that came into the source topic and was not counted', async () => {
      const { topic, results, fill, count, verify, document } = await scenario('011');
      await fill(...at(base, '0', '1'), ...at(base + 1_000, '1'));
      await count();
      expect((await verify()).code).toBe(0);
      await fill(...at(base + 1_000, '1'));
      const { code, stdout, stderr } = await verify();
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`^error: cell: ${topic} holds 4 records, the CSV 3 rows\n {2}hint: .+\n$`));
      expect(stdout).toContain(`window ${keyOf(base + 1_000)} of ${results} counts 1 of "1", ${topic} has 2`);
      expect(stdout).toContain(`first differing window, of 1: ${new Date(base + 1_000).toISOString()} to `);
      expect(stdout).toContain(`records   ${topic}/0 from offset 2 to 3`);
      expect(await document()).toMatchObject({
        proved: false,
        csv: { rows: 3, rejected: 0 },
        totals: { csv: 3, source: 4, windows: 3, difference: { source: 1, windows: -1 } },
        differences: [
          {
            kind: 'counts',
            key: keyOf(base + 1_000),
            start: new Date(base + 1_000).toISOString(),
            revision: 0,
            counted: { 1: 1 },
            expected: { 1: 2 },
            offsets: [{ partition: 0, first: 2, last: 3 }],
          },
        ],
      });
    });

    test('finds a result that is wrong, though the records of all windows together are right', async () => {
      const { topic, results, fill, count, read, verify } = await scenario('0011');
      await fill(...at(base, '0', '1'), ...at(base + 1_000, '0', '1'));
      await count();
      const [first, second] = await read();
      if (!first || !second) expect.fail('no results');
      const wrong = { ...first, value: '[{"0":2},{"1":1}]', headers: { ...first.headers, revision: '1' } };
      const other = { ...second, value: '[{"1":1}]', headers: { ...second.headers, revision: '1' } };
      await send(results, [wrong, other]);
      const { code, stdout, stderr } = await verify();
      expect(code).toBe(1);
      expect(stdout).toMatch(/^total +4 +4 +4 +-$/m);
      expect(stderr).toContain(`error: cell: window ${keyOf(base)} of ${results} counts 2 of "0", ${topic} has 1\n`);
    });

    test('finds a window that came out twice', async () => {
      const { results, fill, count, read, verify } = await scenario('01');
      await fill(...at(base, '0'), ...at(base + 1_000, '1'));
      await count();
      const [, second] = await read();
      if (!second) expect.fail('no results');
      await send(results, [second]);
      const { code, stderr } = await verify();
      expect(code).toBe(1);
      expect(stderr).toContain(
        `window ${keyOf(base + 1_000)} of ${results} came out twice with revision 0, again in ${results}/0 at`,
      );
    });

    test('finds a revision that was left out, unless the result topic is compacted', async () => {
      const { results, config, fill, count, read, verify } = await scenario('0');
      await fill(...at(base, '0'));
      await count();
      const [first] = await read();
      if (!first) expect.fail('no result');
      await send(results, [{ ...first, headers: { ...first.headers, revision: '2' } }]);
      expect((await verify()).stderr).toContain(
        `window ${keyOf(base)} of ${results} came out with revision 2 in ${results}/0`,
      );
      const remake = (...args: string[]) => runDashctl(['topics', ...args, ...config]);
      expect(await remake('delete', results, '--yes')).toMatchObject({ code: 0 });
      expect(await remake('create', results, '--set', 'cleanup.policy=compact')).toMatchObject({ code: 0 });
      await send(results, [{ ...first, headers: { ...first.headers, revision: '2' } }]);
      const { code, stderr } = await verify();
      expect(code, stderr).toBe(0);
    });

    test('finds a result that is missing, and one that no record founds', async () => {
      const { topic, configure, csv, fill, count, read } = await scenario('012');
      await fill(...at(base, '0'), ...at(base + 1_000, '1'), ...at(base + 2_000, '2'));
      await count();
      const [first, second, third] = await read();
      if (!first || !second || !third) expect.fail('no results');
      const copy = freshTopic('copy');
      await ensureTopics(testConnection(cluster.address).connection, [copy]);
      await send(copy, [first, third]);
      const lacking = await runDashctl(['verify', csv, '--wait', '0s', ...configure(copy)]);
      expect(lacking.code).toBe(1);
      expect(lacking.stderr).toContain(
        `window ${keyOf(base + 1_000)} of ${copy} is missing; ${topic} has 1 record for it`,
      );
      const [early, headers] = [
        base - 5_000,
        { ...first.headers, 'window-start': `${base - 5_000}`, 'window-end': `${base - 4_000}` },
      ];
      await send(copy, [second, { ...first, key: keyOf(early), timestamp: early + 1_000, headers }]);
      const unfounded = await runDashctl(['verify', csv, '--wait', '0s', ...configure(copy)]);
      expect(unfounded.code).toBe(1);
      expect(unfounded.stderr).toContain(
        `window ${keyOf(early)} of ${copy} counts 1, but ${topic} has no record for it`,
      );
    });

    test('adds up records that came too late for their window', async () => {
      const { results, config, fill, verify } = await scenario('0010');
      await fill(...at(base, '0'), ...at(base + 1_000, '1'));
      const aggregate = dashctl(['aggregate', '--allowed-lateness', '0s', ...config]);
      onTestFinished(async () => void (await aggregate.stop()));
      const tail = dashctl(['tail', results, '-o', 'start', '--json', ...config]);
      onTestFinished(async () => void (await tail.stop()));
      await tail.waitFor(new RegExp(keyOf(base + 1_000)));
      await fill(...at(base, '0'), ...at(Date.now(), '0'));
      await tail.waitFor(/"late-dropped":"1"/);
      const { code, stdout, stderr } = await verify();
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^proved: 4 rows = 4 records in \S+ = 3 records in 3 windows of \S+ \+ 1 late$/m);
    });

    test('says what to do when nothing has been counted, and waits for an aggregator when told to', async () => {
      const { topic, config, csv, fill, verify } = await scenario('01');
      await fill(...at(base, '0', '1'));
      const early = await verify();
      expect(early.code).toBe(1);
      expect(early.stderr).toMatch(/is missing; \S+ has 2 records for it\n {2}hint: is "dashctl aggregate" running\?/);
      const waiting = dashctl(['verify', csv, '--wait', '10m', ...config]);
      await waiting.waitFor(/cells\.csv: 2 rows/);
      const aggregate = dashctl(['aggregate', ...config]);
      onTestFinished(async () => void (await aggregate.stop()));
      expect(await waiting.ended, waiting.stderr()).toMatchObject({ code: 0 });
      expect(waiting.stdout()).toContain(`proved: 2 rows = 2 records in ${topic} = 2 records in 1 window of`);
    });

    test('begins after the window that deleted records belonged to', async () => {
      const { topic, fill, count, verify } = await scenario('2');
      await fill(...at(base, '0'), ...at(base + 1_000, '1', '1'), ...at(base + 2_000, '2'));
      await count();
      const admin = new Kafka({ brokers: [cluster.address], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      // It knows the leaders of a topic only when it has asked for its offsets.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
      await admin.disconnect();
      const { code, stdout, stderr } = await verify();
      expect(code, stderr).toBe(0);
      expect(stdout).toContain(`from ${new Date(base + 2_000).toISOString()} on`);
    });

    test('--from leaves out what an earlier run has put into the topics, in all partitions', async () => {
      const keyed = (records: readonly SinkRecord[]) => records.map((record, key) => ({ ...record, key: String(key) }));
      const { fill, count, verify } = await scenario('01234567', 3);
      const values = ['0', '1', '2', '3', '4', '5', '6', '7'];
      await fill(...keyed(at(base, ...values, '0')));
      await count();
      await fill(...keyed(at(base + 5_000, ...values)));
      await count();
      expect((await verify()).code).toBe(1);
      const { code, stdout, stderr } = await verify('--from', `@${base + 5_500}`);
      expect(code, stderr).toBe(0);
      expect(stdout).toContain(`from ${new Date(base + 5_000).toISOString()} on`);
    });
  });
});

test.each([
  [['--from', 'yesterday'], 2, 'expected earliest, or a time'],
  [['--wait', 'long'], 2, 'expected a duration'],
  [['--pipeline', 'nothing'], 2, 'unknown pipeline "nothing"'],
])('dashctl verify %j is wrong usage', async (flags, status, message) => {
  const { code, stderr } = await runDashctl(['verify', sample, ...flags]);
  expect(code).toBe(status);
  expect(stderr).toContain(message);
});
