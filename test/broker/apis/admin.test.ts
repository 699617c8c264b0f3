import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alterConfigs } from '../../../src/broker/apis/alter-configs.ts';
import { createPartitions } from '../../../src/broker/apis/create-partitions.ts';
import { createTopics } from '../../../src/broker/apis/create-topics.ts';
import { deleteRecords } from '../../../src/broker/apis/delete-records.ts';
import { deleteTopics } from '../../../src/broker/apis/delete-topics.ts';
import { describeConfigs } from '../../../src/broker/apis/describe-configs.ts';
import { findCoordinator } from '../../../src/broker/apis/find-coordinator.ts';
import { incrementalAlterConfigs } from '../../../src/broker/apis/incremental-alter-configs.ts';
import { listOffsets } from '../../../src/broker/apis/list-offsets.ts';
import { metadata } from '../../../src/broker/apis/metadata.ts';
import { offsetForLeaderEpoch } from '../../../src/broker/apis/offset-for-leader-epoch.ts';
import type { Encodable } from '../../../src/broker/protocol/schema.ts';
import { startTestBroker, type TestBroker } from '../../_support/broker.ts';
import { connectRaw, type RawClient } from '../_raw-client.ts';

let broker: TestBroker;
let client: RawClient;
beforeEach(async () => {
  broker = await startTestBroker({ partitions: 4, retention: 1_000_000 });
  client = await connectRaw(broker.port);
});
afterEach(async () => {
  client.close();
  await broker.stop();
});

type TopicRequest = Encodable<typeof createTopics.request>['topics'][number];
const topicRequest = (name: string, changes: Partial<TopicRequest> = {}): TopicRequest => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...changes,
});

async function create(...topics: TopicRequest[]) {
  const answer = await client.call(createTopics, 7, { topics, timeoutMs: 1_000, validateOnly: false });
  return answer.topics;
}

describe('CreateTopics', () => {
  test.each<[string, Partial<TopicRequest>, number]>([
    ['a name with a slash', { name: 'a/b' }, 17],
    ['a name of two dots', { name: '..' }, 17],
    ['a name of 250 characters', { name: 'x'.repeat(250) }, 17],
    ['no partitions', { numPartitions: 0 }, 37],
    ['two replicas', { replicationFactor: 2 }, 38],
    ['an unknown configuration', { configs: [{ name: 'constructor', value: '1' }] }, 40],
    ['a configuration that is no number', { configs: [{ name: 'retention.ms', value: 'long' }] }, 40],
    ['both assignments and counts', { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }, 42],
    [
      'an assignment to another broker',
      { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [2] }] },
      39,
    ],
  ])('%s is refused with a message', async (_name, changes, errorCode) => {
    const [answer] = await create(topicRequest('t', changes));
    expect(answer).toMatchObject({ errorCode, topicId: null });
    expect(answer?.errorMessage).toBeTruthy();
    expect(broker.stats().topics).toBe(0);
  });

  test('existing topics and topics named twice are refused, the others are made', async () => {
    await create(topicRequest('old'));
    const answers = await create(
      topicRequest('old'),
      topicRequest('twice'),
      topicRequest('twice'),
      topicRequest('new'),
    );
    expect(answers.map(({ errorCode }) => errorCode)).toEqual([36, 42, 42, 0]);
  });

  test('-1 takes the defaults of the broker, and the answer tells them', async () => {
    const [answer] = await create(topicRequest('t', { numPartitions: -1, replicationFactor: -1 }));
    expect(answer).toMatchObject({ errorCode: 0, numPartitions: 4, replicationFactor: 1 });
    const config = (name: string) => answer?.configs?.find((each) => each.name === name);
    expect(config('retention.ms')).toMatchObject({ value: '1000000', configSource: 4 });
    expect(config('cleanup.policy')).toMatchObject({ value: 'delete', configSource: 5 });
  });

  test('validating makes nothing', async () => {
    const request = { topics: [topicRequest('t')], timeoutMs: 1_000, validateOnly: true };
    expect((await client.call(createTopics, 7, request)).topics).toMatchObject([{ errorCode: 0, topicId: null }]);
    expect(broker.stats().topics).toBe(0);
  });
});

