import { messageOf } from '../../runtime/errors.ts';
import { type BrokerContext, brokerId } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import {
  array,
  boolean,
  type Decoded,
  defaulting,
  type Encodable,
  int8,
  int16,
  int32,
  nullable,
  since,
  string,
  struct,
  uuid,
} from '../protocol/schema.ts';
import { describeTopicConfig } from '../topics/describe-config.ts';
import { forgetFormerTopic } from '../topics/forget-former-topic.ts';
import { faultOfConfig, type TopicConfig } from '../topics/topic-config.ts';
import { isTopicName } from '../topics/topics.ts';
import { api } from './api.ts';

/** Far above what one disk serves well, and below what a slip of the keyboard asks for. */
export const mostPartitions = 10_000;

const topicRequest = struct({
  name: string,
  numPartitions: int32,
  replicationFactor: int16,
  assignments: array(struct({ partitionIndex: int32, brokerIds: array(int32) })),
  configs: array(struct({ name: string, value: nullable(string) })),
});

const topicResponse = struct({
  name: string,
  topicId: since(7, uuid, null),
  errorCode: int16,
  errorMessage: nullable(string),
  numPartitions: since(5, int32, -1),
  replicationFactor: since(5, int16, -1),
  configs: since(
    5,
    nullable(
      array(
        struct({
          name: string,
          value: nullable(string),
          readOnly: boolean,
          configSource: int8,
          isSensitive: boolean,
        }),
      ),
    ),
    [],
  ),
});

type TopicRequest = Decoded<typeof topicRequest>;
type TopicResponse = Encodable<typeof topicResponse>;

// CreateTopics v2–7. v4 allows -1 for the broker's defaults, v5 is flexible and tells what was made, v7 adds topic ids.
export const createTopics = api({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexibleFrom: 5,
  request: struct({ topics: array(topicRequest), timeoutMs: int32, validateOnly: boolean }),
  response: struct({ throttleTimeMs: defaulting(int32, 0), topics: array(topicResponse) }),
  async handle(context, { topics, validateOnly }) {
    const isTwice = ({ name }: TopicRequest) => topics.filter((other) => other.name === name).length > 1;
    const answers = topics.map((topic) =>
      isTwice(topic)
        ? refuse(topic, { errorCode: errorCodes.invalidRequest, message: 'named more than once' })
        : create(context, topic, validateOnly),
    );
    return { topics: await Promise.all(answers) };
  },
});

interface Fault {
  readonly errorCode: number;
  readonly message: string;
}

const refuse = ({ name }: TopicRequest, { errorCode, message }: Fault): TopicResponse => ({
  name,
  errorCode,
  errorMessage: message,
});

async function create(context: BrokerContext, request: TopicRequest, validateOnly: boolean): Promise<TopicResponse> {
  const { name, numPartitions, assignments } = request;
  const config: TopicConfig = Object.fromEntries(
    request.configs.flatMap((entry) => (entry.value === null ? [] : [[entry.name, entry.value]])),
  );
  const assigned = assignments.length > 0 ? assignments.length : numPartitions;
  const partitionCount = assigned === -1 ? context.defaultPartitions : assigned;
  let topicId: string | null = null;
  try {
    if (!validateOnly) await forgetFormerTopic(context, name);
    const fault = faultOf(context, request, config);
    if (fault) return refuse(request, fault);
    if (!validateOnly) topicId = context.topics.create(name, partitionCount, config).id;
  } catch (error) {
    context.logger.error(error, `cannot create topic ${name}`);
    return refuse(request, { errorCode: errorCodes.kafkaStorageError, message: messageOf(error) });
  }
  return {
    name,
    topicId,
    errorCode: 0,
    errorMessage: null,
    numPartitions: partitionCount,
    replicationFactor: 1,
    configs: describeTopicConfig(config, context.topics.defaults),
  };
}

function faultOf({ topics }: BrokerContext, request: TopicRequest, config: TopicConfig): Fault | null {
  const { name, numPartitions, replicationFactor, assignments } = request;
  if (!isTopicName(name)) {
    return {
      errorCode: errorCodes.invalidTopic,
      message: `"${name}" is not a topic name: 1 to 249 of a-z, A-Z, 0-9, . _ -`,
    };
  }
  if (topics.get(name)) return { errorCode: errorCodes.topicAlreadyExists, message: `Topic '${name}' already exists.` };
  if (assignments.length > 0) {
    if (numPartitions !== -1 || replicationFactor !== -1) {
      return { errorCode: errorCodes.invalidRequest, message: 'give either assignments or counts' };
    }
    const isRight = assignments.every(
      ({ partitionIndex, brokerIds }) =>
        partitionIndex >= 0 &&
        partitionIndex < assignments.length &&
        brokerIds.length === 1 &&
        brokerIds[0] === brokerId,
    );
    const indices = new Set(assignments.map(({ partitionIndex }) => partitionIndex));
    if (!isRight || indices.size !== assignments.length) {
      return { errorCode: errorCodes.invalidReplicaAssignment, message: `broker ${brokerId} is the only one` };
    }
  } else {
    if (numPartitions !== -1 && (numPartitions < 1 || numPartitions > mostPartitions)) {
      return {
        errorCode: errorCodes.invalidPartitions,
        message: `the number of partitions must be 1 to ${mostPartitions}`,
      };
    }
    if (replicationFactor !== -1 && replicationFactor !== 1) {
      return {
        errorCode: errorCodes.invalidReplicationFactor,
        message: 'there is one broker, so the replication factor is 1',
      };
    }
  }
  const message = faultOfConfig(config);
  return message === null ? null : { errorCode: errorCodes.invalidConfig, message };
}
