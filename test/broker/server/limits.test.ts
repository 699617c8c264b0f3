import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { fetch } from '../../../src/broker/apis/fetch.ts';
import { metadata } from '../../../src/broker/apis/metadata.ts';
import { produce } from '../../../src/broker/apis/produce.ts';
import { startTestBroker } from '../../_support/broker.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { makeBatch } from '../_batches.ts';
import { startBrokerProcess } from '../_broker-process.ts';
import { connectRaw, type RawClient, requestFrame } from '../_raw-client.ts';

const isServed = async (client: RawClient) => {
  const { brokers } = await client.call(metadata, 1, {
    topics: [],
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  return brokers.length === 1;
};

test('the connection beyond 2,000 is refused with a line, and one that leaves makes room', {
  timeout: 120_000,
}, async () => {
  const broker = await startTestBroker();
  onTestFinished(() => broker.stop());
  const clients: RawClient[] = [];
  while (clients.length < 2_000) {
    clients.push(...(await Promise.all(Array.from({ length: 100 }, () => connectRaw(broker.port)))));
  }
  const [first] = clients;
  const refused = await connectRaw(broker.port);
  await refused.closed;
  expect(broker.lines.map(({ msg }) => msg)).toContain('connection refused: there are 2000 already');
  const before = broker.stats().connections;
  first?.close();
  await expect.poll(() => broker.stats().connections, { timeout: 20_000 }).toBe(before - 1);
  const next = await connectRaw(broker.port);
  expect(await isServed(next)).toBe(true);
  for (const client of [...clients, next]) client.close();
});

const megabyte = 1024 * 1024;

/** A fetch that waits for a record of topic `t`, with so many bytes behind it that nobody asked for. */
function parkedFetch(bytes: number): Buffer {
  const frame = requestFrame(fetch, 11, 1, {
    replicaId: -1,
    maxWaitMs: 600_000,
    minBytes: 1,
    maxBytes: 1_000,
    isolationLevel: 0,
    sessionId: 0,
    topics: [{ topic: 't', topicId: null, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }],
    forgottenTopics: [],
    rackId: '',
  });
  const padded = Buffer.concat([frame, Buffer.alloc(bytes)]);
  padded.writeInt32BE(padded.length - 4, 0);
  return padded;
}

test.skipIf(process.platform !== 'linux')(
  'requests that wait hold no more memory than allowed, others are served, and all are answered in the end',
  { timeout: 120_000 },
  async () => {
    const broker = await startBrokerProcess(temporaryFolder());
    onTestFinished(() => broker.kill());
    const other = await connectRaw(broker.port);
    onTestFinished(() => other.close());
    await other.call(createTopics, 5, {
      topics: [{ name: 't', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 1_000,
      validateOnly: false,
    });
    const resident = () =>
      Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'))?.[1]) / 1_024;
    const before = resident();
    const client = await connectRaw(broker.port);
    onTestFinished(() => client.close());
    const count = 40;
    const frame = parkedFetch(10 * megabyte);
    for (let left = count; left > 0; left--) client.socket.write(frame);
    // What is left over stays with the sender: 64 MiB are taken, and what lies in the buffers of the sockets.
    let unsent = Number.POSITIVE_INFINITY;
    while (client.socket.writableLength < unsent) {
      unsent = client.socket.writableLength;
      for (let round = 0; round < 20; round++) expect(await isServed(other)).toBe(true);
    }
    expect(unsent).toBeGreaterThan((count - 15) * 10 * megabyte);
    expect(resident() - before).toBeLessThan(250);
    await other.call(produce, 7, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1_000,
      topics: [{ name: 't', partitions: [{ index: 0, records: makeBatch(['x']) }] }],
    });
    for (let left = count; left > 0; left--) await client.frame();
  },
);

test.skipIf(process.platform !== 'linux')(
  'of clients that never send the rest of large requests, those that hold most are let go, and others are served',
  { timeout: 120_000 },
  async () => {
    const broker = await startBrokerProcess(temporaryFolder());
    onTestFinished(() => broker.kill());
    const resident = () =>
      Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'))?.[1]) / 1_024;
    const before = resident();
    const other = await connectRaw(broker.port);
    onTestFinished(() => other.close());
    const begun = Buffer.alloc(60 * megabyte);
    begun.writeInt32BE(90 * megabyte);
    // Four fit in what all may hold together; each further one costs another its connection.
    const clients: RawClient[] = [];
    for (let count = 0; count < 8; count++) {
      const client = await connectRaw(broker.port);
      onTestFinished(() => client.close());
      clients.push(client);
      await new Promise<void>((resolve) => {
        client.socket.write(begun, () => resolve());
        void client.closed.then(() => resolve());
      });
      expect(await isServed(other)).toBe(true);
    }
    await expect.poll(() => clients.filter(({ socket }) => socket.destroyed).length, { timeout: 20_000 }).toBe(4);
    expect(resident() - before).toBeLessThan(500);
  },
);
