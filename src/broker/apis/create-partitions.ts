import { type BrokerContext, brokerId } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import {
  array,
  boolean,
  type Decoded,
  defaulting,
  int16,
  int32,
  nullable,
  string,
  struct,
} from '../protocol/schema.ts';
import { api } from './api.ts';
import { mostPartitions } from './create-topics.ts';

const topicRequest = struct({
  name: string,
  count: int32,
  assignments: nullable(array(struct({ brokerIds: array(int32) }))),
});

// CreatePartitions v0–3. v2 is flexible.
export const createPartitions = api({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleFrom: 2,
  request: struct({ topics: array(topicRequest), timeoutMs: int32, validateOnly: boolean }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    results: array(struct({ name: string, errorCode: int16, errorMessage: nullable(string) })),
  }),
  handle: (context, { topics, validateOnly }) => ({
    results: topics.map((topic) => ({ name: topic.name, ...grow(context, topic, validateOnly) })),
  }),
});

function grow(
  { topics }: BrokerContext,
  { name, count, assignments }: Decoded<typeof topicRequest>,
  validateOnly: boolean,
) {
  const topic = topics.get(name);
  if (!topic) return { errorCode: errorCodes.unknownTopicOrPartition, errorMessage: null };
  const before = topic.partitions.length;
  if (count <= before || count > mostPartitions) {
    const errorMessage = `the topic has ${before} partitions; the new number must be ${before + 1} to ${mostPartitions}`;
    return { errorCode: errorCodes.invalidPartitions, errorMessage };
  }
  const isAssigned = ({ brokerIds }: { brokerIds: number[] }) => brokerIds.length === 1 && brokerIds[0] === brokerId;
  if (assignments && (assignments.length !== count - before || !assignments.every(isAssigned))) {
    return { errorCode: errorCodes.invalidReplicaAssignment, errorMessage: `broker ${brokerId} is the only one` };
  }
  if (!validateOnly) topics.grow(topic, count);
  return { errorCode: 0, errorMessage: null };
}
