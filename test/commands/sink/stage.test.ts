import { describe, expect, test } from 'vitest';
import { runSink, type SinkOptions, type SinkProgress } from '../../../src/commands/sink/stage.ts';
import type { SourceBatch } from '../../../src/kafka/topic-source.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { encodeWindowCount, type WindowCount } from '../../../src/records/window-count.ts';
import type { WindowStore } from '../../../src/records/window-store.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { DashctlError } from '../../../src/runtime/errors.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { testConnection } from '../../kafka/_clusters.ts';
import { windowAt } from '../../store/_contract.ts';

const windowNumbered = (number: number) => windowAt(number, { 0: number });

/** Windows as records of a topic, from an offset on; more offsets follow that hold no records. */
function batchOf(offset: number, windows: readonly WindowCount[], { markers = 0, topic = 'result' } = {}): SourceBatch {
  const records = windows.map((window, index) => {
    const { key, value, timestamp, headers } = encodeWindowCount(window);
    return { offset: offset + index, timestamp, headers, key: Buffer.from(key ?? ''), value: Buffer.from(value) };
  });
  const nextOffset = offset + windows.length + markers;
  return {
    topic,
    partition: 0,
    records,
    nextOffset,
    highWatermark: nextOffset,
    readableEnd: nextOffset,
    caughtUp: true,
  };
}

/** A source that a test fills, and that says how often it was asked. */
function filledSource() {
  const batches: SourceBatch[] = [];
  let asked = 0;
  let ended = false;
  let wake = () => {};
  const source: AsyncIterable<SourceBatch> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        asked += 1;
        for (;;) {
          const value = batches.shift();
          if (value) return { value, done: false };
          if (ended) return { value: undefined, done: true };
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    }),
  };
  return {
    source,
    asked: () => asked,
    push(...more: SourceBatch[]) {
      batches.push(...more);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
  };
}

/** A memory store that notes what it is given, and may be away. */
function notedStore(failures: () => Error | undefined = () => undefined) {
  const puts: { windows: number; positions: Record<string, number> }[] = [];
  const memory = memoryStore();
  const store: WindowStore = {
    ...memory,
    async put(windows, positions = new Map()) {
      const failure = failures();
      if (failure) throw failure;
      puts.push({ windows: windows.length, positions: Object.fromEntries(positions) });
      await memory.put(windows, positions);
    },
  };
  return { store, puts };
}

const away = () => new DashctlError('STORE_UNREACHABLE', 'db cannot be reached', { hint: 'is the database running?' });

function sink(more: Partial<SinkOptions> & Pick<SinkOptions, 'store'>, signal = new AbortController().signal) {
  const { connection, lines, logged } = testConnection('nowhere');
  const progress: SinkProgress[] = [];
  const told = Promise.withResolvers<void>();
  const onProgress = (step: SinkProgress) => {
    progress.push({ ...step, positions: new Map(step.positions) });
    told.resolve();
  };
  const options = { connection, pipelines: builtInPipelines, logger: connection.logger, onProgress, ...more };
  return { running: runSink(options, signal), lines, logged, progress, told: told.promise };
}

