import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { incrementalAlterConfigs } from '../../src/broker/apis/incremental-alter-configs.ts';
import { startTestBroker } from '../_support/broker.ts';
import { startCompactingBroker } from './_compacting-broker.ts';
import { connectRaw } from './_raw-client.ts';

test('a topic is compacted once its configuration says so, and a consumer reads what is left, before and after a restart', async () => {
  const broker = await startCompactingBroker();
  onTestFinished(() => broker.stop());
  const connect = (address: string) =>
    new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50 } });
  const kafka = connect(broker.address);
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  const configEntries = [{ name: 'segment.bytes', value: '1024' }];
  await admin.createTopics({ topics: [{ topic: 'table', configEntries }], waitForLeaders: true });
  for (let index = 0; index < 60; index++) {
    const value = `${index} ${'x'.repeat(200)}`;
    await producer.send({ topic: 'table', messages: [{ key: `k${index % 3}`, value }] });
  }
  await producer.send({ topic: 'table', messages: [{ key: 'last', value: 'last' }] });
  const { logBytes } = broker.stats();
  broker.maintain();
  expect(broker.stats().logBytes).toBe(logBytes);

  const raw = await connectRaw(broker.port);
  const { responses } = await raw.call(incrementalAlterConfigs, 1, {
    resources: [
      {
        resourceType: 2,
        resourceName: 'table',
        configs: [{ name: 'cleanup.policy', configOperation: 0, value: 'compact' }],
      },
    ],
    validateOnly: false,
  });
  raw.close();
  expect(responses[0]?.errorCode).toBe(0);
  await broker.compact();
  expect(broker.stats().logBytes).toBeLessThan(logBytes / 4);
  expect(await admin.fetchTopicOffsets('table')).toMatchObject([{ low: '0', high: '61' }]);
  await Promise.all([admin.disconnect(), producer.disconnect()]);

  const read = async (address: string) => {
    const consumer = connect(address).consumer({ groupId: `reader of ${address}` });
    const got: { offset: string; key: string; value: string }[] = [];
    const complete = Promise.withResolvers<void>();
    await consumer.connect();
    await consumer.subscribe({ topic: 'table', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        got.push({
          offset: message.offset,
          key: String(message.key),
          value: String(message.value).split(' ')[0] ?? '',
        });
        if (message.offset === '60') complete.resolve();
      },
    });
    await complete.promise;
    await consumer.disconnect();
    return got;
  };
  const got = await read(broker.address);
  expect(got.length).toBeLessThan(12);
  expect(got.at(-1)).toEqual({ offset: '60', key: 'last', value: 'last' });
  for (const { offset, key, value } of got.slice(0, -1)) {
    expect([key, value]).toEqual([`k${Number(offset) % 3}`, offset]);
  }
  expect(new Set(got.map(({ key }) => key)).size).toBe(4);
  await broker.close();
  const again = await startTestBroker({ dataDir: broker.dataDir });
  onTestFinished(() => again.close());
  expect(await read(again.address)).toEqual(got);
});
