import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type SinkRecord, topicSink } from '../../src/kafka/topic-sink.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { encodeWindowCount, type WindowCount } from '../../src/records/window-count.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { type Cluster, clusters, freshTopic, testConnection } from '../kafka/_clusters.ts';
import { windowAt } from '../store/_contract.ts';

// The start of a window that has long been over.
const base = Math.floor(Date.now() / 1_000) - 600;

describe.each(clusters)('dashctl sink, with $name', ({ available, start }) => {
  describe.skipIf(!available)('', () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await start();
    });
    afterAll(() => cluster?.stop());

    /** Pipelines a and b with topics of their own, unless they share one, and a store. */
    const scenario = async ({ shared = false } = {}) => {
      const folder = temporaryFolder();
      const stem = freshTopic('sink');
      const topics = { a: `${stem}-a`, b: shared ? `${stem}-a` : `${stem}-b` };
      const pipelines = (['a', 'b'] as const).map((name) => ({
        name,
        topic: `${stem}-source`,
        resultTopic: topics[name],
      }));
      const config = join(folder, 'dashctl.json');
      const store = `sqlite:${join(folder, 'windows.sqlite')}`;
      writeFileSync(config, JSON.stringify({ brokers: cluster.address, pipelines, pipeline: 'a,b', store }));
      const flags = ['--config', config];
      const runWell = async (...args: string[]) => {
        const { code, stdout, stderr } = await runDashctl([...args, ...flags]);
        expect(code, stderr).toBe(0);
        return { stdout, stderr };
      };
      await ensureTopics(testConnection(cluster.address).connection, Object.values(topics));
      return {
        ...{ topics, flags, store, runWell, file: join(folder, 'windows.sqlite') },
        async bring(...windows: WindowCount[]) {
          const sink = await topicSink({ connection: testConnection(cluster.address).connection });
          for (const window of windows) {
            const { key, value, timestamp, headers } = encodeWindowCount(window);
            const record: SinkRecord = { key: key ?? '', value, timestamp, headers };
            await sink.send(topics[window.pipeline === 'b' ? 'b' : 'a'], [record]);
          }
          await sink.close();
        },
        storeAll: (...more: string[]) => runWell('sink', '--until-end', ...more),
        async stored() {
          const { stdout } = await runDashctl(['export', '--store', store]);
          const rows = stdout.trim().split('\n').slice(1);
          return rows
            .map((row) => row.split(','))
            .map(([pipeline, at, , revision, key, count]) => {
              return `${pipeline} ${Number(at) / 1_000 - base} r${revision} ${key}=${count}`;
            });
        },
      };
    };
    const at = (second: number, count: number, more: Partial<WindowCount> = {}) =>
      windowAt(base + second, { x: count }, { pipeline: 'a', ...more });

    test('stores what there is, and reads on from there the next time', async () => {
      const { bring, storeAll, stored } = await scenario();
      await bring(at(1, 5), at(2, 6), at(1, 9, { pipeline: 'b' }));
      expect((await storeAll()).stderr).toContain('3 windows stored');
      expect(await stored()).toEqual(['a 1 r0 x=5', 'a 2 r0 x=6', 'b 1 r0 x=9']);
      await bring(at(2, 7, { revision: 1 }), at(3, 1));
      expect((await storeAll()).stderr).toContain('2 windows stored');
      expect((await storeAll()).stderr).toContain('0 windows stored');
      expect(await stored()).toEqual(['a 1 r0 x=5', 'a 2 r1 x=7', 'a 3 r0 x=1', 'b 1 r0 x=9']);
    });

    test('stores live what comes, and ends well when it is asked to', async () => {
      const { bring, stored, flags } = await scenario();
      const sink = dashctl(['sink', ...flags]);
      onTestFinished(async () => void (await sink.stop('SIGKILL')));
      await sink.waitFor(/storing/);
      await bring(at(1, 5));
      await expect.poll(stored, { timeout: 20_000 }).toEqual(['a 1 r0 x=5']);
      expect(await sink.stop('SIGTERM'), sink.stderr()).toMatchObject({ code: 0 });
      expect(sink.stderr()).toContain('1 window stored');
    });

    test('a pipeline that is added later is read from its beginning, also from a topic that was read before', async () => {
      const { bring, storeAll, stored } = await scenario({ shared: true });
      await bring(at(1, 5));
      await bring(at(1, 9, { pipeline: 'b' }), at(2, 6));
      await storeAll('--pipeline', 'a');
      expect(await stored()).toEqual(['a 1 r0 x=5', 'a 2 r0 x=6']);
      await storeAll();
      expect(await stored()).toEqual(['a 1 r0 x=5', 'a 2 r0 x=6', 'b 1 r0 x=9']);
    });

    test('a topic that was made anew is read from its beginning, though it is longer than the one before', async () => {
      const { bring, storeAll, stored, topics, runWell } = await scenario();
      await bring(at(1, 5));
      await storeAll();
      await runWell('topics', 'delete', topics.a, '--yes');
      await runWell('topics', 'create', topics.a);
      await bring(at(2, 1), at(3, 2), at(4, 3));
      await storeAll();
      expect(await stored()).toEqual(['a 1 r0 x=5', 'a 2 r0 x=1', 'a 3 r0 x=2', 'a 4 r0 x=3']);
    });

    test('takes out windows that are older than they are kept, and keeps their sums', async () => {
      const { bring, storeAll, stored, store, flags } = await scenario();
      await bring(at(-7_200, 5), at(-7_199, 2), at(1, 6));
      await storeAll();
      const sink = dashctl(['sink', '--retain', '1h', '--log-level', 'debug', ...flags]);
      onTestFinished(async () => void (await sink.stop('SIGKILL')));
      await sink.waitFor(/took out 2 windows/);
      await sink.stop();
      expect(await stored()).toEqual(['a 1 r0 x=6']);
      const { stdout } = await runDashctl(['export', '--store', store, '--resolution', 'minute']);
      const sums = stdout
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => Number(row.split(',')[5]));
      expect(sums.reduce((sum, each) => sum + each, 0)).toBe(13);
    });
  });
});

