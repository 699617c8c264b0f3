import { type BrokerContext, brokerId } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import {
  array,
  between,
  boolean,
  type Decoded,
  defaulting,
  type Encodable,
  int16,
  int32,
  nullable,
  since,
  string,
  struct,
  uuid,
} from '../protocol/schema.ts';
import { forgetFormerTopic } from '../topics/forget-former-topic.ts';
import { isTopicName, type Topic } from '../topics/topics.ts';
import { api } from './api.ts';

/** "Not asked for", in a field that holds a set of bits. */
export const unknownOperations = -2_147_483_648;

const topicRequest = struct({ topicId: since(10, uuid), name: nullable(string, 10) });

const topicResponse = struct({
  errorCode: int16,
  name: nullable(string, 12),
  topicId: since(10, uuid),
  isInternal: since(1, boolean, false),
  partitions: array(
    struct({
      errorCode: defaulting(int16, 0),
      partitionIndex: int32,
      leaderId: int32,
      leaderEpoch: since(7, int32),
      replicaNodes: array(int32),
      isrNodes: array(int32),
      offlineReplicas: since(5, array(int32), []),
    }),
  ),
  topicAuthorizedOperations: since(8, int32, unknownOperations),
});

// Metadata v0–12. v1 tells "all" from "none", v4 may forbid creation, v7 adds leader epochs, v9 is flexible, v10 adds
// topic ids, v12 takes them. 13 is not offered.
export const metadata = api({
  key: 3,
  name: 'Metadata',
  versions: [0, 12],
  flexibleFrom: 9,
  request: struct({
    topics: nullable(array(topicRequest), 1),
    allowAutoTopicCreation: since(4, boolean, true),
    includeClusterAuthorizedOperations: between(8, 10, boolean),
    includeTopicAuthorizedOperations: since(8, boolean),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullable(string), null) })),
    clusterId: since(2, nullable(string)),
    controllerId: since(1, int32),
    topics: array(topicResponse),
    clusterAuthorizedOperations: between(8, 10, int32, unknownOperations),
  }),
  async handle(context, { topics, allowAutoTopicCreation }, { version }) {
    const isAll = topics === null || (version === 0 && topics.length === 0);
    const answers = isAll
      ? context.topics.all.map(describe)
      : await Promise.all(topics.map((topic) => find(context, topic, allowAutoTopicCreation)));
    return {
      brokers: [{ nodeId: brokerId, ...context.advertised }],
      clusterId: context.clusterId,
      controllerId: brokerId,
      topics: answers,
    };
  },
});

async function find(
  context: BrokerContext,
  { name, topicId }: Decoded<typeof topicRequest>,
  mayCreate: boolean,
): Promise<Encodable<typeof topicResponse>> {
  const { topics, defaultPartitions, logger } = context;
  const unknown = (errorCode: number) => ({ errorCode, name, topicId, partitions: [] });
  if (name === null) {
    const topic = topics.getById(topicId ?? '');
    return topic ? describe(topic) : unknown(errorCodes.unknownTopicId);
  }
  const topic = topics.get(name);
  if (topic) return describe(topic);
  if (!isTopicName(name)) return unknown(errorCodes.invalidTopic);
  if (!mayCreate) return unknown(errorCodes.unknownTopicOrPartition);
  // Before answering: some clients fail, and others log an error, for a topic that exists only on the next try.
  try {
    await forgetFormerTopic(context, name);
    return describe(topics.get(name) ?? topics.create(name, defaultPartitions, {}));
  } catch (error) {
    logger.error(error, `cannot create topic ${name}`);
    return unknown(errorCodes.kafkaStorageError);
  }
}

const describe = ({ name, id, partitions }: Topic): Encodable<typeof topicResponse> => ({
  errorCode: 0,
  name,
  topicId: id,
  partitions: partitions.map(({ leaderEpoch }, partitionIndex) => ({
    partitionIndex,
    leaderId: brokerId,
    leaderEpoch,
    replicaNodes: [brokerId],
    isrNodes: [brokerId],
  })),
});
