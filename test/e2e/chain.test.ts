import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../src/web/messages.ts';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { pythonIsAvailable, runPython } from '../_support/python.ts';
import { folderOfSuite, temporaryFolder } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');

type Totals = Record<string, Record<string, number>>;

/** Sums over windows of what `tail --json` has printed so far: a later record of a window replaces an earlier one. */
function sumWindows(lines: string): Record<string, number> {
  const windows = new Map<string, string>();
  for (const line of lines.split('\n').slice(0, -1)) {
    const { key, value }: { key: string; value: string } = JSON.parse(line);
    windows.set(key, value);
  }
  return sumValues(windows.values());
}

/** Sums of result values, which are the lab's: each a list of one-key objects. */
function sumValues(values: Iterable<string>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const value of values) {
    expect(value).toMatch(/^\[(\{"[^"]*":\d+\},?)+\]$/);
    const counts: Record<string, number>[] = JSON.parse(value);
    for (const [key, count] of counts.flatMap(Object.entries)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

const sumOf = (counts: Record<string, number> = {}) => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Listens to a page's websocket until the totals that it is told satisfy a condition. */
async function totalsOnPage(url: string, condition: (totals: Totals) => boolean): Promise<Totals> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const totals: Totals = {};
  try {
    for await (const [data] of on(socket)) {
      const message: ServerMessage = JSON.parse(String(data));
      if (message.type !== 'snapshot' && message.type !== 'update') continue;
      for (const [name, { counts }] of Object.entries(message.totals)) totals[name] = { ...totals[name], ...counts };
      if (condition(totals)) return totals;
    }
    throw new Error('the page was closed first');
  } finally {
    socket.close();
  }
}

async function* on(socket: WebSocket) {
  for (;;) yield await once(socket, 'message');
}

/** Starts a stage that is stopped with the test, and must then end well. */
function stage(...args: string[]): Dashctl {
  const running = dashctl(args);
  onTestFinished(async () => {
    expect((await running.stop()).code, running.stderr()).toBe(0);
  });
  return running;
}

describe.each(brokers)('separate processes on $name', ({ available, startBroker }) => {
  describe.skipIf(!available)('when it is installed', () => {
    const folder = folderOfSuite();
    let cluster: BrokerProcess;
    beforeAll(async () => {
      cluster = await startBroker(folder);
    });
    afterAll(async () => void (await cluster.stop()));

    test('give what awk counts: produce, aggregate, serve and tail', async () => {
      const brokers = ['--brokers', cluster.address];
      stage('aggregate', ...brokers);
      const [url] = await stage('serve', '--port', '0', ...brokers).waitFor(/http:\S+/);
      const tail = stage('tail', 'result', '-o', 'start', '--json', ...brokers);
      const page = totalsOnPage(url, (totals) =>
        Object.keys(userLogPositions).every((name) => sumOf(totals[name]) === 10_000),
      );
      expect(await runDashctl(['produce', sample, '--rate', 'max', ...brokers])).toMatchObject({ code: 0 });
      const totals = await page;
      for (const [name, position] of Object.entries(userLogPositions)) {
        expect(totals[name], name).toEqual(countWithAwk(sample, position));
      }
      await tail.until(() => sumOf(sumWindows(tail.stdout())) >= 10_000);
      expect(sumWindows(tail.stdout())).toEqual(countWithAwk(sample, userLogPositions.gender));
    });

    test('an aggregator that is stopped in mid-file and started again counts each record once', async () => {
      const [brokers, pipeline] = [
        ['--brokers', cluster.address],
        ['--pipeline', 'gender'],
      ];
      const before = await runDashctl(['tail', 'result', '-o', ':end', '--json', ...brokers]);
      const produce = dashctl(['produce', sample, '--rate', '4000', ...pipeline, ...brokers]);
      const tail = stage('tail', 'result', '-o', 'start', '--json', ...brokers);
      const seen = () => sumOf(sumWindows(tail.stdout())) - sumOf(sumWindows(before.stdout));
      const first = dashctl(['aggregate', ...pipeline, ...brokers]);
      await tail.until(() => seen() > 0);
      expect((await first.stop()).code, first.stderr()).toBe(0);
      stage('aggregate', ...pipeline, ...brokers);
      expect((await produce.ended).code).toBe(0);
      await tail.until(() => seen() >= 10_000);
      const revisions = tail
        .stdout()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ key, headers }) => `${key} revision ${headers.revision}`);
      expect(new Set(revisions).size, 'no revision of a window came out twice').toBe(revisions.length);
      expect(seen()).toBe(10_000);
    });

    test('a second aggregator stands by, says so, and takes over when the first stops', async () => {
      const title = { zh: '一对', en: 'Pair' };
      const topics = { topic: 'pair', resultTopic: 'pair_results' };
      const pipeline = { name: 'pair', title, column: 'action', ...topics, window: 1_000, labels: {}, unknown: [] };
      const config = join(temporaryFolder(), 'dashctl.json');
      writeFileSync(config, JSON.stringify({ pipelines: [pipeline], pipeline: 'pair', brokers: cluster.address }));
      const first = dashctl(['aggregate', '--config', config]);
      onTestFinished(async () => void (await first.stop()));
      const produce = () => runDashctl(['produce', sample, '--limit', '100', '--rate', 'max', '--config', config]);
      expect((await produce()).code).toBe(0);
      const tail = stage('tail', 'pair_results', '-o', 'start', '--json', '--config', config);
      const counted = () => sumOf(sumWindows(tail.stdout()));
      await tail.until(() => counted() === 100);
      const second = stage('aggregate', '--config', config);
      await second.waitFor(/standing by/);
      expect((await first.stop()).code, first.stderr()).toBe(0);
      expect((await produce()).code).toBe(0);
      await tail.until(() => counted() >= 200);
      expect(counted()).toBe(200);
    });

    test.skipIf(!pythonIsAvailable())("a producer and a consumer in the lab's own shape take part", async () => {
      const brokers = ['--brokers', cluster.address];
      stage('aggregate', '--pipeline', 'gender', ...brokers);
      const { stdout } = await runDashctl(['tail', 'result', '-o', ':end', ...brokers]);
      const lines = stdout.split('\n').length - 1;
      const windows: Record<string, string> = JSON.parse(await runPython(labProgram, [cluster.address, String(lines)]));
      expect(sumValues(Object.values(windows))).toEqual({ 0: 40, 1: 30, 2: 20 });
    });
  });
});

// What the lab's scripts do: a value per shopper in `sex`, and a list of counts per second from `result`.
const labProgram = `
import json, sys
from kafka import KafkaConsumer, KafkaProducer

address, seen = sys.argv[1], int(sys.argv[2])
consumer = KafkaConsumer('result', bootstrap_servers=address, auto_offset_reset='earliest', consumer_timeout_ms=60000)
producer = KafkaProducer(bootstrap_servers=address)
for value in ['0'] * 40 + ['1'] * 30 + ['2'] * 20:
    producer.send('sex', value.encode('utf8'))
producer.flush()
windows = {}
for message in consumer:
    seen -= 1
    if seen >= 0:
        continue
    windows[message.timestamp] = message.value.decode('utf8')
    if sum(sum(counts.values()) for text in windows.values() for counts in json.loads(text)) >= 90:
        break
print(json.dumps(windows))
`;

const kcatIsAvailable = process.env.CI !== undefined || spawnSync('kcat', ['-V']).status === 0;

test.skipIf(!kcatIsAvailable)('kcat produces to and reads from the embedded broker', async () => {
  const broker = dashctl(['broker', '--port', '0', '--data-dir', folderForKcat]);
  onTestFinished(async () => void (await broker.stop()));
  const [address] = await broker.waitFor(/127\.0\.0\.1:\d+/);
  const feed = spawn('kcat', ['-b', address, '-t', 'sex', '-P'], { stdio: ['pipe', 'ignore', 'inherit'] });
  feed.stdin.end('0\n1\n0\nNULL\n');
  expect(await once(feed, 'close')).toEqual([0, null]);
  const counted = await runDashctl(['aggregate', '--pipeline', 'gender', '--until-end', '--brokers', address]);
  expect(counted.code, counted.stderr).toBe(0);
  const { stdout } = spawnSync('kcat', ['-b', address, '-t', 'result', '-C', '-e', '-q', '-o', 'beginning'], {
    encoding: 'utf8',
  });
  expect(sumValues(stdout.trimEnd().split('\n'))).toEqual({ 0: 2, 1: 1, NULL: 1 });
});
const folderForKcat = folderOfSuite();
