import apiKeys from 'kafkajs/src/protocol/requests/apiKeys.js';
import type { ApiVersions } from 'kafkajs/src/protocol/requests/index.js';
import { lookup, requests } from 'kafkajs/src/protocol/requests/index.js';

// The small requests, whose codecs are kafkajs's own. Replies are decoded but not judged: kafkajs throws for the first
// partition or topic with an error and drops what it learnt about the others, so each caller reads the codes itself.

/** A request type: what goes in, what comes out. */
export interface Api<Args extends object, Reply> {
  name: string;
  key: number;
  /** The request for a broker's versions. @throws KafkaJSServerDoesNotSupportApiKey */
  prepare(versions: ApiVersions, args: Args): PreparedRequest<Reply>;
}

export interface PreparedRequest<Reply> {
  request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<unknown> };
  decode(payload: Buffer): Promise<Reply>;
  requestTimeout: number | null;
}

function api<Args extends object, Reply>(name: string): Api<Args, Reply> {
  const key = apiKeys[name];
  const definition = requests[name];
  if (key === undefined || !definition) throw new Error(`kafkajs has no request ${name}`);
  return {
    name,
    key,
    prepare(versions, args) {
      const { request, response, requestTimeout } = lookup(versions)(key, definition)(args);
      // The codec named by `name` answers with this shape; see the comments on top of kafkajs's response files.
      const decode = (payload: Buffer) => response.decode(payload) as Promise<Reply>;
      return { request, decode, requestTimeout: requestTimeout ?? null };
    },
  };
}

export const metadataApi = api<
  { topics: readonly string[]; allowAutoTopicCreation: boolean },
  {
    brokers: { nodeId: number; host: string; port: number }[];
    controllerId: number;
    topicMetadata: {
      topicErrorCode: number;
      topic: string;
      isInternal: boolean;
      partitionMetadata: { partitionErrorCode: number; partitionId: number; leader: number }[];
    }[];
  }
>('Metadata');

export const listOffsetsApi = api<
  {
    isolationLevel: 0 | 1;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  },
  { responses: { topic: string; partitions: { partition: number; errorCode: number; offset: string }[] }[] }
>('ListOffsets');

export const createTopicsApi = api<
  {
    topics: {
      topic: string;
      numPartitions: number;
      replicationFactor: number;
      configEntries?: readonly { name: string; value: string }[];
    }[];
    timeout: number;
  },
  { topicErrors: { topic: string; errorCode: number; errorMessage?: string | null }[] }
>('CreateTopics');

export const deleteTopicsApi = api<
  { topics: readonly string[]; timeout: number },
  { topicErrors: { topic: string; errorCode: number }[] }
>('DeleteTopics');

export const describeConfigsApi = api<
  { resources: { type: number; name: string; configNames: readonly string[] }[]; includeSynonyms: boolean },
  {
    resources: {
      errorCode: number;
      configEntries: { configName: string; configValue: string | null; configSource: number }[];
    }[];
  }
>('DescribeConfigs');

export const listGroupsApi = api<object, { errorCode: number; groups: { groupId: string }[] }>('ListGroups');

export const describeGroupsApi = api<
  { groupIds: readonly string[] },
  { groups: { errorCode: number; groupId: string; state: string; members: unknown[] }[] }
>('DescribeGroups');

export const initProducerIdApi = api<
  { transactionalId: null },
  { errorCode: number; producerId: string; producerEpoch: number }
>('InitProducerId');

/** What a coordinator coordinates: consumer groups or transactions. */
export type CoordinatorType = 0 | 1;

export const findCoordinatorApi = api<
  { groupId: string; coordinatorType: CoordinatorType },
  { errorCode: number; coordinator: { nodeId: number; host: string; port: number } }
>('GroupCoordinator');

export const joinGroupApi = api<
  {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    protocolType: string;
    groupProtocols: { name: string; metadata: Buffer }[];
  },
  {
    errorCode: number;
    generationId: number;
    leaderId: string;
    memberId: string;
    members: { memberId: string; memberMetadata: Buffer }[];
  }
>('JoinGroup');

export const syncGroupApi = api<
  {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: { memberId: string; memberAssignment: Buffer }[];
  },
  { errorCode: number; memberAssignment: Buffer }
>('SyncGroup');

export const heartbeatApi = api<
  { groupId: string; groupGenerationId: number; memberId: string },
  { errorCode: number }
>('Heartbeat');

export const leaveGroupApi = api<{ groupId: string; memberId: string }, { errorCode: number }>('LeaveGroup');

interface PartitionsOf<Partition> {
  topic: string;
  partitions: Partition[];
}

export const offsetCommitApi = api<
  {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: PartitionsOf<{ partition: number; offset: string; metadata: string }>[];
  },
  { responses: PartitionsOf<{ partition: number; errorCode: number }>[] }
>('OffsetCommit');

/** Kafka's error codes that this folder acts upon. */
export const errorCodes = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  requestTimedOut: 7,
  replicaNotAvailable: 9,
  messageTooLarge: 10,
  coordinatorLoading: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  notEnoughReplicas: 19,
  notEnoughReplicasAfterAppend: 20,
  illegalGeneration: 22,
  unknownMember: 25,
  rebalanceInProgress: 27,
  topicExists: 36,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerIdMapping: 49,
  concurrentTransactions: 51,
  operationNotAttempted: 55,
  kafkaStorageError: 56,
  unknownProducerId: 59,
  fencedLeaderEpoch: 74,
  unknownLeaderEpoch: 75,
  memberIdRequired: 79,
  fencedInstance: 82,
  unstableOffsetCommit: 88,
  producerFenced: 90,
} as const;
