import { DashctlError } from '../runtime/errors.ts';
import { createTopicsApi, deleteTopicsApi, errorCodes } from './apis.ts';
import type { KafkaConnection } from './connection.ts';
import { refusal } from './errors.ts';
import { requireTopics, withClient } from './topics.ts';

const timeout = 10_000;

export interface NewTopic {
  name: string;
  /** -1 for as many as the broker gives by default. */
  partitions: number;
  configs: readonly { name: string; value: string }[];
}

/**
 * Creates a topic that must not exist; gives its number of partitions when each of them has a leader.
 * @throws DashctlError `BROKER_REFUSED` with the broker's own reason.
 */
export const createTopic = (connection: KafkaConnection, { name, partitions, configs }: NewTopic): Promise<number> =>
  withClient(connection, async (client) => {
    const { controllerId } = await client.metadata([]);
    const { topicErrors } = await client.call(controllerId, createTopicsApi, {
      topics: [{ topic: name, numPartitions: partitions, replicationFactor: -1, configEntries: configs }],
      timeout,
    });
    for (const { errorCode, errorMessage } of topicErrors) {
      if (errorCode === errorCodes.none) continue;
      if (errorCode === errorCodes.topicExists) {
        throw new DashctlError('BROKER_REFUSED', `there is a topic "${name}" already`, {
          hint: `see it with: dashctl topics describe ${name}`,
        });
      }
      if (errorMessage) {
        throw new DashctlError('BROKER_REFUSED', `cannot create the topic ${name}: ${errorMessage.split('\n')[0]}`, {
          hint: 'change the name, --partitions or --set',
        });
      }
      throw refusal(`cannot create the topic ${name}`, errorCode);
    }
    return (await requireTopics(client, [name])).topics.get(name)?.length ?? 0;
  });

/**
 * Deletes topics with all their records; none of them when one does not exist.
 * @throws DashctlError `TOPIC_UNKNOWN` with the nearest names, `BROKER_REFUSED` with the broker's reason.
 */
export const deleteTopics = (connection: KafkaConnection, names: readonly string[]): Promise<void> =>
  withClient(connection, async (client) => {
    const { controllerId } = await requireTopics(client, names);
    const { topicErrors } = await client.call(controllerId, deleteTopicsApi, { topics: names, timeout });
    const failed = topicErrors.find(({ errorCode }) => errorCode !== errorCodes.none);
    if (failed) throw refusal(`cannot delete the topic ${failed.topic}`, failed.errorCode);
  });
