import { errorCodes } from './apis.ts';
import { FieldReader, FieldWriter } from './bytes.ts';
import type { KafkaConnection } from './connection.ts';
import { lacksRequest } from './errors.ts';
import { leanApi } from './lean-api.ts';
import { withClient } from './topics.ts';

const idBytes = 16;

// kafkajs knows Metadata up to version 6; ids came with 10 (KIP-516, Kafka 2.8).
const topicIdsApi = leanApi<
  { topics: readonly string[] },
  { topics: { errorCode: number; topic: string; id: string }[] }
>({
  name: 'Metadata',
  key: 3,
  version: 10,
  encode: ({ topics }) =>
    new FieldWriter()
      .int8(0) // end of the header: no tags
      .compactArray(topics, (topic, fields) => fields.int64(0).int64(0).compactString(topic).int8(0))
      .int8(0) // creates none
      .int8(0) // asks for no rights of the cluster
      .int8(0) // nor of topics
      .int8(0).written,
  decode(payload) {
    const fields = new FieldReader(payload);
    fields.skipTags();
    fields.int32(); // throttle time
    fields.compactArray(() => {
      fields.int32(); // node id
      fields.compactString(); // host
      fields.int32(); // port
      fields.compactString(); // rack
      fields.skipTags();
    });
    fields.compactString(); // cluster id
    fields.int32(); // controller
    const topics = fields.compactArray(() => {
      const [errorCode, topic] = [fields.int16(), fields.compactString()];
      fields.at += idBytes;
      const id = fields.bytes.toString('base64url', fields.at - idBytes, fields.at);
      fields.int8(); // whether it is Kafka's own
      fields.compactArray(() => {
        fields.int16(); // error
        fields.int32(); // partition
        fields.int32(); // leader
        fields.int32(); // its epoch
        for (let list = 0; list < 3; list++) fields.compactArray(() => fields.int32()); // replicas
        fields.skipTags();
      });
      fields.int32(); // rights
      fields.skipTags();
      return { errorCode, topic, id };
    });
    return { topics };
  },
});

/**
 * The ids of those of the topics that exist, by name: a topic that is deleted and created again has another one. Without
 * entries where the brokers give none.
 */
export const topicIds = (connection: KafkaConnection, names: readonly string[]): Promise<Map<string, string>> =>
  withClient(connection, async (client) => {
    try {
      const { topics } = await client.call('any', topicIdsApi, { topics: names });
      const found = topics.filter(({ errorCode, id }) => errorCode === errorCodes.none && !/^A+$/.test(id));
      return new Map(found.map(({ topic, id }) => [topic, id]));
    } catch (error) {
      if (lacksRequest(error)) return new Map();
      throw error;
    }
  });
