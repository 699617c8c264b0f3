import { request } from 'node:http';
import { createServer } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { PageFlags } from '../../../src/commands/serve/page-flags.ts';
import { openServer, runServe } from '../../../src/commands/serve/stage.ts';
import type { SinkProgress } from '../../../src/commands/sink/stage.ts';
import type { SourceBatch, SourceRecord } from '../../../src/kafka/topic-source.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { encodeWindowCount, type ResultRecord } from '../../../src/records/window-count.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { type DashctlError, messageOf } from '../../../src/runtime/errors.ts';
import { createLogger } from '../../../src/runtime/logger.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { createLive } from '../../../src/web/live.ts';
import { windowAt } from '../../store/_contract.ts';
import { connectPage, quiet } from '../../web/_server.ts';

const record = (offset: number, { key, value, timestamp, headers }: ResultRecord): SourceRecord => ({
  offset,
  timestamp,
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers,
});
const batch = (records: SourceRecord[], more: Partial<SourceBatch> = {}): SourceBatch => {
  const nextOffset = (records.at(-1)?.offset ?? -1) + 1;
  const ends = { highWatermark: nextOffset, readableEnd: nextOffset };
  return { topic: 'result', partition: 0, records, nextOffset, ...ends, caughtUp: true, ...more };
};

/** Runs the stage over what a source yields, up to its end. */
async function serve(batches: SourceBatch[], pipelines = builtInPipelines) {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)).msg);
      done();
    },
  });
  const logger = createLogger({ level: 'info', format: 'json', color: false, destination });
  const store = memoryStore();
  const live = createLive({ store, pipelines, clock: systemClock, logger });
  const progress: SinkProgress[] = [];
  const clock = { ...systemClock, now: () => 10_000 };
  const source = (async function* () {
    yield* batches;
  })();
  const connection = { brokers: [], clientId: 'test', logger };
  const onProgress = (step: SinkProgress) => progress.push({ ...step, positions: new Map(step.positions) });
  await runServe(
    { connection, pipelines, store, live, logger, clock, source, onProgress },
    new AbortController().signal,
  );
  live.close();
  return { store, live, lines, progress };
}

