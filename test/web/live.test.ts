import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { WindowStore } from '../../src/records/window-store.ts';
import { DashctlError } from '../../src/runtime/errors.ts';
import { memoryStore } from '../../src/store/memory.ts';
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

describe('a page that connects', () => {
  test('is told all that it needs to draw, then each change', async () => {
    const { port, bring, live } = await started();
    await bring(windowAt(1, { 0: 3, 1: 5 }), windowAt(2, { 0: 1 }, { lateDropped: 1 }));
    live.status({ rowsRead: 9 });
    const page = await connectPage(port);
    const snapshot = await page.next('snapshot');
    expect(snapshot).toMatchObject({
      version: 2,
      history: 900,
      windows: { gender: [{ start: 1_000, counts: { 0: 3, 1: 5 } }, { start: 2_000 }], age: [] },
      totals: { gender: { counts: { 0: 4, 1: 5 }, windows: 2, lateDropped: 1 } },
      status: { rowsRead: 9 },
    });
    expect(snapshot.pipelines.map(({ name }) => name)).toEqual(['gender', 'category', 'action', 'age', 'province']);
    await bring(windowAt(3, { 0: 2, 2: 7 }));
    let update = await page.next('update');
    while (!update.windows.gender?.some(({ start }) => start === 3_000)) update = await page.next('update');
    expect(update.windows.gender).toEqual([{ start: 3_000, end: 4_000, revision: 0, counts: { 0: 2, 2: 7 } }]);
    expect(update.totals.gender).toMatchObject({ counts: { 0: 6, 2: 7 }, windows: 3 });
  });

  test('while the database is away is told of nothing, and of everything when that is back', async () => {
    const memory = memoryStore();
    let isAway = true;
    const store: WindowStore = {
      ...memory,
      async totals(pipeline) {
        if (isAway) throw new DashctlError('STORE_UNREACHABLE', 'db cannot be reached');
        return await memory.totals(pipeline);
      },
    };
    await memory.put([windowAt(1, { 0: 3 })]);
    const { port, live } = await started({ store, liveOptions: { store } });
    const page = await connectPage(port);
    const answer = await fetch(`http://127.0.0.1:${port}/api/totals`);
    expect([answer.status, JSON.parse(await answer.text())]).toEqual([
      503,
      { error: 'the database does not answer', hint: 'it works again when the database does' },
    ]);
    live.publish([windowAt(1, { 0: 3 })]);
    isAway = false;
    live.status({ stored: 3 });
    const snapshot = await page.next('snapshot');
    expect(snapshot.totals.gender?.counts).toEqual({ 0: 3 });
  });

  test('is told a correction, and which key is gone', async () => {
    const { port, bring } = await started();
    const page = await connectPage(port);
    await page.next('snapshot');
    await bring(windowAt(1, { 0: 3, 1: 1 }));
    await page.next('update');
    await bring(windowAt(1, { 0: 4 }, { revision: 1 }));
    expect(await page.next('update')).toMatchObject({
      windows: { gender: [{ start: 1_000, revision: 1, counts: { 0: 4 } }] },
      totals: { gender: { counts: { 0: 4, 1: 0 }, windows: 1 } },
    });
  });

  test('counts its messages in sequence, so that a lost one is noticed', async () => {
    const { port, bring } = await started();
    const page = await connectPage(port);
    const { sequence } = await page.next('snapshot');
    await bring(windowAt(1, { 0: 1 }));
    expect((await page.next('update')).sequence).toBe(sequence + 1);
    await bring(windowAt(2, { 0: 1 }));
    expect((await page.next('update')).sequence).toBe(sequence + 2);
  });

  test('is told the status that the stages give together', async () => {
    const { port, live } = await started();
    const page = await connectPage(port);
    await page.next('snapshot');
    live.status({ rowsRead: 5, rejected: 1 });
    live.status({ stored: 4 });
    expect((await page.next('status')).status).toEqual({ rowsRead: 5, rejected: 1, stored: 4 });
  });

  test('gets a snapshot when it asks for one', async () => {
    const { port, bring } = await started();
    const page = await connectPage(port);
    await page.next('snapshot');
    await bring(windowAt(1, { 0: 8 }));
    await page.next('update');
    page.socket.send('nonsense');
    page.socket.send('{"type":"resume","stream":"another","sequence":0}');
    expect((await page.next('snapshot')).totals.gender?.counts).toEqual({ 0: 8 });
  });

  test('gets a bounded snapshot, with the newest window of a pipeline of very many keys', async () => {
    const { port, bring } = await started();
    const counts = Object.fromEntries(Array.from({ length: 4_000 }, (_, key) => [`c${key}`, 1]));
    await bring(
      windowAt(1, counts, { pipeline: 'category' }),
      windowAt(2, counts, { pipeline: 'category' }),
      windowAt(1, { 0: 1 }),
    );
    const { windows, totals } = await (await connectPage(port)).next('snapshot');
    expect(windows.category?.map(({ start }) => start)).toEqual([2_000]);
    expect(windows.gender).toHaveLength(1);
    expect(Object.keys(totals.category?.counts ?? {})).toHaveLength(4_000);
  });
});