describe('Metadata', () => {
  const ask = (version: number, names: string[] | null, allowAutoTopicCreation = false) =>
    client.call(metadata, version, {
      topics: names?.map((name) => ({ topicId: null, name })) ?? null,
      allowAutoTopicCreation,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });

  test('version 0 takes an empty list for all topics, later ones for none', async () => {
    await create(topicRequest('t'));
    expect((await ask(0, [])).topics).toHaveLength(1);
    expect((await ask(1, [])).topics).toHaveLength(0);
    expect((await ask(1, null)).topics).toHaveLength(1);
  });

  test('an unknown topic is made when the client allows it, as versions before 4 always do', async () => {
    expect((await ask(4, ['a'])).topics).toMatchObject([{ errorCode: 3, name: 'a' }]);
    expect((await ask(4, ['a'], true)).topics).toMatchObject([{ errorCode: 0, name: 'a' }]);
    expect((await ask(3, ['b'])).topics[0]?.partitions).toHaveLength(4);
    expect((await ask(4, ['no/topic'], true)).topics).toMatchObject([{ errorCode: 17 }]);
  });
});

test('DeleteTopics answers what is unknown by name with 3 and by id with 100', async () => {
  const topics = [
    { name: 'other', topicId: null },
    { name: null, topicId: 'f'.repeat(32) },
  ];
  const answer = await client.call(deleteTopics, 6, { topics, topicNames: [], timeoutMs: 1_000 });
  expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([3, 100]);
});

test('CreatePartitions only ever adds', async () => {
  await create(topicRequest('t', { numPartitions: 2 }));
  const grow = async (name: string, count: number, validateOnly = false) => {
    const topics = [{ name, count, assignments: null }];
    return (await client.call(createPartitions, 3, { topics, timeoutMs: 1_000, validateOnly })).results[0]?.errorCode;
  };
  expect([await grow('t', 2), await grow('t', 1), await grow('other', 3)]).toEqual([37, 37, 3]);
  expect([await grow('t', 5, true), broker.stats().partitions]).toEqual([0, 2]);
  expect([await grow('t', 5), broker.stats().partitions]).toEqual([0, 5]);
});

describe('configurations', () => {
  const topic = { resourceType: 2, resourceName: 't' };
  const describeTopic = async (configurationKeys: string[] | null, resource = topic) => {
    const resources = [{ ...resource, configurationKeys }];
    const { results } = await client.call(describeConfigs, 4, {
      resources,
      includeSynonyms: true,
      includeDocumentation: false,
    });
    return results[0];
  };
  const alter = async (...configs: { name: string; configOperation: number; value: string | null }[]) => {
    const resources = [{ ...topic, configs }];
    const { responses } = await client.call(incrementalAlterConfigs, 1, { resources, validateOnly: false });
    return responses[0]?.errorCode;
  };
  const configured = async (name: string) => (await describeTopic([name]))?.configs[0]?.value;

  beforeEach(async () => {
    await create(topicRequest('t', { configs: [{ name: 'segment.ms', value: '60000' }] }));
  });

  test('all are described, or those that are asked for, with all places that give a value', async () => {
    expect((await describeTopic(null))?.configs.length).toBeGreaterThan(25);
    expect(await describeTopic(['segment.ms', 'unknown'])).toMatchObject({
      errorCode: 0,
      configs: [
        {
          name: 'segment.ms',
          value: '60000',
          configSource: 1,
          configType: 5,
          synonyms: [
            { source: 1, value: '60000' },
            { source: 5, value: '604800000' },
          ],
        },
      ],
    });
    expect(await describeTopic(null, { resourceType: 2, resourceName: 'other' })).toMatchObject({ errorCode: 3 });
    expect(await describeTopic(['num.partitions'], { resourceType: 4, resourceName: '1' })).toMatchObject({
      errorCode: 0,
      configs: [{ name: 'num.partitions', value: '4', readOnly: true }],
    });
    expect(await describeTopic(null, { resourceType: 8, resourceName: '1' })).toMatchObject({
      errorCode: 0,
      configs: [],
    });
  });

  test('single values are set, deleted, appended to and subtracted from', async () => {
    expect(await alter({ name: 'retention.ms', configOperation: 0, value: '5' })).toBe(0);
    expect([await configured('retention.ms'), await configured('segment.ms')]).toEqual(['5', '60000']);
    expect(await alter({ name: 'segment.ms', configOperation: 1, value: null })).toBe(0);
    expect(await configured('segment.ms')).toBe('604800000');
    expect(await alter({ name: 'cleanup.policy', configOperation: 2, value: 'compact' })).toBe(0);
    expect(await configured('cleanup.policy')).toBe('delete,compact');
    expect(await alter({ name: 'cleanup.policy', configOperation: 3, value: 'delete' })).toBe(0);
    expect(await configured('cleanup.policy')).toBe('compact');
    expect(await alter({ name: 'retention.ms', configOperation: 2, value: '5' })).toBe(42);
    expect(await alter({ name: 'retention.ms', configOperation: 0, value: 'long' })).toBe(40);
  });

  test('the older request replaces all that the topic sets', async () => {
    const resources = [{ ...topic, configs: [{ name: 'retention.ms', value: '7' }] }];
    const { responses } = await client.call(alterConfigs, 2, { resources, validateOnly: false });
    expect(responses[0]?.errorCode).toBe(0);
    expect([await configured('retention.ms'), await configured('segment.ms')]).toEqual(['7', '604800000']);
  });
});

