import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestBroker } from '../_support/broker.ts';
import { compileJavaClients, javaClientsAreAvailable, startJavaClient } from '../_support/java.ts';
import { startKafka } from '../_support/kafka.ts';
import { folderOfSuite } from '../_support/temporary-folder.ts';

const words = ['click', 'cart', 'buy', 'favourite', '收藏'];
const wordsPerLine = 4;

// Streams commits what it read, what it wrote to the repartition topic, the changelog and the results in one transaction.
describe.skipIf(!javaClientsAreAvailable()).each([
  ['the embedded broker', () => startTestBroker()],
  ['Apache Kafka', () => startKafka()],
])('a word count of Kafka Streams, exactly once, on %s', (_name, start) => {
  const folder = folderOfSuite();
  let broker: { address: string; stop(): Promise<void> };
  let kafka: Kafka;
  let admin: Admin;
  let producer: Producer;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    [broker] = await Promise.all([start(), compileJavaClients(folder)]);
    kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await Promise.all([admin.connect(), producer.connect()]);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await Promise.all([admin?.disconnect(), producer?.disconnect()]);
    await broker?.stop();
  });

  /** Starts the word count with a state folder that nobody has used, as on a new machine. */
  function startWordCount(name: string, instance: string) {
    const child = startJavaClient(folder, 'WordCount', [
      ...[broker.address, name, join(folder, `${name}-${instance}`), `${name}-lines`, `${name}-counts`],
    ]);
    const exited = once(child, 'exit');
    const errors = text(child.stderr);
    let restored = 0;
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('restored: ')) restored += Number(line.slice('restored: '.length));
    });
    const end = async (signal: NodeJS.Signals) => {
      child.kill(signal);
      await exited;
    };
    closing.push(() => end('SIGKILL'));
    return {
      /** Counts that it took from its changelog so far. */
      restored: () => restored,
      end,
      /** Rejects when it ends by itself. */
      died: exited.then(async () => {
        if (child.signalCode !== 'SIGKILL') throw new Error(`the word count ended: ${await errors}`);
      }),
    };
  }

  /** Reads counts from a topic's start on; `until` resolves when there are so many. */
  async function readCounts(topic: string, readUncommitted: boolean) {
    const groupId = `reader-of-${topic}-${readUncommitted}`;
    const consumer = kafka.consumer({ groupId, readUncommitted, maxWaitTimeInMs: 500 });
    const counts = new Map<string, number[]>();
    const waiting = new Set<() => void>();
    let total = 0;
    await consumer.connect();
    closing.push(() => consumer.disconnect());
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message: { key, value } }) => {
        const ofWord = counts.get(String(key)) ?? [];
        ofWord.push(Number(value));
        counts.set(String(key), ofWord);
        total++;
        for (const check of waiting) check();
      },
    });
    const until = (least: number) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (total < least) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      });
    return { counts, until, total: () => total };
  }

  /** Writes lines in which the words take turns, a little ahead of what is counted, until it is stopped. */
  function keepWriting(topic: string, counted: (count: number) => Promise<void>) {
    let isStopped = false;
    let lines = 0;
    const wordsOf = (line: number) =>
      Array.from({ length: wordsPerLine }, (_, at) => words[(line * wordsPerLine + at) % words.length]);
    const written = (async () => {
      while (!isStopped) {
        const messages = Array.from({ length: 50 }, (_, index) => ({
          value: wordsOf(lines + index).join(' '),
          partition: index % 2,
        }));
        await producer.send({ topic, messages });
        lines += messages.length;
        await counted(lines * wordsPerLine - 4_000);
      }
      return lines * wordsPerLine;
    })();
    /** Gives how many words there are in all. */
    const stop = () => {
      isStopped = true;
      return written;
    };
    closing.push(async () => {
      isStopped = true;
    });
    return { stop };
  }

  test('killed twice amid its work, and started again without its state, it counts each word once', async () => {
    const topics = ['lines', 'counts'].map((each) => ({ topic: `killed-${each}`, numPartitions: 2 }));
    await admin.createTopics({ topics, waitForLeaders: true });
    const committed = await readCounts('killed-counts', false);
    const everything = await readCounts('killed-counts', true);
    const writer = keepWriting('killed-lines', committed.until);
    const restored: number[] = [];
    const atWork = async () => {
      await committed.until(committed.total() + 5_000);
      // What comes now is not committed yet.
      await everything.until(everything.total() + 500);
    };
    for (const instance of ['first', 'second']) {
      const wordCount = startWordCount('killed', instance);
      await Promise.race([atWork(), wordCount.died]);
      await wordCount.end('SIGKILL');
      restored.push(wordCount.restored());
    }
    const last = startWordCount('killed', 'last');
    await Promise.race([atWork(), last.died]);
    const total = await writer.stop();
    await Promise.race([committed.until(total), last.died]);
    await last.end('SIGTERM');
    restored.push(last.restored());

    // Readers have everything when they have what comes behind the last count.
    const ends = [0, 1].map((partition) => ({ key: 'end', value: '0', partition }));
    await producer.send({ topic: 'killed-counts', messages: ends });
    await Promise.all(
      [committed, everything].map(({ counts }) =>
        expect.poll(() => counts.get('end'), { timeout: 30_000 }).toHaveLength(2),
      ),
    );
    committed.counts.delete('end');
    const once = Array.from({ length: total / words.length }, (_, index) => index + 1);
    expect(committed.counts).toEqual(new Map(words.map((word) => [word, once])));
    // The kills did meet open transactions, and each new process did take the counts of the one before.
    expect(everything.total()).toBeGreaterThan(committed.total());
    expect(restored[0]).toBe(0);
    expect(restored[1]).toBeGreaterThan(0);
    expect(restored[2]).toBeGreaterThan(restored[1] ?? 0);
    const purged = await admin.fetchTopicOffsets('killed-words-repartition');
    expect(purged.every(({ low }) => Number(low) > 0)).toBe(true);
  }, 120_000);
});
