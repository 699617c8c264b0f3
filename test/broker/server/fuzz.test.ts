import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { metadata } from '../../../src/broker/apis/metadata.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { type BrokerProcess, startBrokerProcess } from '../_broker-process.ts';
import { connectRaw, type RawClient } from '../_raw-client.ts';
import { frameCorpus, mutate, noise, randomFrom } from './_random-frames.ts';

// DASHCTL_FUZZ=1000000 is the long form; DASHCTL_FUZZ_SEED repeats a run that failed.
const frameCount = Number(process.env.DASHCTL_FUZZ ?? 20_000);
const seed = Number(process.env.DASHCTL_FUZZ_SEED ?? 1);
const connectionsAtOnce = 8;

let broker: BrokerProcess;
let client: RawClient;
beforeEach(async () => {
  broker = await startBrokerProcess(temporaryFolder());
  client = await connectRaw(broker.port);
  await client.call(createTopics, 5, {
    topics: [{ name: 'fuzzed', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1_000,
    validateOnly: false,
  });
});
afterEach(async () => {
  client.close();
  await broker.kill();
});

const isServed = async (by = client) => {
  const { brokers } = await by.call(metadata, 12, {
    topics: [],
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  expect(brokers).toHaveLength(1);
};

const residentMegabytes = () =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'))?.[1]) / 1_024;

/** Sends all of it on a connection of its own and leaves; resolves when the broker has let go of it too. */
async function throwAt(port: number, bytes: Buffer): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined).resume();
  const closed = once(socket, 'close').catch(() => undefined);
  socket.end(bytes);
  await closed;
}

test(`${frameCount} random and broken frames leave the broker alive, small, and serving others`, {
  timeout: 60_000 + frameCount * 3,
}, async () => {
  const corpus = frameCorpus(seed, 6);
  const random = randomFrom(seed);
  const any = () => corpus[random(corpus.length)] ?? Buffer.alloc(0);
  let sent = 0;
  let rounds = 0;
  const throwAll = async () => {
    while (sent < frameCount && broker.isAlive()) {
      // What follows the rules comes first: behind a frame that is broken none is looked at.
      const frames = Array.from({ length: random(4) }, any);
      frames.push(random(8) === 0 ? noise(random, 4 + random(60)) : mutate(any(), random));
      sent += frames.length;
      await throwAt(broker.port, Buffer.concat(frames));
      if (++rounds % 250 === 0) await isServed();
    }
  };
  await Promise.all(Array.from({ length: connectionsAtOnce }, throwAll));
  expect(broker.isAlive(), `seed ${seed}`).toBe(true);
  expect(broker.failures, `seed ${seed}`).toEqual([]);
  await isServed();
  expect(residentMegabytes(), `seed ${seed}`).toBeLessThan(500);
});

test('1,000 connections that say nothing cost little, and another one is served', async () => {
  const before = residentMegabytes();
  const idle = await Promise.all(Array.from({ length: 1_000 }, () => connectRaw(broker.port)));
  await isServed();
  const next = await connectRaw(broker.port);
  await isServed(next);
  next.close();
  expect(residentMegabytes() - before).toBeLessThan(100);
  expect(idle.filter(({ socket }) => socket.destroyed)).toEqual([]);
  for (const connection of idle) connection.close();
});
