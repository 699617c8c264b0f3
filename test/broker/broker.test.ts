import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTopics } from '../../src/broker/apis/create-topics.ts';
import { describeCluster } from '../../src/broker/apis/describe-cluster.ts';
import { initProducerId } from '../../src/broker/apis/init-producer-id.ts';
import { metadata } from '../../src/broker/apis/metadata.ts';
import { produce } from '../../src/broker/apis/produce.ts';
import { startTestBroker } from '../_support/broker.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { makeBatch } from './_batches.ts';
import { connectRaw } from './_raw-client.ts';

const everyTopic = {
  topics: null,
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

const produceTo = (topic: string, records: Buffer) => ({
  transactionalId: null,
  acks: -1,
  timeoutMs: 1_000,
  topics: [{ name: topic, partitions: [{ index: 0, records }] }],
});

const namedTopic = (name: string) => ({
  topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
  timeoutMs: 1_000,
  validateOnly: false,
});

describe('broker', () => {
  test('cluster id, topics and records are there again after a restart', async () => {
    const dataDir = temporaryFolder();
    const seen = [];
    for (const expectedOffset of [0, 1]) {
      const broker = await startTestBroker({ dataDir });
      const client = await connectRaw(broker.port);
      await client.call(createTopics, 5, namedTopic('kept'));
      const { topics } = await client.call(produce, 9, produceTo('kept', makeBatch(['x'])));
      expect(topics[0]?.partitions[0]?.baseOffset).toBe(expectedOffset);
      const { clusterId } = await client.call(describeCluster, 0, { includeClusterAuthorizedOperations: false });
      const listed = await client.call(metadata, 12, everyTopic);
      seen.push({ clusterId, id: listed.topics.map(({ topicId }) => topicId) });
      client.close();
      await broker.stop();
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]?.clusterId).toMatch(/^[\w-]{22}$/);
  });

  test('producer ids are never given twice, not even after a kill', async () => {
    const dataDir = temporaryFolder();
    const ids = new Set<number>();
    for (let run = 0; run < 2; run++) {
      const broker = await startTestBroker({ dataDir });
      const client = await connectRaw(broker.port);
      for (let count = 0; count < 5; count++) {
        const { producerId } = await client.call(initProducerId, 4, {
          transactionalId: null,
          transactionTimeoutMs: 1_000,
        });
        ids.add(producerId);
      }
      client.close();
      await broker.stop();
    }
    expect(ids.size).toBe(10);
  });

  test('a second broker on the same directory is refused, and the first goes on', async () => {
    const broker = await startTestBroker();
    await expect(startTestBroker({ dataDir: broker.dataDir })).rejects.toMatchObject({
      code: 'DATA_DIR_IN_USE',
      hint: expect.stringContaining('--data-dir'),
    });
    const client = await connectRaw(broker.port);
    expect((await client.call(metadata, 12, everyTopic)).topics).toEqual([]);
    client.close();
    await broker.stop();
  });

  test.each([
    ['a process that is gone', { pid: 2 ** 22 - 1, started: null }],
    ['an earlier process with the id of this one', { pid: process.pid, started: 'before/1' }],
  ])('the lock of %s is taken over', async (_name, owner) => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, '.lock'), JSON.stringify(owner));
    const broker = await startTestBroker({ dataDir });
    expect(JSON.parse(readFileSync(join(dataDir, '.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await broker.stop();
    expect(existsSync(join(dataDir, '.lock'))).toBe(false);
  });

  test('a port that is taken is an error with a hint, and the directory is free again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const dataDir = temporaryFolder();
    await expect(startTestBroker({ dataDir, port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `port ${port} on 127.0.0.1 is taken`,
      hint: expect.stringContaining('--port'),
    });
    server.close();
    await (await startTestBroker({ dataDir })).stop();
  });

  test('a directory that cannot be used is named', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(startTestBroker({ dataDir: join(folder, 'file', 'data') })).rejects.toMatchObject({
      code: 'DATA_DIR_INVALID',
    });
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'topics.json'), '{"topics": [{}]}');
    await expect(startTestBroker({ dataDir: broken })).rejects.toMatchObject({
      code: 'DATA_DIR_INVALID',
      message: expect.stringContaining('topics.json'),
    });
  });

  test('closing ends connections, even those that never asked, and closed resolves', async () => {
    const broker = await startTestBroker();
    const client = await connectRaw(broker.port);
    await broker.close();
    await Promise.all([client.closed, broker.closed]);
    rmSync(broker.dataDir, { recursive: true });
  });

  test('statistics count what there is', async () => {
    const broker = await startTestBroker({ partitions: 3 });
    const client = await connectRaw(broker.port);
    await client.call(metadata, 4, {
      ...everyTopic,
      topics: [{ topicId: null, name: 'auto' }],
      allowAutoTopicCreation: true,
    });
    const batch = makeBatch(['x']);
    await client.call(produce, 9, produceTo('auto', batch));
    expect(broker.stats()).toEqual({
      topics: 1,
      partitions: 3,
      connections: 1,
      logBytes: batch.length,
      recordsIn: 1,
      recordsOut: 0,
    });
    client.close();
    await broker.stop();
  });
});