describe('the hub', () => {
  test('gives a page that does not read a bounded buffer, and a fresh snapshot when it reads again', async () => {
    const maxBuffered = 50_000;
    const { port, bring, app } = await started({ liveOptions: { maxBuffered } });
    const slow = await connectPage(port);
    const attentive = await connectPage(port);
    await slow.next('snapshot');
    await attentive.next('snapshot');
    slow.socket.pause();
    const counts = Object.fromEntries(Array.from({ length: 5_000 }, (_, key) => [`category-${key}`, key]));
    const messageBytes = 200_000;
    let most = 0;
    let last = 0;
    // Until the kernel's own buffers are full and the server has passed the page over for a while.
    for (let second = 1, passedOver = 0; passedOver < 20; second++) {
      await bring(windowAt(second, counts, { pipeline: 'category' }), windowAt(second, { 0: second }));
      await attentive.next('update');
      const buffered = Math.max(...[...app.websocketServer.clients].map((client) => client.bufferedAmount));
      most = Math.max(most, buffered);
      last += second;
      if (buffered > maxBuffered) passedOver += 1;
    }
    expect(most).toBeLessThan(maxBuffered + 2 * messageBytes);
    slow.socket.resume();
    const snapshot = await slow.next('snapshot');
    expect(snapshot.totals.gender?.counts).toEqual({ 0: last });
  });

  test('turns away a page of another site, and lets programs in', async () => {
    const { port } = await started();
    await expect(connectPage(port, { origin: 'https://evil.example' })).rejects.toThrow('403');
    await expect(connectPage(port, { origin: 'null' })).rejects.toThrow('403');
    const page = await connectPage(port, { origin: `http://127.0.0.1:${port}` });
    expect((await page.next('snapshot')).type).toBe('snapshot');
  });

  test('closes a connection beyond the limit with "try again later"', async () => {
    const { port, live } = await started({ liveOptions: { maxClients: 1 } });
    const first = await connectPage(port);
    await first.next('snapshot');
    const second = await connectPage(port);
    const [code] = await once(second.socket, 'close');
    expect(code).toBe(1013);
    expect(live.clients).toBe(1);
  });

  test('forgets a page that has gone', async () => {
    const { port, live, app } = await started();
    const page = await connectPage(port);
    await page.next('snapshot');
    const [served] = app.websocketServer.clients;
    page.socket.close();
    if (served && served.readyState !== served.CLOSED) await once(served, 'close');
    expect(live.clients).toBe(0);
  });

  test('says that it goes away when the server stops', async () => {
    const { port, app } = await started();
    const page = await connectPage(port);
    await page.next('snapshot');
    const closed = once(page.socket, 'close');
    await app.close();
    expect((await closed)[0]).toBe(1001);
  });

  test('tells many windows at once as one snapshot', async () => {
    const { port, bring } = await started();
    const page = await connectPage(port);
    await page.next('snapshot');
    await bring(...Array.from({ length: 1_000 }, (_, second) => windowAt(second, { 0: 1 })));
    const snapshot = await page.next('snapshot');
    expect(snapshot.totals.gender?.counts).toEqual({ 0: 1_000 });
    expect(snapshot.windows.gender).toHaveLength(900);
  });
});
