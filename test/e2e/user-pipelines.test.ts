import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { type Dashctl, dashctl, runDashctl } from '../_support/dashctl.ts';
import { folderOfSuite, temporaryFolder } from '../_support/temporary-folder.ts';

const folder = folderOfSuite();
let broker: Dashctl;
let address: string;
beforeAll(async () => {
  broker = dashctl(['broker', '--port', '0', '--data-dir', folder]);
  [address] = await broker.waitFor(/127\.0\.0\.1:\d+/);
});
afterAll(async () => void (await broker.stop()));

/** Writes values to a topic as if they had been sent so long ago, in ms, one millisecond after the other. */
async function send(topic: string, values: (Buffer | string | null)[], ago = 10_000) {
  const connection = { brokers: [address], clientId: 'test', logger: pino({ level: 'silent' }) };
  await ensureTopics(connection, [topic]);
  const sink = await topicSink({ connection });
  const start = Date.now() - ago;
  await sink.send(
    topic,
    values.map((value, index) => ({ value, timestamp: start + index })),
  );
  await sink.close();
}

/** A folder whose dashctl.json names the broker and these pipelines, and a way to run commands there. */
function configured(pipelines: object[]) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'dashctl.json'), JSON.stringify({ brokers: address, pipelines }));
  return { cwd, run: (...args: string[]) => runDashctl(args, { cwd }) };
}

