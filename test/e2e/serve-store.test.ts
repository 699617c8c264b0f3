import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../src/web/messages.ts';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';
import { stores } from './_stores.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');
const folder = folderOfSuite();
const counted = countWithAwk(sample, userLogPositions.gender);

/** Listens to a page's websocket until it has heard enough. */
async function listen(url: string, isEnough: (message: ServerMessage) => boolean): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const enough = Promise.withResolvers<void>();
  socket.on('error', enough.reject).on('message', (data) => {
    if (isEnough(JSON.parse(String(data)))) enough.resolve();
  });
  await enough.promise.finally(() => socket.close());
}

/** Listens until what the page was told of the pipeline satisfies a condition. */
async function totalsOnPage(url: string, condition: (counts: Record<string, number>) => boolean) {
  let counts: Record<string, number> = {};
  await listen(url, (message) => {
    if (message.type !== 'snapshot' && message.type !== 'update') return false;
    counts = { ...counts, ...message.totals.gender?.counts };
    return condition(counts);
  });
  return counts;
}

const isWhole = (counts: Record<string, number>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0) >= 10_000;

const seriesOf = async (url: string): Promise<unknown[]> => {
  const { series } = JSON.parse(await (await fetch(`${url}/api/series?pipeline=gender`)).text());
  return series;
};

describe.each(stores)('serve with $name', ({ name, available, startStore }) => {
  describe.skipIf(!available)('when it is installed', () => {
    let cluster: BrokerProcess;
    let store: Awaited<ReturnType<typeof startStore>>;
    beforeAll(async () => {
      const [embedded] = brokers;
      cluster = (await embedded?.startBroker(join(folder, name))) ?? expect.fail();
      store = await startStore(folder);
    });
    afterAll(async () => {
      await cluster?.stop();
      await store?.stop();
    });

    const flags = () => ['--pipeline', 'gender', '--brokers', cluster.address];
    const begin = (...args: string[]): Dashctl => {
      const stage = dashctl([...args, ...flags()]);
      onTestFinished(async () => void (await stage.stop()));
      return stage;
    };
    const serve = async (...more: string[]) => {
      const stage = begin('serve', '--port', '0', '--store', store.location, ...more);
      const [url] = await stage.waitFor(/http:\S+/);
      return { stage, url };
    };

    test('pages have their history after a restart, though the topic is gone', async () => {
      expect((await runDashctl(['produce', sample, '--rate', 'max', ...flags()])).code).toBe(0);
      expect((await runDashctl(['aggregate', '--until-end', ...flags()])).code).toBe(0);
      const first = await serve();
      expect(await totalsOnPage(first.url, isWhole)).toEqual(counted);
      const series = await seriesOf(first.url);
      expect(series.length).toBeGreaterThan(0);
      expect((await first.stage.stop()).code, first.stage.stderr()).toBe(0);
      expect((await runDashctl(['topics', 'delete', 'result', '--yes', ...flags()])).code).toBe(0);
      const second = await serve();
      expect(await totalsOnPage(second.url, isWhole)).toEqual(counted);
      expect(await seriesOf(second.url)).toEqual(series);
    });

    test('with --read-only pages are told of what a sink stores, with its totals', async () => {
      expect((await runDashctl(['sink', '--until-end', '--store', store.location, ...flags()])).code).toBe(0);
      const reading = await serve('--read-only');
      const before = await totalsOnPage(reading.url, () => true);
      const whole = totalsOnPage(reading.url, (counts) => isWhole(counts) && counts[0] !== before[0]);
      const sink = begin('sink', '--store', store.location);
      await sink.waitFor(/storing result/);
      begin('aggregate');
      expect((await runDashctl(['produce', sample, '--rate', 'max', ...flags()])).code).toBe(0);
      const all = Object.entries(counted).map(([key, count]) => [key, (before[key] ?? 0) + count] as const);
      const told = await totalsOnPage(reading.url, (counts) => all.every(([key, count]) => counts[key] === count));
      expect(told).toEqual(Object.fromEntries(all));
      await whole;
      expect(reading.stage.stderr()).not.toMatch(/nobody stores/);
    });

    test('with --read-only it says when nobody stores what comes, and tells pages all the same', async () => {
      const reading = await serve('--read-only');
      const update = listen(reading.url, ({ type }) => type === 'update');
      begin('aggregate');
      expect((await runDashctl(['produce', sample, '--rate', 'max', '--limit', '50', ...flags()])).code).toBe(0);
      await reading.stage.waitFor(/windows come that nobody stores; is "dashctl sink" running with this --store\?/);
      await update;
    });
  });
});
