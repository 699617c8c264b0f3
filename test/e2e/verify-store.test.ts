import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { type Cluster, freshTopic, startEmbedded, testConnection } from '../kafka/_clusters.ts';

// The start of a minute that has long been over.
const base = Math.floor(Date.now() / 60_000) * 60_000 - 7_200_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startEmbedded();
});
afterAll(() => cluster?.stop());

/** Three windows of a pipeline that are counted and stored: 0 and 1, twice 1, and ten minutes later 2. */
async function scenario() {
  const folder = temporaryFolder();
  const topic = freshTopic('verify-store');
  const { connection } = testConnection(cluster.address);
  await ensureTopics(connection, [topic]);
  const csv = join(folder, 'cells.csv');
  writeFileSync(csv, 'cell\n0\n1\n1\n1\n2\n');
  const file = join(folder, 'windows.sqlite');
  const config = join(folder, 'dashctl.json');
  const pipelines = [{ name: 'cell', column: 'cell', topic }];
  const store = `sqlite:${file}`;
  writeFileSync(config, JSON.stringify({ brokers: cluster.address, pipelines, pipeline: 'cell', group: topic, store }));
  const run = (...args: string[]) => runDashctl([...args, '--config', config]);
  const runWell = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const sink = await topicSink({ connection });
  const send = (time: number, ...values: string[]) =>
    sink.send(
      topic,
      values.map((value) => ({ value, timestamp: time })),
    );
  await send(base + 1_000, '0', '1');
  await send(base + 2_000, '1', '1');
  await send(base + 600_000, '2');
  await sink.close();
  await runWell('aggregate', '--until-end');
  await runWell('sink', '--until-end');
  const keyOf = (start: number) => `${base + start}/${base + start + 1_000}`;
  return {
    ...{ topic, config, keyOf, runWell },
    verify: (...more: string[]) => run('verify', csv, '--wait', '0s', ...more),
    async document() {
      const { stdout } = await run('verify', csv, '--wait', '0s', '--json');
      return JSON.parse(stdout).pipelines[0];
    },
    /** Changes what is stored, behind the back of whoever keeps it. */
    tamper(sql: string) {
      const database = new DatabaseSync(file);
      database.exec(sql);
      database.close();
    },
  };
}

test('the store has a column of its own, and is part of the proof', async () => {
  const { verify, document } = await scenario();
  const { code, stdout, stderr } = await verify();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^VALUE +CSV +SOURCE +WINDOWS +STORED +DIFFERENCE$/m);
  expect(stdout).toMatch(/^total +5 +5 +5 +5 +-$/m);
  expect(stdout).toMatch(/^proved: 5 rows = 5 records .* = 5 records in 3 windows of \S+ = stored in 3 windows$/m);
  expect(await document()).toMatchObject({
    proved: true,
    totals: { windows: 5, stored: 5, difference: { stored: 0 } },
    stored: { windows: 3, rolledUp: 0, unchecked: 0, differing: 0, differences: [] },
  });
});

test('a window that is not stored is named, and its minute does not make up for it', async () => {
  const { topic, keyOf, tamper, verify, document } = await scenario();
  const window = `window_start = ${base + 2_000}`;
  tamper(`delete from dashctl_counts where ${window}; delete from dashctl_windows where ${window};
    update dashctl_sums set records = records - 2 where span_start = ${base} and span = 60000 and records = 3`);
  const { code, stdout, stderr } = await verify();
  expect(code).toBe(1);
  expect(stderr).toBe(
    `error: cell: window ${keyOf(2_000)} of ${topic}_results is not stored\n  hint: is "dashctl sink" running? --wait gives it more time\n`,
  );
  expect(stdout).toMatch(/^1 +3 +3 +3 +1 +stored −2$/m);
  expect(stdout).toContain(`first difference of the store, of 1: ${new Date(base + 2_000).toISOString()} to `);
  expect(await document()).toMatchObject({
    proved: false,
    stored: { differing: 1, differences: [{ kind: 'missing', key: keyOf(2_000), counted: { 1: 2 }, stored: null }] },
  });
});

test('a wrong count is found', async () => {
  const { topic, keyOf, tamper, verify } = await scenario();
  tamper(`update dashctl_counts set records = 3 where window_start = ${base + 2_000}`);
  const { code, stdout, stderr } = await verify();
  expect(code).toBe(1);
  expect(stderr).toContain(`window ${keyOf(2_000)} is stored with 3 of "1", ${topic}_results has 2\n`);
  expect(stdout).toContain('  "1"  stored 3, result 2\n');
});

test('windows that were pruned are compared as sums of their minute', async () => {
  const { config, tamper, topic, verify } = await scenario();
  const sink = dashctl(['sink', '--retain', '115m', '--log-level', 'debug', '--config', config]);
  onTestFinished(async () => void (await sink.stop()));
  await sink.waitFor(/took out 2 windows/);
  const proof = await verify();
  expect(proof.code, proof.stderr).toBe(0);
  expect(proof.stdout).toMatch(/ = stored in 1 window and 2 windows as sums per minute$/m);
  tamper(`update dashctl_sums set records = 4 where span_start = ${base} and span = 60000 and records = 3`);
  const { code, stderr } = await verify();
  expect(code).toBe(1);
  expect(stderr).toContain(
    `the minute ${new Date(base).toISOString()}, whose windows were pruned, is stored with 4 of "1", ${topic}_results has 3\n`,
  );
});

test('a store that is behind is waited for', async () => {
  const { config, runWell, tamper } = await scenario();
  tamper(
    'delete from dashctl_counts; delete from dashctl_windows; delete from dashctl_sums; delete from dashctl_positions',
  );
  const verify = dashctl(['verify', join(config, '..', 'cells.csv'), '--wait', '10m', '--config', config]);
  await verify.waitFor(/cells\.csv: 5 rows/);
  await runWell('sink', '--until-end');
  expect(await verify.ended, verify.stderr()).toMatchObject({ code: 0 });
});