/** The counts of a result topic, all windows together: a later record of a window replaces an earlier one. */
async function resultsOf(topic: string): Promise<Record<string, number>> {
  const { stdout } = await runDashctl(['tail', topic, '-o', 'start:end', '--json', '--brokers', address]);
  const windows = new Map<string, string>();
  for (const line of stdout.split('\n').slice(0, -1)) {
    const { key, value }: { key: string; value: string } = JSON.parse(line);
    windows.set(key, value);
  }
  const sums: Record<string, number> = {};
  for (const value of windows.values()) {
    const counts: Record<string, number>[] = JSON.parse(value);
    for (const [key, count] of counts.flatMap(Object.entries)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

const order = (type: string, category: unknown, price: unknown = 20) =>
  JSON.stringify({ type, order: { items: [{ category, price }] } });

describe('a topic of JSON values', () => {
  const poison = [
    'no JSON',
    null,
    Buffer.from([0x7b, 0xff, 0x7d]),
    '{"type":"buy"}',
    order('buy', { id: 1 }),
    order('buy', 'x'.repeat(300)),
    `{"type":"buy","rest":"${'x'.repeat(800_000)}"}`,
  ];
  const good = [order('buy', '鞋子'), order('buy', 7), order('buy', null), order('buy', '鞋子', '11.5')];
  const leftOut = [order('click', 'hats'), order('buy', 'cheap', 10), '{}'];

  test('is counted by a field, values that cannot be are counted apart, and none stops the stage', async () => {
    await send('orders', [...poison, ...leftOut, ...good, ...poison]);
    const { run } = configured([
      {
        name: 'orders',
        topic: 'orders',
        field: 'order.items[0].category',
        where: [
          { field: 'type', equals: 'buy' },
          { field: 'order.items[0].price', greaterThan: 10 },
        ],
      },
    ]);
    const { code, stderr } = await run('aggregate', '--pipeline', 'orders', '--until-end');
    expect(code, stderr).toBe(0);
    expect(await resultsOf('orders_results')).toEqual({ 鞋子: 2, 7: 1, NULL: 1 });
    // Of the poison, two values have no price and are filtered out before their field is looked for.
    expect(stderr).toMatch(/21 records, \d windows, 0 late, 10 rejected, 7 filtered out/);
    expect(stderr).toMatch(/orders\/0 at offset 0 is not counted|the first in orders\/0 at offset 0: not JSON/);
    expect(stderr.match(/not counted/g)?.length, 'one line for all of them').toBeLessThanOrEqual(2);

    const again = await run('aggregate', '--pipeline', 'orders', '--until-end');
    expect(again.stderr, 'a second run finds nothing new').toMatch(/ 0 records, 0 windows, 0 late$/m);
  });

  test('is counted by several pipelines, each with a place of its own', async () => {
    await send('shop', [order('buy', 'a'), order('click', 'b'), order('click', 'a')], 600_000);
    const { run } = configured([
      { name: 'kinds', topic: 'shop', field: 'type', resultTopic: 'shop_kinds' },
      { name: 'bought', topic: 'shop', field: 'order.items[0].category', where: { field: 'type', equals: 'buy' } },
    ]);
    const count = async (names: string) => {
      // Nothing can be corrected: what has been counted once need not be read again by its own pipeline.
      const flags = ['--until-end', '--allowed-lateness', '0s'];
      const { code, stderr } = await run('aggregate', '--pipeline', names, ...flags);
      expect(code, stderr).toBe(0);
      return /(\d+ records), \d+ windows/.exec(stderr)?.[1];
    };
    expect(await count('kinds')).toBe('3 records');
    await send('shop', [order('click', 'c')], 400_000);
    expect(await count('kinds,bought'), 'the one goes on, the other begins').toBe('5 records');
    await send('shop', [order('buy', 'c')], 200_000);
    expect(await count('bought')).toBe('1 records');
    expect(await count('kinds,bought'), 'one had been left behind').toBe('1 records');
    expect(await resultsOf('shop_kinds')).toEqual({ buy: 2, click: 3 });
    expect(await resultsOf('shop_results')).toEqual({ a: 1, c: 1 });
  });

  test('is counted in windows that overlap, when its entry says so', async () => {
    await send('hops', ['{"type":"a"}', '{"type":"b"}', '{"type":"a"}']);
    const entry = { topic: 'hops', field: 'type', window: '4s' };
    const { run } = configured([
      { ...entry, name: 'hopping', resultTopic: 'hopping', slide: '2s' },
      { ...entry, name: 'so-far', resultTopic: 'so-far', step: '4s' },
    ]);
    const { code, stderr } = await run('aggregate', '--pipeline', 'hopping,so-far', '--until-end');
    expect(code, stderr).toBe(0);
    expect(await resultsOf('hopping'), 'each record is in two of them').toEqual({ a: 4, b: 2 });
    expect(await resultsOf('so-far')).toEqual({ a: 2, b: 1 });
  });

  test('of which nothing is counted does not hold back the place in it', async () => {
    const pipeline = { name: 'none', topic: 'none', field: 'type', where: { field: 'type', equals: 'refund' } };
    const { cwd, run } = configured([pipeline]);
    await send('none', [order('buy', 'a'), order('click', 'b'), 'poison']);
    const aggregate = dashctl(['aggregate', '--pipeline', 'none'], { cwd });
    onTestFinished(async () => void (await aggregate.stop()));
    await aggregate.waitFor(/none\/0 at offset 2 is not counted/);
    const lag = async () => {
      const { groups }: { groups: { lag: number }[] } = JSON.parse(
        (await run('topics', 'describe', 'none', '--json')).stdout,
      );
      return groups.map((group) => group.lag);
    };
    await expect.poll(lag, { timeout: 20_000 }).toEqual([0]);
  });

  test('is shown by serve while aggregate counts it', async () => {
    const { cwd } = configured([{ name: 'live', topic: 'live', field: 'type', title: 'Live orders' }]);
    const aggregate = dashctl(['aggregate', '--pipeline', 'live'], { cwd });
    const serve = dashctl(['serve', '--pipeline', 'live', '--port', '0'], { cwd });
    onTestFinished(async () => void (await Promise.all([aggregate.stop(), serve.stop()])));
    const [url] = await serve.waitFor(/http:\S+/);
    await send('live', [order('buy', 'a'), 'poison', order('click', 'b')]);
    await aggregate.waitFor(/live\/0 at offset 1 is not counted: not JSON/);
    await expect
      .poll(async () => (await fetch(`${url}/api/totals`)).json(), { timeout: 20_000 })
      .toMatchObject({ live: { counts: { buy: 1, click: 1 } } });
    const [info] = (await (await fetch(`${url}/api/pipelines`)).json()) as unknown[];
    expect(info).toMatchObject({
      name: 'live',
      title: { zh: 'Live orders' },
      topic: 'live',
      field: 'type',
      resultTopic: 'live_results',
    });
  });
});

test('a topic of texts is counted as it is, but for values that are too long or no UTF-8', async () => {
  await send('texts', ['a', Buffer.alloc(900_000, 0x61), Buffer.from([0xff]), null, 'a', '']);
  const { run } = configured([{ name: 'texts', topic: 'texts' }]);
  const { code, stderr } = await run('aggregate', '--pipeline', 'texts', '--until-end');
  expect(code, stderr).toBe(0);
  expect(await resultsOf('texts_results')).toEqual({ a: 2, NULL: 1, '': 1 });
  expect(stderr).toMatch(/6 records, \d windows, 0 late, 2 rejected$/m);
});

describe('a column of a CSV', () => {
  const csv = (cwd: string) =>
    writeFileSync(join(cwd, 'orders.csv'), 'status,city,note\npaid,a,x\nopen,b,y\npaid,c,z\npaid,,z\n');
  const paid = { name: 'paid', topic: 'paid', column: 'city', where: ['status=paid', 'note=x', 'note=z'] };

  test('is sent under the conditions of its pipeline, beside one that takes all rows', async () => {
    const { cwd, run } = configured([paid, { name: 'all', topic: 'cities', column: 'city' }]);
    csv(cwd);
    const { code, stderr } = await run('produce', 'orders.csv', '--pipeline', 'paid,all', '--rate', 'max');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('paid: 3 records of city');
    expect(stderr).toContain('cities: 4 records of city');
    const { stdout } = await run('tail', 'paid', '-o', ':end');
    expect(stdout).toBe('a\nc\n\n');
  });

  test('gives the totals of up --once, with values that are too long told apart', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'dashctl.json'), JSON.stringify({ pipelines: [paid, { name: 'topic', topic: 'other' }] }));
    writeFileSync(join(cwd, 'orders.csv'), `status,city,note\npaid,a,x\nopen,b,y\npaid,${'c'.repeat(300)},z\n`);
    const flags = ['--rate', 'max', '--once', '--port', '0', '--broker-port', '0'];
    const { code, stdout, stderr } = await runDashctl(['up', 'orders.csv', '--pipeline', 'paid,topic', ...flags], {
      cwd,
    });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 3,
      pipelines: { paid: { records: 2, late: 0, rejected: 1, totals: { a: 1 } } },
    });
  });

  test.each([
    ['produce', 'paid,live'],
    ['up', 'live'],
  ])('is asked for by %s when a pipeline without one is named', async (command, names) => {
    const { cwd, run } = configured([paid, { name: 'live', topic: 'live' }]);
    csv(cwd);
    const { code, stderr } = await run(command, 'orders.csv', '--pipeline', names);
    expect(stderr).toContain('no column of a CSV is sent for live');
    expect(code).toBe(2);
  });
});
