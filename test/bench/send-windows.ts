import { setTimeout as delay } from 'node:timers/promises';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { encodeWindowCount, type WindowCount } from '../../src/records/window-count.ts';
import { benchConnection } from './watch-topic.ts';

export const windowsPerSecond = 10;
const window = 1_000 / windowsPerSecond;
const keys = Array.from({ length: 34 }, (_, index) => `province-${index + 10}`);
/** More than kernels keep for a connection that nobody reads from. */
const floodBytes = 12_000_000;
const windowsAtOnce = 200;

/** Sends result records: one window of all provinces every 100 ms, its end the time of sending. */
export interface WindowSender {
  /** A message about such a window, as dashctl tells it. */
  likeUpdate(): unknown;
  /** Sends windows of long ago, as many and as fast as they can be told. */
  flood(): Promise<void>;
  stop(): Promise<void>;
}

const windowOf = (end: number): WindowCount => ({
  pipeline: 'province',
  start: end - window,
  end,
  revision: 0,
  lateDropped: 0,
  counts: new Map(keys.map((key, index) => [key, 10 + ((index * 7 + end / window) % 90)])),
});

export async function sendWindows(address: string, topic: string): Promise<WindowSender> {
  const sink = await topicSink({ connection: benchConnection(address) });
  const stop = new AbortController();
  const send = (windows: readonly WindowCount[]) =>
    sink.send(
      topic,
      windows.map((count) => encodeWindowCount(count)),
    );
  const sending = (async () => {
    for (let end = Math.ceil(Date.now() / window) * window; !stop.signal.aborted; end += window) {
      await delay(Math.max(0, end - Date.now()));
      await send([windowOf(end)]);
    }
  })();
  const likeUpdate = () => {
    const { start, end, revision, counts } = windowOf(Date.now());
    const totals = Object.fromEntries(counts.keys().map((key) => [key, 123_456]));
    return {
      type: 'update',
      sequence: 1_234,
      windows: { province: [{ start, end, revision, counts: Object.fromEntries(counts) }] },
      totals: { province: { counts: totals, windows: 1_234, lateDropped: 0 } },
      delay: 12,
    };
  };
  return {
    likeUpdate,
    async flood() {
      const bytes = JSON.stringify(likeUpdate()).length / 2;
      const first = Math.floor((Date.now() - 3_600_000 * (1 + Math.random() * 1_000)) / window) * window;
      for (let sent = 0; sent * bytes < floodBytes; sent += windowsAtOnce) {
        await send(Array.from({ length: windowsAtOnce }, (_, index) => windowOf(first + (sent + index) * window)));
        // Sent faster than they are told, they would be told as one snapshot.
        await delay(110);
      }
    },
    async stop() {
      stop.abort();
      await sending;
      await sink.close();
    },
  };
}
