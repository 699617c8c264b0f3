import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { memoryStore } from '../../../src/store/memory.ts';
import type { FeedState } from '../../../src/web/client/state/feed.ts';
import { type FeedSocket, feedSocket } from '../../../src/web/client/state/feed-socket.ts';
import { windowAt } from '../../store/_contract.ts';
import { webServer } from '../_server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server and a page that knows what that has told; `snapshots` counts how often the store was asked for all. */
async function connected() {
  const store = memoryStore();
  let snapshots = 0;
  const counted: typeof store = {
    ...store,
    series(pipeline, query) {
      if (pipeline === 'gender') snapshots += 1;
      return store.series(pipeline, query);
    },
  };
  const { app, live, listen } = await webServer({ store: counted, liveOptions: { store: counted, windowSpacing: 0 } });
  closing.push(() => app.close());
  const pageReturn = new EventTarget();
  const feed = feedSocket(new URL(`ws://127.0.0.1:${await listen()}/ws`), (listener) => {
    pageReturn.addEventListener('seen', listener);
    return () => pageReturn.removeEventListener('seen', listener);
  });
  closing.push(() => feed.close());
  await until(feed, ({ link }) => link.phase === 'open');
  return {
    feed,
    isSeen: () => pageReturn.dispatchEvent(new Event('seen')),
    snapshots: () => snapshots,
    async bring(second: number) {
      await store.put([windowAt(second, { 0: 1 })]);
      live.publish([windowAt(second, { 0: 1 })]);
    },
    /** The server's end of the connection. */
    served() {
      const [client] = app.websocketServer.clients;
      if (!client) throw new Error('no page is connected');
      return client;
    },
  };
}

function until(feed: FeedSocket, isSo: (state: FeedState) => boolean): Promise<FeedState> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo(feed.state())) return;
      stop();
      resolve(feed.state());
    };
    const stop = feed.subscribe(look);
    look();
  });
}
const seconds = (state: FeedState) => state.windows.get('gender')?.map(({ start }) => start / 1_000);
const has = (second: number) => (state: FeedState) => seconds(state)?.includes(second) === true;

describe('a page whose connection is lost', () => {
  test('shows what it knew, and is told only what it missed when it is back', async () => {
    const { feed, bring, served, snapshots } = await connected();
    await bring(1);
    await until(feed, has(1));
    served().terminate();
    const lost = await until(feed, ({ link }) => link.phase === 'waiting');
    expect(seconds(lost)).toEqual([1]);
    await bring(2);
    await bring(3);
    feed.reconnect();
    const back = await until(feed, (state) => state.link.phase === 'open' && has(3)(state));
    expect(seconds(back)).toEqual([1, 2, 3]);
    expect(snapshots()).toBe(1);
  });

  test('comes back by itself', async () => {
    const { feed, bring, served } = await connected();
    served().terminate();
    await until(feed, ({ link }) => link.phase === 'waiting');
    await bring(1);
    await until(feed, (state) => state.link.phase === 'open' && has(1)(state));
  });
});

describe('a page that is seen again', () => {
  test('asks what it missed and says how far it has come', async () => {
    const { feed, isSeen, bring, served, snapshots } = await connected();
    await bring(1);
    const { stream, sequence } = await until(feed, has(1));
    const asked = once(served(), 'message');
    isSeen();
    expect(JSON.parse(String((await asked)[0]))).toEqual({ type: 'resume', stream, sequence });
    await bring(2);
    expect(seconds(await until(feed, has(2)))).toEqual([1, 2]);
    expect(snapshots()).toBe(1);
  });

  test('does not wait for the next try when it was cut off', async () => {
    const { feed, isSeen, served } = await connected();
    served().terminate();
    await until(feed, ({ link }) => link.phase === 'waiting');
    isSeen();
    expect(feed.state().link.phase).toBe('connecting');
    await until(feed, ({ link }) => link.phase === 'open');
  });
});

test('a paused page stands still, counts what waits, and has it all afterwards', async () => {
  const { feed, bring, served } = await connected();
  await bring(1);
  await until(feed, has(1));
  feed.pause();
  await bring(2);
  await until(feed, ({ waiting }) => waiting === 1);
  served().terminate();
  await until(feed, ({ link }) => link.phase === 'waiting');
  await bring(3);
  feed.reconnect();
  const paused = await until(feed, ({ waiting }) => waiting === 2);
  expect(seconds(paused)).toEqual([1]);
  expect(paused.paused).toBe(true);
  feed.resume();
  expect(seconds(feed.state())).toEqual([1, 2, 3]);
  expect(feed.state()).toMatchObject({ paused: false, waiting: 0 });
});
