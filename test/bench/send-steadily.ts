import { setTimeout as delay } from 'node:timers/promises';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { benchConnection } from './watch-topic.ts';

const values = ['0', '1', '2'];
/** Records are sent this often in ms, or one by one where that is rarer. */
const beat = 10;

/** Sends so many records a second, their timestamp the time of sending, until it is stopped. */
export async function sendSteadily(address: string, topic: string, recordsPerSecond: number) {
  const sink = await topicSink({ connection: benchConnection(address) });
  const stop = new AbortController();
  const sent = new Map<number, number>();
  const sending = (async () => {
    const start = Date.now();
    const sends = new Set<Promise<void>>();
    for (let done = 0; !stop.signal.aborted; ) {
      const now = Date.now();
      const due = Math.floor(((now - start) * recordsPerSecond) / 1_000) - done;
      if (due > 0) {
        const records = Array.from({ length: due }, (_, index) => ({
          value: values[(done + index) % values.length] ?? null,
          timestamp: now,
        }));
        const window = Math.floor(now / 1_000) * 1_000;
        sent.set(window, (sent.get(window) ?? 0) + due);
        const send = sink.send(topic, records).finally(() => sends.delete(send));
        sends.add(send);
        done += due;
      }
      await delay(Math.max(beat, 1_000 / recordsPerSecond));
    }
    await Promise.all(sends);
  })();
  return {
    /** How many have been sent in the second that begins there. */
    sentIn: (window: number) => sent.get(window) ?? 0,
    async stop() {
      stop.abort();
      await sending;
      await sink.close();
    },
  };
}
