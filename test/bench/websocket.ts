import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { freePorts } from '../_support/broker-port.ts';
import type { Bench, Measurement } from './harness.ts';
import { listeningPages } from './listening-pages.ts';
import {
  absence,
  type CommandLine,
  dashctl,
  flaskPython,
  megabytesOf,
  peerScript,
  startBroker,
  startGroup,
} from './processes.ts';
import { sendWindows, type WindowSender, windowsPerSecond } from './send-windows.ts';
import { createTopic, deleteTopic } from './topics.ts';
import { quantile } from './window-arrivals.ts';

// DASHCTL_BENCH_SECONDS for a shorter run.
const seconds = Number(process.env.DASHCTL_BENCH_SECONDS ?? 20);
/** Not measured: code is compiled, heaps find their size. */
const warmUp = 4_000;
const [few, many] = [500, 2_000];
const topic = 'province_results';
/** About as much text as dashctl tells of a window of 34 provinces and their totals. */
const peerBytes = 1_400;

/** A server that tells pages of windows, and where. */
interface Told {
  address: string;
  pid: number | undefined;
  ended: Promise<never>;
  stop(): Promise<void>;
}

/** From a message's time, which the server puts in before it begins to send, to its arrival at every page. */
export const websocket: Bench = {
  name: 'websocket',
  title: `${windowsPerSecond} messages/s to each of many pages, ${seconds} s`,
  metrics: {
    p50: { unit: 'ms', better: 'less' },
    p99: { unit: 'ms', better: 'less' },
    'from record p50': { unit: 'ms', better: 'less' },
    'from record p99': { unit: 'ms', better: 'less' },
    memory: { unit: 'MB', better: 'less' },
    messages: { unit: '/s', better: 'more' },
    size: { unit: 'B', better: 'less' },
  },
  async prepare() {
    const broker = await startBroker();

    const measured = async (server: Told, speaks: 'plain' | 'engine.io', pages: number): Promise<Measurement> => {
      const listening = await Promise.race([listeningPages({ address: server.address, pages, speaks }), server.ended]);
      try {
        await delay(warmUp);
        const arrivals = await Promise.race([listening.measure(seconds * 1_000), server.ended]);
        const memory = megabytesOf(server.pid, 'VmHWM') ?? Number.NaN;
        return {
          p50: quantile(arrivals.delays, 0.5),
          p99: quantile(arrivals.delays, 0.99),
          ...(speaks === 'plain'
            ? {
                'from record p50': quantile(arrivals.windowDelays, 0.5),
                'from record p99': quantile(arrivals.windowDelays, 0.99),
              }
            : {}),
          memory,
          messages: arrivals.messages / seconds,
          size: arrivals.bytes,
        };
      } finally {
        await listening.stop();
      }
    };
    const ours = async (pages: number, isStalled = false): Promise<Measurement> => {
      await createTopic(broker.address, topic);
      const sender = await sendWindows(broker.address, topic);
      const server = await startServe(broker.address);
      const stalled = isStalled ? await stalledPage(server, sender) : undefined;
      try {
        const measurement = await measured(server, 'plain', pages);
        if (stalled && stalled.readyState !== WebSocket.OPEN)
          throw new Error('the page that reads nothing was cut off');
        return measurement;
      } finally {
        stalled?.terminate();
        await sender.stop();
        await server.stop();
        // What one run told is nothing to the next.
        await deleteTopic(broker.address, topic);
      }
    };
    const flask = async (): Promise<Measurement> => {
      const server = await startFlask();
      try {
        return await measured(server, 'engine.io', few);
      } finally {
        await server.stop();
      }
    };
    const names = {
      few: `dashctl, ${few} pages`,
      flask: `Flask-SocketIO, ${few} pages`,
      many: `dashctl, ${many.toLocaleString('en')} pages`,
      stalled: `dashctl, ${many.toLocaleString('en')} pages and one that reads nothing`,
    };
    const withoutFlask = absence('Flask-SocketIO', flaskPython);
    return {
      sides: [
        { name: names.few, run: () => ours(few) },
        ...(withoutFlask ? [] : [{ name: names.flask, run: flask }]),
        { name: names.many, run: () => ours(many) },
        { name: names.stalled, run: () => ours(many, true) },
      ],
      comparisons: [
        { ours: names.few, peer: names.flask },
        { ours: names.stalled, peer: names.many },
      ],
      skipped: withoutFlask ? [withoutFlask] : [],
      close: () => broker.stop(),
    };
  },
};

async function startServe(brokers: string): Promise<Told> {
  const [port = 0] = await freePorts(1);
  return await startTelling(
    [...dashctl, 'serve', '--pipeline', 'province', '--brokers', brokers, '--port', String(port)],
    port,
    '/ws',
  );
}

async function startFlask(): Promise<Told> {
  const [port = 0] = await freePorts(1);
  return await startTelling(
    [
      flaskPython,
      peerScript('serve-with-flask-socketio.py'),
      String(port),
      String(1 / windowsPerSecond),
      String(peerBytes),
    ],
    port,
    '/socket.io/?EIO=4&transport=websocket',
  );
}

async function startTelling(commandLine: CommandLine, port: number, path: string): Promise<Told> {
  const server = startGroup(commandLine);
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await Promise.race([answers(), server.ended]))) await delay(50);
  return { ...server, address: `ws://127.0.0.1:${port}${path}` };
}

/** A page that reads nothing, with all buffers between it and the server full, so that the server has passed it over. */
async function stalledPage(server: Told, sender: WindowSender): Promise<WebSocket> {
  const page = new WebSocket(server.address, { perMessageDeflate: false });
  await new Promise((resolve, reject) => page.once('message', resolve).once('error', reject));
  page.pause();
  await sender.flood();
  return page;
}
