import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { deleteTopics } from '../../src/kafka/change-topics.ts';
import { describeTopics } from '../../src/kafka/describe-topics.ts';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { topicOffsets } from '../../src/kafka/topics.ts';
import { tumbling, type WindowShape } from '../../src/records/window-shape.ts';
import { aggregatorScript, type Counter } from '../_support/aggregator-script.ts';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { countSource, Results, sorted } from '../_support/result-topic.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';

// Whoever was killed has its seat until its session ends, after ten seconds. DASHCTL_KILLS=20 is the long form.
const kills = Number(process.env.DASHCTL_KILLS ?? 2);
const rate = 3_000;

const shapes: WindowShape[] = [
  { kind: 'tumbling', size: 10_000 },
  { kind: 'hopping', size: 10_000, slide: 1_000 },
  { kind: 'cumulative', size: 60_000, step: 1_000 },
];

type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** The windows of a shape, all of it made of whole seconds, from the counts of each second. */
function windowsOf(shape: WindowShape, seconds: Counts): Map<string, Map<string, number>> {
  const windows = new Map<string, Map<string, number>>();
  const due = new Set<string>();
  for (const [name, counts] of seconds) {
    const [start = 0, end = 0] = name.split('/').map(Number);
    const period = Math.floor(start / shape.size) * shape.size;
    const spacing = shape.kind === 'hopping' ? shape.slide : shape.kind === 'cumulative' ? shape.step : shape.size;
    const last = shape.kind === 'hopping' ? start + shape.size : period + shape.size;
    for (let at = shape.kind === 'tumbling' ? last : end; at <= last; at += spacing) {
      const key = `${shape.kind === 'cumulative' ? period : at - shape.size}/${at}`;
      const sums = windows.get(key) ?? new Map<string, number>();
      for (const [value, count] of counts) sums.set(value, (sums.get(value) ?? 0) + count);
      windows.set(key, sums);
      if (shape.kind !== 'cumulative' || at === end) due.add(key);
    }
  }
  return new Map([...windows].filter(([key]) => due.has(key)));
}

const restoredLine = /restored from \S+-changelog, (\d+) of (\d+) records/g;

