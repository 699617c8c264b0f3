import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { deleteTopics } from '../../../src/broker/apis/delete-topics.ts';
import { metadata } from '../../../src/broker/apis/metadata.ts';
import { offsetCommit } from '../../../src/broker/apis/offset-commit.ts';
import { offsetFetch } from '../../../src/broker/apis/offset-fetch.ts';
import { startTestBroker } from '../../_support/broker.ts';
import { temporaryFolder } from '../../_support/temporary-folder.ts';
import { connectRaw } from '../_raw-client.ts';

const groupId = 'readers';

async function start(dataDir: string) {
  const broker = await startTestBroker({ dataDir });
  const client = await connectRaw(broker.port);
  onTestFinished(async () => {
    client.close();
    await broker.stop();
  });
  return {
    create: async (...names: string[]) => {
      const topics = names.map((name) => ({
        name,
        numPartitions: 1,
        replicationFactor: 1,
        assignments: [],
        configs: [],
      }));
      const answer = await client.call(createTopics, 5, { topics, timeoutMs: 1_000, validateOnly: false });
      return answer.topics.map(({ errorCode }) => errorCode);
    },
    /** As clients do that find no topic to write to. */
    askFor: async (name: string) => {
      const topics = [{ name, topicId: null }];
      const answer = await client.call(metadata, 9, {
        topics,
        allowAutoTopicCreation: true,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      });
      return answer.topics.map(({ errorCode }) => errorCode);
    },
    delete: (...topicNames: string[]) => client.call(deleteTopics, 5, { topics: [], topicNames, timeoutMs: 1_000 }),
    commit: async (offsets: Record<string, number>) => {
      const topics = Object.entries(offsets).map(([name, offset]) => ({
        name,
        partitions: [{ partition: 0, offset, leaderEpoch: -1, metadata: null }],
      }));
      const request = { groupId, generation: -1, memberId: '', instanceId: null, retentionTime: -1, topics };
      await client.call(offsetCommit, 5, request);
    },
    offsetOf: async (name: string) => {
      const topics = [{ name, partitions: [0] }];
      const answer = await client.call(offsetFetch, 7, { groupId, topics, groups: [], requireStable: false });
      return answer.topics[0]?.partitions[0]?.offset;
    },
  };
}

test('a topic that is created again has no committed offsets of the one before, though a crash kept them', async () => {
  const [dataDir, killed] = [join(temporaryFolder(), 'data'), join(temporaryFolder(), 'data')];
  const broker = await start(dataDir);
  expect(await broker.create('asked', 'created', 'other')).toEqual([0, 0, 0]);
  await broker.commit({ asked: 7, created: 8, other: 9 });
  // Killed when the list of topics was written, but not yet that the offsets go.
  await cp(dataDir, killed, { recursive: true });
  await broker.delete('asked', 'created');
  await cp(join(dataDir, 'topics.json'), join(killed, 'topics.json'));
  await rm(join(killed, '.lock'), { recursive: true });
  const next = await start(killed);
  expect(await next.create('created')).toEqual([0]);
  expect(await next.askFor('asked')).toEqual([0]);
  expect(await next.offsetOf('created')).toBe(-1);
  expect(await next.offsetOf('asked')).toBe(-1);
  // Neither does one that is there already lose its offsets.
  expect(await next.create('other')).toEqual([36]);
  expect(await next.askFor('other')).toEqual([0]);
  expect(await next.offsetOf('other')).toBe(9);
});
