import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AggregateOptions, runAggregate } from '../../../src/commands/aggregate/stage.ts';
import { createTopic } from '../../../src/kafka/change-topics.ts';
import { topicSink } from '../../../src/kafka/topic-sink.ts';
import { topicSource } from '../../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../../src/kafka/topics.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { type Cluster, clusters, readUntil, testConnection } from '../../kafka/_clusters.ts';

const values = 200_000;

describe.each(clusters)('a window of very many values on $name', ({ available, start }) => {
  describe.skipIf(!available)('when it is installed', () => {
    let cluster: Cluster;
    const base = builtInPipelines.filter(({ name }) => name === 'category');
    const counter = (resultTopic: string): AggregateOptions => {
      const { connection } = testConnection(cluster.address);
      return {
        ...{ connection, pipelines: base.map((pipeline) => ({ ...pipeline, resultTopic })), groupId: resultTopic },
        ...{ from: 'earliest', outOfOrderness: 50, allowedLateness: 0, resultFormat: 'list', untilEnd: true },
        ...{ clock: systemClock, logger: connection.logger },
      };
    };
    const signal = new AbortController().signal;

    beforeAll(async () => {
      cluster = await start();
      const { connection } = testConnection(cluster.address);
      await ensureTopics(connection, ['category'], { partitions: 1 });
      const sink = await topicSink({ connection });
      const timestamp = Date.now() - 10_000;
      await sink.send(
        'category',
        Array.from({ length: values }, (_, value) => ({ value: `category ${value}`, timestamp })),
      );
      await sink.close();
    });
    afterAll(() => cluster.stop());

    const resultsIn = async (topic: string) => {
      const { connection } = testConnection(cluster.address);
      const stop = new AbortController();
      const source = topicSource({ connection, topics: [topic], from: 'earliest', signal: stop.signal });
      const { records } = await readUntil(source, (_, all) => all.length > 0);
      stop.abort();
      return records;
    };

    test('comes out as one record into a topic that was made for it', async () => {
      const options = counter('large_results');
      await runAggregate(options, signal);
      const records = await resultsIn('large_results');
      expect(JSON.parse(String(records[0]?.value))).toHaveLength(values);
      expect(records[0]?.value?.length).toBeGreaterThan(1_048_588);
    });

    test('that its topic does not take is told with its size and what to do, and comes out when that was done', async () => {
      const options = counter('small_results');
      await createTopic(options.connection, { name: 'small_results', partitions: 1, configs: [] });
      await expect(runAggregate(options, signal)).rejects.toMatchObject({
        code: 'BROKER_REFUSED',
        message: expect.stringMatching(
          /^the counts of category from \S+Z to \S+Z are [45],\d{3},\d{3} bytes; small_results takes 1,048,588$/,
        ),
        hint: expect.stringMatching(
          /^kafka-configs .*--entity-name small_results --add-config max.message.bytes=\d{8},/,
        ),
      });

      const admin = new Kafka({ brokers: [cluster.address], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const configEntries = [{ name: 'max.message.bytes', value: String(16 * 1024 * 1024) }];
      const type = ConfigResourceTypes.TOPIC;
      await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: 'small_results', configEntries }] });
      await admin.disconnect();
      await runAggregate(options, signal);
      expect(await resultsIn('small_results')).toMatchObject([{ headers: { revision: '0' } }]);
    });
  });
});
