import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../_support/broker-port.ts';
import { chromiumFlags, chromiumPath } from '../_support/chromium.ts';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';
import { type BigScreen, openBigScreen, type Range } from './_big-screen.ts';
import { brokers } from './_brokers.ts';
import { startNetwork } from './_network.ts';
import { servers } from './_stores.ts';

// How often everything is killed in turn. The chart that is compared in the end shows a quarter of an hour.
const rounds = Number(process.env.DASHCTL_ROUNDS ?? 1);
const roundSeconds = 90;
const rate = 300;
// More than are sent until it is stopped.
const rows = rate * roundSeconds * (rounds + 1);

const folder = folderOfSuite();
const file = join(folder, 'user_log.csv');
beforeAll(async () => {
  expect(await runDashctl(['generate', '--rows', String(rows), '--out', file])).toMatchObject({ code: 0 });
});

/** Something that can be killed, and comes back with what it had. */
interface Part {
  halt(): Promise<unknown>;
  start(): Promise<unknown>;
}

/** A stage in a process of its own. */
async function startStage(ready: RegExp, ...args: string[]): Promise<Part> {
  let stage: Dashctl;
  const start = async () => {
    stage = dashctl(args);
    await stage.waitFor(ready);
  };
  await start();
  onTestFinished(async () => void (await stage.stop('SIGKILL')));
  return { start, halt: () => stage.stop('SIGKILL') };
}

/** A browser in a process of its own. */
async function startBrowser(url: string) {
  const server = await chromium.launchServer({ executablePath: chromiumPath ?? '', args: chromiumFlags });
  onTestFinished(() => server.kill());
  const browser = await chromium.connect(server.wsEndpoint());
  return { open: (range: Range) => openBigScreen(browser, url, range), kill: () => server.kill() };
}

/** Broker, database and stages at work. With a `sink` it stores what the server shows, else the server does. */
async function startChain(name: string, startStore: (typeof servers)[number]['startStore'], withSink: boolean) {
  const broker = (await brokers[0]?.startBroker(join(folder, name))) ?? expect.fail();
  onTestFinished(async () => void (await broker.stop()));
  const database = await startStore(folder);
  onTestFinished(async () => void (await database.stop()));
  const [port = 0] = await freePorts(1);
  const kafka = ['--brokers', broker.address];
  const store = ['--store', database.location];
  const sink = withSink ? await startStage(/storing result/, 'sink', ...store, ...kafka) : undefined;
  const page = ['serve', '--port', String(port), ...(withSink ? ['--read-only'] : [])];
  const server = await startStage(/http:\S+/, ...page, ...store, ...kafka);
  await startStage(/counting gender/, 'aggregate', ...kafka);
  const network = await startNetwork(port);
  onTestFinished(network.halt);
  const produce = dashctl(['produce', file, '--rate', String(rate), ...kafka]);
  onTestFinished(async () => void (await produce.stop('SIGKILL')));
  return {
    ...{ broker, database, sink, server, network },
    url: `http://127.0.0.1:${port}/`,
    /** The same pages, through the network. */
    farUrl: `http://127.0.0.1:${network.port}/`,
    /** Ends the replay; proves that each row of it is counted and stored once, and gives the windows that are stored. */
    async prove() {
      await produce.stop();
      const [, sent = ''] = await produce.waitFor(/interrupted after (\d+) rows/);
      const verify = await runDashctl(['verify', file, '--limit', sent, '--wait', '1m', ...store, ...kafka]);
      expect(verify.code, verify.stderr).toBe(0);
      expect(verify.stdout.match(/^proved: .* = stored in [\d,]+ windows$/gm), verify.stdout).toHaveLength(5);
      const { stdout } = await runDashctl(['export', ...store, '--pipeline', 'gender', '--format', 'json']);
      return stdout
        .trim()
        .split('\n')
        .map((line): StoredWindow => JSON.parse(line));
    },
  };
}

interface StoredWindow {
  windowStart: number;
  windowEnd: number;
  counts: Record<string, number>;
}

/** The line of a value over windows: a point for each of them, and a break where the next does not follow. */
const lineOf = (windows: readonly StoredWindow[], key: string) =>
  windows.flatMap(({ windowStart, counts }, index): [number, number | null][] => {
    const before = windows[index - 1]?.windowEnd ?? windowStart;
    const point: [number, number] = [windowStart, counts[key] ?? 0];
    return before < windowStart ? [[before, null], point] : [point];
  });

async function expectShown(screen: BigScreen, windows: readonly StoredWindow[]) {
  for (const [kind, key] of [['female', '0'] as const, ['male', '1'] as const]) {
    const all = windows.reduce((sum, { counts }) => sum + (counts[key] ?? 0), 0);
    await screen.untilFigure(`total-${kind}`, all);
    await screen.untilFigure(`figure-${kind}`, windows.at(-1)?.counts[key] ?? 0);
  }
  expect(await screen.drawnLines()).toEqual({ female: lineOf(windows, '0'), male: lineOf(windows, '1') });
}

describe.each(servers)('the big screen, with $name behind it', ({ name, available, startStore }) => {
  const isAvailable = available && (chromiumPath !== undefined || process.env.CI !== undefined);

  test.skipIf(!isAvailable)(
    'comes back by itself, without a gap or a doubled point, whatever is killed',
    {
      timeout: (rounds + 1) * roundSeconds * 1_000,
    },
    async () => {
      const chain = await startChain(name, startStore, name === 'PostgreSQL');
      const browser = await startBrowser(chain.farUrl);
      const screen = await browser.open('quarter of an hour');
      const beside = await browser.open('all');
      let otherBrowser = await startBrowser(chain.url);
      let other = await otherBrowser.open('all');

      const kill = async ({ halt, start }: Part, condition: string) => {
        await halt();
        await screen.untilIs(condition);
        await start();
        await screen.untilLiveSince(Date.now());
      };
      for (let round = 0; round < rounds; round++) {
        await screen.untilIs('live');
        await kill(chain.server, 'reconnecting');
        await kill(chain.broker, 'stale');
        await kill(chain.database, 'stale');
        if (chain.sink) await kill(chain.sink, 'stale');

        // The server goes on meanwhile, so that it can tell what was missed.
        await chain.network.halt();
        await screen.untilIs('reconnecting');
        await other.untilLiveSince(Date.now() + 1_000);
        await chain.network.start();
        await screen.untilLiveSince(Date.now());

        await screen.page.context().setOffline(true);
        await screen.untilIs('stale');
        await screen.page.context().setOffline(false);
        await screen.untilLiveSince(Date.now());

        await other.untilLiveSince(Date.now());
        await screen.hide();
        await other.untilLiveSince(Date.now() + 3_000);
        await screen.show();
        await screen.untilLiveSince(Date.now());

        await otherBrowser.kill();
        otherBrowser = await startBrowser(chain.url);
        other = await otherBrowser.open('all');
        await other.untilLiveSince(Date.now());
      }

      const windows = await chain.prove();
      expect(windows.length, 'that is a chart').toBeGreaterThan(20);
      for (const each of [screen, beside, other]) {
        await expectShown(each, windows);
        expect(each.loads(), 'it was never loaded anew').toBe(1);
        expect(each.complaints()).toEqual([]);
      }
    },
  );
});
