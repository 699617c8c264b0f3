import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import type { WindowCount } from '../../src/records/window-count.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { memoryStore } from '../../src/store/memory.ts';
import { type AppOptions, createApp } from '../../src/web/app.ts';
import { createLive, type LiveOptions } from '../../src/web/live.ts';
import type { ServerMessage } from '../../src/web/messages.ts';

export const quiet = createLogger({ level: 'silent', format: 'json', color: false });

/** A web server over an empty memory store, with everything that a test may want to change. */
export async function webServer(more: Partial<AppOptions> & { liveOptions?: Partial<LiveOptions> } = {}) {
  const store = memoryStore();
  const pipelines = more.pipelines ?? builtInPipelines;
  const live = createLive({ store, pipelines, clock: systemClock, logger: quiet, ...more.liveOptions });
  const app = await createApp({ store, pipelines, live, pages: new Map(), logger: quiet, localOnly: true, ...more });
  return {
    app,
    live,
    store,
    /** Puts windows into the store and tells the pages, as the stage does. */
    async bring(...windows: WindowCount[]) {
      await store.put(windows);
      live.publish(windows);
    },
    async listen(port = 0) {
      await app.listen({ host: '127.0.0.1', port });
      return (app.server.address() as AddressInfo).port;
    },
  };
}

/** A page's end of the websocket: what it was told, one message after the other. */
export async function connectPage(port: number, headers: Record<string, string> = {}, query = '') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws${query}`, { headers });
  const received: ServerMessage[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data) => {
    received.push(JSON.parse(String(data)) as ServerMessage);
    for (const wake of waiting.splice(0)) wake();
  });
  await once(socket, 'open');
  return {
    socket,
    /** The next message, in the order in which they came. */
    async nextMessage(): Promise<ServerMessage> {
      for (;;) {
        const message = received.shift();
        if (message) return message;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    /** The next message of a type; those before it are passed over. */
    async next<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
      for (;;) {
        const message = received.shift();
        if (message?.type === type) return message as Extract<ServerMessage, { type: T }>;
        if (!message) await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