describe.each(brokers)('aggregators of long windows on $name', ({ available, startBroker }) => {
  describe.skipIf(!available)('when it is installed', () => {
    const folder = folderOfSuite();
    const file = join(folder, 'user_log.csv');
    let cluster: BrokerProcess;
    beforeAll(async () => {
      cluster = await startBroker(folder);
      expect(await runDashctl(['generate', '--rows', '20000', '--out', file])).toMatchObject({ code: 0 });
    }, 120_000);
    afterAll(async () => void (await cluster.stop()));

    const connection = () => ({
      brokers: [cluster.address],
      logger: pino({ level: 'silent' }),
      clientId: 'check',
    });
    const stopAtEnd = (running: Dashctl) => {
      onTestFinished(async () => void (await running.stop('SIGKILL')));
      return running;
    };
    const begin = (counter: Omit<Counter, 'brokers'>) => {
      const options = JSON.stringify({ ...counter, brokers: [cluster.address] } satisfies Counter);
      return stopAtEnd(dashctl([aggregatorScript, options], { executable: process.execPath }));
    };
    const produce = (...flags: string[]) =>
      stopAtEnd(dashctl(['produce', file, '--pipeline', 'gender', '--brokers', cluster.address, ...flags]));
    const readResults = (topic: string) =>
      new Results(stopAtEnd(dashctl(['tail', topic, '-o', 'start', '--json', '--brokers', cluster.address])));
    const sourceRecords = async () =>
      (await topicOffsets(connection(), ['sex'])).reduce((sum, { high }) => sum + high, 0);

    test('bring each window out once per revision, and right, however often they are killed, and replay little', {
      timeout: 150_000 + kills * 40_000,
    }, async () => {
      const counters = shapes.map((shape) => ({
        groupId: `long-${shape.kind}`,
        resultTopic: `${shape.kind}_results`,
        shape,
        allowedLateness: 20_000,
        changelog: { most: rate * 2, interval: 500 },
      }));
      const running = counters.map(begin);
      const producer = produce('--rate', String(rate), '--loop');
      await Promise.all(running.map((aggregator) => aggregator.waitFor(/open windows are kept in long-\w+-gender-ch/)));
      const results = counters.map(({ resultTopic }) => readResults(resultTopic));
      await Promise.all(results.map((each) => each.more()));

      const replays: { replayed: number; needed: number }[] = [];
      const noteReplay = async (aggregator: Dashctl) => {
        await aggregator.waitFor(/restored from/);
        for (const [, replayed, needed] of aggregator.stderr().matchAll(restoredLine)) {
          replays.push({ replayed: Number(replayed), needed: Number(needed) });
        }
      };
      for (let kill = 0; kill < kills; kill++) {
        await delay(Math.random() * 1_500);
        await Promise.all(running.map((aggregator) => aggregator.stop('SIGKILL')));
        for (const [index, counter] of counters.entries()) running[index] = begin(counter);
        await Promise.all(running.map(noteReplay));
        await Promise.all(results.map((each) => each.more()));
      }
      // Those that count are frozen until others have taken over, then go on as if nothing had happened.
      const frozen = running.slice();
      for (const { process } of frozen) process.kill('SIGSTOP');
      await Promise.all(counters.map(begin).map(noteReplay));
      for (const { process } of frozen) process.kill('SIGCONT');
      await Promise.all(results.map((each) => each.more()));

      await producer.stop();
      const records = await sourceRecords();
      const seconds = await countSource(cluster.address, 'sex', records);
      for (const [index, shape] of shapes.entries()) {
        const expected = windowsOf(shape, seconds);
        const found = results[index];
        if (!found) throw new Error('no results');
        await found.until(() =>
          [...expected.keys()].every((key) => sumOf(found.windows.get(key)) === sumOf(expected.get(key))),
        );
        const revisions = found.all.map(({ key, headers }) => `${key} revision ${headers.revision}`);
        expect(new Set(revisions).size, 'a revision of a window came out twice').toBe(revisions.length);
        expect(found.late).toBe(0);
        expect(sorted(found.windows)).toEqual(sorted(expected));
      }
      expect(replays).toHaveLength(shapes.length * (kills + 1));
      // Commits without results come every five seconds.
      for (const { replayed } of replays) expect(replayed).toBeLessThan(rate * 7);
      expect(Math.max(...replays.map(({ needed }) => needed))).toBeGreaterThan(rate * 15);
      for (const { groupId } of counters) {
        const [changelog] = await describeTopics(connection(), [`${groupId}-gender-changelog`]);
        expect(changelog?.configs).toContainEqual({ name: 'cleanup.policy', value: 'compact', setBy: 'topic' });
      }
    });

    test('replay the records when the changelog is gone, or of other windows, and keep none for short ones', {
      timeout: 120_000,
    }, async () => {
      const counter = {
        groupId: 'lost',
        resultTopic: 'lost_results',
        shape: { kind: 'tumbling', size: 86_400_000 } as const,
        allowedLateness: 86_400_000,
        changelog: { most: 1_000, interval: 0 },
      };
      await produce('--rate', 'max', '--limit', '5000').ended;
      const first = begin(counter);
      await first.waitFor(/kept in lost-gender-changelog/);
      await first.stop();
      const again = begin(counter);
      await again.waitFor(/restored from lost-gender-changelog, 0 of [1-9]\d* records/);
      await again.stop();
      const other = begin({ ...counter, shape: { kind: 'tumbling', size: 43_200_000 } });
      await other.waitFor(/lost-gender-changelog is of other windows or another way to count; [1-9]\d* records are/);
      await other.waitFor(/kept in lost-gender-changelog/);
      await other.stop();
      await deleteTopics(connection(), ['lost-gender-changelog']);
      const without = begin({ ...counter, shape: { kind: 'tumbling', size: 43_200_000 } });
      await without.waitFor(/lost-gender-changelog is empty; [1-9]\d* records are replayed instead/);
      await without.stop();

      const records = await sourceRecords();
      const short = { ...counter, groupId: 'short', resultTopic: 'short_results', shape: tumbling(1_000) };
      const counting = begin({ ...short, changelog: { most: records, interval: 0 } });
      const results = readResults('short_results');
      await results.reach(records);
      await counting.stop();
      await expect(topicOffsets(connection(), ['short-gender-changelog'])).rejects.toMatchObject({
        code: 'TOPIC_UNKNOWN',
      });
    });

    test('clear the changelog when a restart needs few records again', { timeout: 90_000 }, async () => {
      const counter = {
        groupId: 'cleared',
        resultTopic: 'cleared_results',
        shape: tumbling(8_000),
        allowedLateness: 0,
        changelog: { most: 400, interval: 0 },
      };
      const counting = begin(counter);
      const producer = produce('--rate', '500', '--loop');
      await counting.waitFor(/open windows are kept in cleared-gender-changelog/);
      await counting.waitFor(/few records again, cleared-gender-changelog is cleared/);
      await readResults('cleared_results').more();
      await producer.stop();
      await counting.stop('SIGKILL');

      const stop = new AbortController();
      const held = new Map<string, string>();
      const topics = ['cleared-gender-changelog'];
      let cleared = false;
      for await (const batch of topicSource({
        connection: connection(),
        topics,
        from: 'earliest',
        signal: stop.signal,
      })) {
        for (const { key, value } of batch.records) {
          if (value === null) held.delete(String(key));
          else held.set(String(key), String(value));
          cleared ||= held.size === 0;
        }
        if (batch.caughtUp) stop.abort();
      }
      expect(cleared).toBe(true);
      expect((await topicOffsets(connection(), topics))[0]?.high).toBeGreaterThan(3);
    });
  });
});

const sumOf = (counts: ReadonlyMap<string, number> = new Map()) =>
  counts.values().reduce((sum, count) => sum + count, 0);