test.each([
  [['sink', '--store', 'oracle:x'], 2, /^error: oracle:x is no store\n {2}hint: such as sqlite:/],
  [['sink', '--store', 'sqlite:'], 2, /^error: sqlite: names no file\n {2}hint: /],
  [['sink', '--store', 'postgres://me:secret@127.0.0.1:1'], 2, /names no database\n {2}hint: /],
  [
    ['sink', '--store', 'postgres://me:secret@127.0.0.1:1/x'],
    1,
    /cannot be reached.*\n {2}hint: is the database running/,
  ],
  [['sink', '--store', 'sqlite:nowhere/x.db'], 1, /folder does not exist\n {2}hint: make /],
  [['sink', '--store', 'sqlite:folder'], 1, /is a folder\n {2}hint: /],
  [['sink', '--store', 'sqlite:text'], 1, /is no SQLite database\n {2}hint: /],
  [['sink', '--retain', '1m'], 2, /windows are kept for 10m at least/],
  [['up', '--store', 'oracle:x'], 2, /is no store\n/],
  [['serve', '--read-only'], 2, /--read-only needs --store\n {2}hint: /],
  [['serve', '--store', 'sqlite:x.db', '--read-only'], 1, /x\.db does not exist\n {2}hint: /],
  [['serve', '--store', 'sqlite:x.db', '--read-only', '--retain', '1h'], 2, /exclude each other\n {2}hint: /],
  [['export', '--store', 'sqlite:x.db'], 1, /x\.db does not exist\n {2}hint: /],
  [['verify', 'cells.csv', '--store', 'sqlite:x.db'], 1, /x\.db does not exist\n {2}hint: /],
])('dashctl %j says what is wrong, and nothing of a password', async (args, status, message) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'text'), 'not a database, however long this text may be: '.repeat(100));
  writeFileSync(join(folder, 'cells.csv'), 'gender,cat_id,action,age_range,province\n0,1,2,3,4\n');
  const { code, stdout, stderr } = await runDashctl(args, { cwd: folder });
  expect([code, stdout.replace(/^cells\.csv.*\n/, '')], stderr).toEqual([status, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('secret');
  expect(stderr.trim().split('\n').length, stderr).toBeLessThanOrEqual(2);
});
