import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerMessage } from '../../src/web/messages.ts';
import { windowAt } from '../store/_contract.ts';
import { connectPage, webServer } from './_server.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});
async function started(options: Parameters<typeof webServer>[0] = {}) {
  const server = await webServer(options);
  open.push(server.app);
  return { ...server, port: await server.listen() };
}

type Page = Awaited<ReturnType<typeof connectPage>>;
const comingFrom = (stream: string, sequence: number) => `?stream=${stream}&after=${sequence}`;
const leave = async (page: Page) => {
  page.socket.terminate();
  await once(page.socket, 'close');
};
/** All messages up to the heartbeat that ends an answer. */
async function answerOf(page: Page): Promise<ServerMessage[]> {
  const messages: ServerMessage[] = [];
  for (let last = ''; last !== 'heartbeat' && last !== 'snapshot'; ) {
    const message = await page.nextMessage();
    messages.push(message);
    last = message.type;
  }
  return messages;
}
const numbersOf = (messages: readonly ServerMessage[]) => messages.map(({ type, sequence }) => `${type} ${sequence}`);
const manyKeys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, key) => [`category-${key}`, key]));

describe('a page that comes back', () => {
  test('is told what it missed, each message once and in order, and then what comes', async () => {
    const { port, bring } = await started({ liveOptions: { windowSpacing: 0 } });
    const witness = await connectPage(port);
    const left = await connectPage(port);
    const { stream, sequence } = await left.next('snapshot');
    await bring(windowAt(1, { 0: 1 }));
    expect((await left.next('update')).sequence).toBe(sequence + 1);
    await leave(left);
    for (const second of [2, 3]) {
      await bring(windowAt(second, { 0: second }));
      while (!(await witness.next('update')).windows.gender?.some(({ start }) => start === second * 1_000));
    }
    const back = await connectPage(port, {}, comingFrom(stream, sequence + 1));
    const answer = await answerOf(back);
    expect(numbersOf(answer)).toEqual([
      `update ${sequence + 2}`,
      `update ${sequence + 3}`,
      `heartbeat ${sequence + 3}`,
    ]);
    expect(answer[1]).toMatchObject({ windows: { gender: [{ start: 3_000, counts: { 0: 3 } }] } });
    await bring(windowAt(4, { 0: 4 }));
    expect(numbersOf([await back.nextMessage()])).toEqual([`update ${sequence + 4}`]);
  });

  test('is told that it missed nothing', async () => {
    const { port } = await started();
    const page = await connectPage(port);
    const { stream, sequence } = await page.next('snapshot');
    page.socket.send(JSON.stringify({ type: 'resume', stream, sequence }));
    expect(numbersOf([await page.nextMessage()])).toEqual([`heartbeat ${sequence}`]);
  });

  test('gets a snapshot when it was another run of the server, and when it claims what was never told', async () => {
    const { port } = await started();
    const page = await connectPage(port);
    const { stream, sequence } = await page.next('snapshot');
    for (const query of [
      comingFrom('another', sequence),
      comingFrom(stream, sequence + 1),
      '?stream=&after=x',
      '?after=0',
    ]) {
      expect((await (await connectPage(port, {}, query)).nextMessage()).type).toBe('snapshot');
    }
  });

  test('gets a snapshot when what it missed is no longer kept', async () => {
    const { port, bring } = await started({ liveOptions: { windowSpacing: 0, maxKept: 500 } });
    const page = await connectPage(port);
    const { stream, sequence } = await page.next('snapshot');
    for (let second = 1; second <= 5; second++) {
      await bring(windowAt(second, { 0: 1 }));
      await page.next('update');
    }
    expect((await (await connectPage(port, {}, comingFrom(stream, sequence))).nextMessage()).type).toBe('snapshot');
    const near = await connectPage(port, {}, comingFrom(stream, sequence + 4));
    expect(numbersOf(await answerOf(near))).toEqual([`update ${sequence + 5}`, `heartbeat ${sequence + 5}`]);
  });

  test('gets a snapshot when that is less than what it missed', async () => {
    const { port, bring } = await started({ liveOptions: { windowSpacing: 0 } });
    const page = await connectPage(port);
    const { stream, sequence } = await page.next('snapshot');
    for (let second = 1; second <= 5; second++) {
      await bring(windowAt(second, manyKeys(5_000), { pipeline: 'category' }));
      await page.next('update');
    }
    const back = await connectPage(port, {}, comingFrom(stream, sequence));
    expect((await back.nextMessage()).type).toBe('snapshot');
  });

  test('gets a snapshot when something came that no message tells', async () => {
    const { port, bring } = await started();
    const page = await connectPage(port);
    const { stream, sequence } = await page.next('snapshot');
    await bring(...Array.from({ length: 1_000 }, (_, second) => windowAt(second, { 0: 1 })));
    await page.next('snapshot');
    const snapshot = await (await connectPage(port, {}, comingFrom(stream, sequence))).next('snapshot');
    expect(snapshot.totals.gender?.counts).toEqual({ 0: 1_000 });
  });

  test('waits a second for an answer when it asks again and again', async () => {
    const { port } = await started();
    const page = await connectPage(port);
    const { stream, sequence } = await page.next('snapshot');
    const start = performance.now();
    for (let asked = 0; asked < 3; asked++) {
      page.socket.send(JSON.stringify({ type: 'resume', stream, sequence }));
      await page.next('heartbeat');
    }
    expect(performance.now() - start).toBeGreaterThan(1_900);
  });
});

test('a page that reads too slowly is told later what it missed, and the others meanwhile', async () => {
  const maxBuffered = 100_000;
  const { port, bring, app } = await started({ liveOptions: { maxBuffered, windowSpacing: 0 } });
  const slow = await connectPage(port);
  const attentive = await connectPage(port);
  let { sequence } = await slow.next('snapshot');
  await attentive.next('snapshot');
  slow.socket.pause();
  const buffered = () => Math.max(...[...app.websocketServer.clients].map((client) => client.bufferedAmount));
  let second = 0;
  const bringOne = async (keys: number) => {
    second += 1;
    await bring(windowAt(second, manyKeys(keys), { pipeline: 'category' }));
    await attentive.next('update');
  };
  while (buffered() <= maxBuffered) await bringOne(2_000);
  // It is passed over from here on.
  await bringOne(1);
  await bringOne(1);
  slow.socket.resume();
  for (let told = 1; told <= second; told++) {
    const message = await slow.nextMessage();
    expect(message.type).toBe('update');
    expect(message.sequence).toBe(sequence + 1);
    sequence = message.sequence;
  }
});

test('a page hears now and then that the server is there, and is asked whether it is', async () => {
  const { port } = await started({ liveOptions: { heartbeatInterval: 100 } });
  const page = await connectPage(port);
  const asked = once(page.socket, 'ping');
  const { sequence } = await page.next('snapshot');
  expect((await page.next('heartbeat')).sequence).toBe(sequence);
  await asked;
});