describe('offsets', () => {
  beforeEach(async () => {
    await create(
      topicRequest('t'),
      topicRequest('compacted', { configs: [{ name: 'cleanup.policy', value: 'compact' }] }),
    );
  });

  const list = async (timestamp: number, { version = 7, currentLeaderEpoch = -1, twice = false } = {}) => {
    const partition = { partitionIndex: 0, currentLeaderEpoch, timestamp };
    const topics = [{ name: 't', partitions: twice ? [partition, partition] : [partition] }];
    return (await client.call(listOffsets, version, { replicaId: -1, isolationLevel: 0, topics })).topics[0]
      ?.partitions[0];
  };

  test('an empty log begins and ends at 0 and holds no time', async () => {
    for (const timestamp of [-1, -2])
      expect(await list(timestamp)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1 });
    for (const timestamp of [-3, 0])
      expect(await list(timestamp)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 });
  });

  test('what cannot be listed is refused', async () => {
    expect(await list(-4)).toMatchObject({ errorCode: 35 });
    expect(await list(-3, { version: 6 })).toMatchObject({ errorCode: 35 });
    expect(await list(-1, { currentLeaderEpoch: 1 })).toMatchObject({ errorCode: 75 });
    expect(await list(-1, { twice: true })).toMatchObject({ errorCode: 42 });
  });

  test('records are not deleted beyond the end, nor from topics that are only compacted', async () => {
    const remove = async (name: string, offset: number) => {
      const topics = [{ name, partitions: [{ partitionIndex: 0, offset }] }];
      return (await client.call(deleteRecords, 2, { topics, timeoutMs: 1_000 })).topics[0]?.partitions[0];
    };
    expect(await remove('t', -1)).toMatchObject({ errorCode: 0, lowWatermark: 0 });
    expect(await remove('t', 1)).toMatchObject({ errorCode: 1 });
    expect(await remove('compacted', 0)).toMatchObject({ errorCode: 44 });
    expect(await remove('other', 0)).toMatchObject({ errorCode: 3 });
  });

  test('an epoch that never was has no end', async () => {
    const partition = (leaderEpoch: number) => ({ partition: 0, currentLeaderEpoch: 0, leaderEpoch });
    const topics = [{ topic: 't', partitions: [partition(0), partition(5)] }];
    const answer = await client.call(offsetForLeaderEpoch, 4, { replicaId: -1, topics });
    expect(answer.topics[0]?.partitions).toMatchObject([
      { errorCode: 0, leaderEpoch: 0, endOffset: 0 },
      { errorCode: 0, leaderEpoch: -1, endOffset: -1 },
    ]);
  });
});

test('FindCoordinator names this broker for groups and transactions, one key or many', async () => {
  const here = { errorCode: 0, nodeId: 1, host: '127.0.0.1', port: broker.port };
  expect(await client.call(findCoordinator, 0, { key: 'g', coordinatorKeys: [] })).toMatchObject(here);
  const { coordinators } = await client.call(findCoordinator, 4, { key: '', keyType: 1, coordinatorKeys: ['a', 'b'] });
  expect(coordinators).toMatchObject([
    { key: 'a', ...here },
    { key: 'b', ...here },
  ]);
  expect(await client.call(findCoordinator, 2, { key: 'g', keyType: 7, coordinatorKeys: [] })).toMatchObject({
    errorCode: 42,
  });
});