describe('runServe', () => {
  test('stores each window once, in its latest revision, and tells the status', async () => {
    const { store, live, progress } = await serve([
      batch([
        record(0, encodeWindowCount(windowAt(1, { 0: 3, 1: 5 }))),
        record(1, encodeWindowCount(windowAt(2, { 0: 1 }))),
      ]),
      batch([record(2, encodeWindowCount(windowAt(1, { 0: 4, 1: 5 }, { revision: 1, lateDropped: 6 }), 'object'))], {
        highWatermark: 11,
        readableEnd: 9,
      }),
    ]);
    expect((await store.totals('gender')).counts).toEqual(new Map(Object.entries({ 0: 5, 1: 5 })));
    expect(live.currentStatus).toEqual({ stored: 10, late: 6, unreadable: 0 });
    expect(progress.at(-1)).toEqual({
      windows: 3,
      unreadable: 0,
      positions: new Map([['result/0', 3]]),
      lag: 6,
      connected: true,
      delay: 8_000,
      caughtUp: true,
    });
  });

  test('says while the broker of a partition is lost', async () => {
    const window = (offset: number) => record(offset, encodeWindowCount(windowAt(offset, { 0: 3 })));
    const lost = { nextOffset: 1, highWatermark: 1, readableEnd: 1, caughtUp: false };
    const { progress } = await serve([batch([window(0)]), batch([], lost), batch([window(1)])]);
    expect(progress.map(({ connected }) => connected).slice(0, 3)).toEqual([true, false, true]);
  });

  test('reads the records of the lab, which carry no headers', async () => {
    const lab = { key: null, value: '[{"0":3},{"1":5},{"2":1}]', timestamp: 12_345, headers: {} };
    const { store } = await serve([batch([record(0, lab)])]);
    expect(await store.series('gender')).toEqual([windowAt(12, { 0: 3, 1: 5, 2: 1 })]);
  });

  test('passes over what it cannot read, and names its place', async () => {
    const good = encodeWindowCount(windowAt(1, { 0: 3 }));
    const { store, lines, live } = await serve([
      batch([
        record(40, { ...good, value: 'hello' }),
        record(41, { ...good, value: '[{"0":-1}]' }),
        { ...record(42, good), value: null },
        record(43, good),
      ]),
    ]);
    expect((await store.totals('gender')).counts.get('0')).toBe(3);
    expect(lines).toEqual([
      'unreadable record in result/0 at offset 40: the value is not JSON',
      'unreadable record in result/0 at offset 41: the count of "0" is not a whole number',
      'unreadable record in result/0 at offset 42: it has no value',
    ]);
    expect(live.currentStatus.unreadable).toBe(3);
  });

  test('does not fill the log with a topic that holds something else', async () => {
    const junk = Array.from({ length: 1_000 }, (_, offset) =>
      record(offset, { key: null, value: 'x', timestamp: 0, headers: {} }),
    );
    const { lines, progress } = await serve([batch(junk)]);
    expect(lines).toHaveLength(21);
    expect(progress.at(-1)?.unreadable).toBe(1_000);
  });

  test('tells two pipelines of one result topic apart by what their records say', async () => {
    const shared = builtInPipelines.slice(0, 2).map((pipeline) => ({ ...pipeline, resultTopic: 'result' }));
    const { store } = await serve(
      [
        batch([
          record(0, encodeWindowCount(windowAt(1, { 0: 3 }))),
          record(1, encodeWindowCount(windowAt(1, { 1271: 9 }, { pipeline: 'category' }))),
        ]),
      ],
      shared,
    );
    expect((await store.totals('gender')).counts).toEqual(new Map([['0', 3]]));
    expect((await store.totals('category')).counts).toEqual(new Map([['1271', 9]]));
  });
});

describe('openServer', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const server of opened.splice(0)) await server.close();
  });
  const open = async (more: Partial<PageFlags> = {}) => {
    const options = { pipelines: builtInPipelines, store: memoryStore(), clock: systemClock, logger: quiet };
    const server = await openServer({ port: 0, host: '127.0.0.1', ...options, ...more });
    opened.push(server);
    return server;
  };

  test('says where it listens, and how many pages listen to it', async () => {
    const server = await open();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const page = await connectPage(Number(new URL(server.url).port));
    await page.next('snapshot');
    expect(server.clients).toBe(1);
  });

  test('names another port when its own is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(open({ port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `port ${port} is taken`,
      hint: expect.stringContaining(`--port ${port + 1}`),
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test('does not show itself to other machines unless told to', async () => {
    await expect(open({ host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--insecure'),
    });
    const server = await open({ host: '0.0.0.0', insecure: true });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  test('refuses an address that is not of this machine', async () => {
    await expect(open({ host: '192.0.2.1', insecure: true })).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('with a token shows itself to others as well, whatever they call this machine', async () => {
    const token = 'correct-horse-battery';
    const server = await open({ host: '0.0.0.0', token });
    const port = new URL(server.url).port;
    const headers = { host: 'wall.example', authorization: `Bearer ${token}` };
    const get = (own: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        request({ port, path: '/api/totals', headers: own }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect([await get(headers), await get({ host: 'wall.example' })]).toEqual([200, 401]);
  });

  test.each(['', 'qx7', 'two words', '令牌令牌令牌令牌'])(
    'takes %j for no token, and does not repeat it',
    async (token) => {
      const fault = await open({ token }).catch((error: unknown) => error);
      expect(fault).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('DASHCTL_TOKEN') });
      if (token !== '') expect(`${messageOf(fault)}${(fault as DashctlError).hint}`).not.toContain(token);
    },
  );
});