describe('runSink', () => {
  test('stores windows together with the position after their last record', async () => {
    const input = filledSource();
    const { store, puts } = notedStore();
    input.push(batchOf(7, [windowNumbered(1), windowNumbered(2)], { markers: 1 }));
    input.end();
    const { windows } = await sink({ store, source: input.source }).running;
    expect(windows).toBe(2);
    expect(puts[0]).toEqual({ windows: 2, positions: { 'gender result/0': 9 } });
    expect((await store.totals('gender')).counts).toEqual(new Map([['0', 3]]));
    // The marker behind them is not worth a transaction of its own while windows come.
    expect(puts.at(-1)).toEqual({ windows: 0, positions: { 'gender result/0': 10 } });
  });

  test('tells how far it came only when that is stored', async () => {
    const input = filledSource();
    const stored = Promise.withResolvers<void>();
    const memory = memoryStore();
    const store: WindowStore = { ...memory, put: () => stored.promise };
    const { running, progress } = sink({ store, source: input.source });
    input.push(batchOf(0, [], { topic: 'age_results' }), batchOf(0, [windowNumbered(1)]));
    input.end();
    await expect.poll(() => progress.length).toBe(1);
    expect(progress[0]?.positions).toEqual(new Map([['age_results/0', 0]]));
    stored.resolve();
    await running;
    expect(progress.at(-1)?.positions.get('result/0')).toBe(1);
  });

  test('tells when the broker is lost, and when it is back', async () => {
    const input = filledSource();
    const { running, progress } = sink({ store: memoryStore(), source: input.source });
    const lost = { ...batchOf(0, []), caughtUp: false };
    input.push(batchOf(0, []), lost, { ...lost, partition: 1 }, batchOf(0, []), { ...batchOf(0, []), partition: 1 });
    input.end();
    await running;
    expect(progress.map(({ connected }) => connected)).toEqual([true, false, false, false, true]);
  });

  test('stores what comes in quick succession in few transactions', async () => {
    const input = filledSource();
    const { store, puts } = notedStore();
    input.push(...Array.from({ length: 1_000 }, (_, offset) => batchOf(offset, [windowNumbered(offset)])));
    input.end();
    await sink({ store, source: input.source }).running;
    expect(puts.reduce((sum, { windows }) => sum + windows, 0)).toBe(1_000);
    expect(puts.length).toBeLessThan(50);
  });

  test('stores at once what would be too much for one transaction together', async () => {
    const input = filledSource();
    const { store, puts } = notedStore();
    const windows = (from: number) => Array.from({ length: 4_096 }, (_, index) => windowNumbered(from + index));
    input.push(batchOf(0, [windowNumbered(0)]), batchOf(1, windows(1)), batchOf(4_097, windows(4_097)));
    input.end();
    await sink({ store, source: input.source }).running;
    expect(puts.map((put) => put.windows).filter(Boolean)).toEqual([1, 4_096, 4_096]);
  });

  test('waits for a database that is away, reads nothing meanwhile, says so once and loses nothing', async () => {
    const input = filledSource();
    let left = 5;
    const { store, puts } = notedStore(() => (left-- > 0 ? away() : undefined));
    const asked: number[] = [];
    const clock = { ...systemClock, sleepUntil: async () => void asked.push(input.asked()) };
    input.push(batchOf(0, [windowNumbered(1)]), batchOf(1, [windowNumbered(2)]));
    input.end();
    const { running, lines } = sink({ store, source: input.source, clock });
    await running;
    expect(asked.slice(0, 5), 'while it waits, the source is not asked').toEqual([1, 1, 1, 1, 1]);
    expect((await store.totals('gender')).counts).toEqual(new Map([['0', 3]]));
    expect(puts.at(-1)?.positions).toEqual({ 'gender result/0': 2 });
    expect(lines.filter((line) => line.includes('cannot be reached'))).toEqual([
      'db cannot be reached (is the database running?); waiting for it, nothing is lost meanwhile',
    ]);
    expect(lines.filter((line) => line.startsWith('the store is back'))).toHaveLength(1);
  });

  test('ends with what waiting does not help against', async () => {
    const input = filledSource();
    const { store } = notedStore(() => new DashctlError('DISK_FULL', 'no space left'));
    input.push(batchOf(0, [windowNumbered(1)]));
    await expect(sink({ store, source: input.source }).running).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  test('stores what it has read when it is stopped', async () => {
    const input = filledSource();
    const { store, puts } = notedStore();
    const stop = new AbortController();
    const { running, told } = sink({ store, source: input.source }, stop.signal);
    input.push(batchOf(0, [windowNumbered(1)]));
    await told;
    // Read, but not stored yet: something was a moment ago.
    input.push(batchOf(1, [windowNumbered(2)], { markers: 1 }));
    await expect.poll(() => input.asked()).toBe(3);
    stop.abort();
    input.end();
    await running;
    expect(puts.at(-1)?.positions).toEqual({ 'gender result/0': 3 });
    expect((await store.totals('gender')).counts).toEqual(new Map([['0', 3]]));
  });

  test('a stop does not wait for a database that is away, and says what is not stored', async () => {
    const input = filledSource();
    const { store, puts } = notedStore(away);
    const stop = new AbortController();
    const { running, logged } = sink({ store, source: input.source }, stop.signal);
    input.push(batchOf(0, [windowNumbered(1)]));
    await logged(/cannot be reached/);
    stop.abort();
    await running;
    await logged(/^windows that are not stored: 1; the next start reads them again$/);
    expect(puts).toEqual([]);
  });

  test('passes over what other pipelines put into the same topic', async () => {
    const input = filledSource();
    const { store, puts } = notedStore();
    const other = windowAt(1, { 1271: 9 }, { pipeline: 'category' });
    input.push(batchOf(0, [windowNumbered(1), other, windowNumbered(2)]));
    input.end();
    const pipelines = builtInPipelines.filter(({ name }) => name === 'gender');
    const { running, progress } = sink({ store, source: input.source, pipelines });
    await running;
    expect(await store.pipelines()).toEqual(['gender']);
    expect(puts[0]).toEqual({ windows: 2, positions: { 'gender result/0': 3 } });
    expect(progress.at(-1)?.unreadable).toBe(0);
  });
});
