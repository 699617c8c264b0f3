import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { topicOffsets } from '../../src/kafka/topics.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type BrokerProcess, brokers } from './_brokers.ts';
import { servers, stores } from './_stores.ts';

const kills = Number(process.env.DASHCTL_KILLS ?? 12);
const rate = 2_000;
// More than the producer sends until it is stopped.
const rows = rate * (120 + kills * 5);
// Twenty windows a second of each pipeline, so that a kill nearly always comes while something is being stored.
const window = ['--window', '50ms'];

const [embedded] = brokers;
if (!embedded) throw new Error('there is no broker');
const folder = folderOfSuite();
const file = join(folder, 'user_log.csv');
let cluster: BrokerProcess;
beforeAll(async () => {
  expect(await runDashctl(['generate', '--rows', String(rows), '--out', file])).toMatchObject({ code: 0 });
});

/** A broker of the test's own, with an aggregator and a producer at work. */
async function begin(broker: string, ...more: string[]) {
  cluster = (await embedded?.startBroker(join(folder, broker))) ?? expect.fail();
  onTestFinished(async () => void (await cluster.stop()));
  const flags = ['--brokers', cluster.address];
  const running = (...args: string[]) => {
    const stage = dashctl([...args, ...flags]);
    onTestFinished(async () => void (await stage.stop('SIGKILL')));
    return stage;
  };
  const aggregate = running('aggregate', ...window);
  await aggregate.waitFor(/counting gender/);
  const produce = running('produce', file, '--rate', String(rate), ...more);
  return { flags, running, produce };
}

/** Sums of all that a store holds, by pipeline and value: kept beside the windows, so that they may be wrong alone. */
async function storedSums(location: string) {
  const { stdout } = await runDashctl(['export', '--store', location, '--resolution', 'hour', '--format', 'json']);
  const sums = new Map<string, number>();
  for (const line of stdout.trim().split('\n')) {
    const { pipeline, counts }: { pipeline: string; counts: Record<string, number> } = JSON.parse(line);
    const sum = Object.values(counts).reduce((all, each) => all + each, 0);
    sums.set(pipeline, (sums.get(pipeline) ?? 0) + sum);
  }
  return Object.fromEntries(sums);
}

/** Proves that each row is counted and stored exactly once. */
async function prove(location: string, flags: readonly string[]) {
  const connection = { brokers: [flags[1] ?? ''], logger: pino({ level: 'silent' }), clientId: 'check' };
  const sent = (await topicOffsets(connection, ['sex'])).reduce((sum, { high }) => sum + high, 0);
  const verify = ['verify', file, '--limit', String(sent), '--store', location, '--wait', '1m', ...window, ...flags];
  const { code, stdout, stderr } = await runDashctl(verify);
  expect(code, stderr).toBe(0);
  expect(stdout.match(/^proved: .* = stored in [\d,]+ windows$/gm)).toHaveLength(5);
  const all = { gender: sent, category: sent, action: sent, age: sent, province: sent };
  expect(await storedSums(location)).toEqual(all);
}

describe.each(stores)('sink into $name', ({ name, available, startStore }) => {
  describe.skipIf(!available)('when it is installed', () => {
    let store: Awaited<ReturnType<typeof startStore>>;
    beforeAll(async () => {
      store = await startStore(folder);
    });
    afterAll(async () => void (await store.stop()));

    test('stores each window exactly once, however often it is killed', {
      timeout: 120_000 + kills * 10_000,
    }, async () => {
      const { flags, running, produce } = await begin(name);
      let stored = 0;
      for (let kill = 0; kill < kills; kill++) {
        const sink = running('sink', '--store', store.location, '--log-level', 'debug');
        await sink.waitFor(/storing result/);
        await delay(Math.random() * 600);
        expect(await sink.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
        const { stdout } = await runDashctl(['export', '--store', store.location, '--pipeline', 'gender']);
        const lines = stdout.split('\n').length;
        expect(lines, 'what was stored stays').toBeGreaterThanOrEqual(stored);
        stored = lines;
      }
      expect(stored, 'there was time to store something').toBeGreaterThan(kills);
      const last = running('sink', '--store', store.location);
      await produce.stop();
      await prove(store.location, flags);
      expect(await last.stop(), last.stderr()).toMatchObject({ code: 0 });
    });
  });
});

describe.each(servers)('sink into $name', ({ name, available, startStore }) => {
  describe.skipIf(!available)('when it is installed', () => {
    test('waits while the database is away, and loses nothing', { timeout: 180_000 }, async () => {
      const store = await startStore(folder);
      onTestFinished(async () => void (await store.stop()));
      const { flags, running, produce } = await begin(`${name}-away`);
      const sink = running('sink', '--store', store.location);
      await sink.waitFor(/storing result/);
      for (let time = 0; time < 2; time++) {
        const before = sink.stderr().length;
        const said = (what: RegExp) => sink.until(() => what.test(sink.stderr().slice(before)));
        await store.halt();
        await said(/WARN.*; waiting for it, nothing is lost meanwhile/);
        await store.start();
        await said(/the store is back after/);
      }
      expect(sink.stderr().match(/waiting for it/g), 'it is said once each time').toHaveLength(2);
      await produce.stop();
      await prove(store.location, flags);
      // A stop does not wait for a database that is away.
      await store.halt();
      const more = running('produce', file, '--limit', '500', '--rate', 'max');
      expect((await more.ended).code).toBe(0);
      await sink.until(() => (sink.stderr().match(/waiting for it/g)?.length ?? 0) === 3);
      expect(await sink.stop(), sink.stderr()).toMatchObject({ code: 0 });
      expect(sink.stderr()).toMatch(/windows that are not stored: \d+; the next start reads them again/);
    });
  });
});
