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
/** What one of them takes in a message, at least. */
const windowBytes = 600;

/** Sends result records: one window of all provinces every 100 ms, its end the time of sending. */
export interface WindowSender {
  /** Sends windows of long ago and their corrections, as many and as fast as they can be told. */
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
  return {
    async flood() {
      const first = Math.floor((Date.now() - 3_600_000) / window) * window;
      const windows = Array.from({ length: windowsAtOnce }, (_, index) => windowOf(first + index * window));
      let sent = 0;
      for (let revision = 0; sent < floodBytes; revision += 1) {
        // The same windows again and again, so that the server has no more of them to keep.
        await send(windows.map((count) => ({ ...count, revision })));
        sent += windows.length * windowBytes;
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
