import type { BrokerContext } from '../context.ts';
import { errorCodes } from '../protocol/error-codes.ts';
import { array, defaulting, int16, int32, nullable, since, string, struct, until, uuid } from '../protocol/schema.ts';
import { api } from './api.ts';

// DeleteTopics v1–6. v4 is flexible, v5 adds messages, v6 takes names or ids.
export const deleteTopics = api({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexibleFrom: 4,
  request: struct({
    topics: since(6, array(struct({ name: nullable(string), topicId: uuid }))),
    topicNames: until(5, array(string)),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: defaulting(int32, 0),
    topics: array(
      struct({
        name: nullable(string, 6),
        topicId: since(6, uuid),
        errorCode: int16,
        errorMessage: since(5, nullable(string), null),
      }),
    ),
  }),
  async handle(context, { topics, topicNames }) {
    const wanted = [...topics, ...topicNames.map((name) => ({ name, topicId: null }))];
    return { topics: await Promise.all(wanted.map((topic) => remove(context, topic.name, topic.topicId))) };
  },
});

async function remove({ topics, groups, logger }: BrokerContext, name: string | null, topicId: string | null) {
  if (name !== null && topicId !== null) return { name, topicId, errorCode: errorCodes.invalidRequest };
  const topic = name === null ? topics.getById(topicId ?? '') : topics.get(name);
  if (!topic) {
    return { name, topicId, errorCode: name === null ? errorCodes.unknownTopicId : errorCodes.unknownTopicOrPartition };
  }
  try {
    topics.delete(topic);
  } catch (error) {
    logger.error(error, `cannot delete topic ${topic.name}`);
    return { name: topic.name, topicId: topic.id, errorCode: errorCodes.kafkaStorageError };
  }
  try {
    await groups.dropTopic(topic.name);
  } catch (error) {
    logger.warn(error, `groups keep their offsets of the deleted topic ${topic.name}`);
  }
  return { name: topic.name, topicId: topic.id, errorCode: 0 };
}
