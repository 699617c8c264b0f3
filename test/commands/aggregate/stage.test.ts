import { Kafka, logLevel } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { type AggregateProgress, runAggregate } from '../../../src/commands/aggregate/stage.ts';
import { topicSource } from '../../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../../src/kafka/topics.ts';
import { builtInPipelines } from '../../../src/records/pipelines.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { startTestBroker } from '../../_support/broker.ts';
import { readUntil, testConnection } from '../../kafka/_clusters.ts';

test('a window waits for what an open transaction holds of it', async () => {
  const broker = await startTestBroker();
  onTestFinished(() => broker.stop());
  const { connection } = testConnection(broker.address);
  const pipelines = builtInPipelines.filter(({ name }) => name === 'gender');
  await ensureTopics(connection, ['sex', 'result']);
  // Both in one window, which has long been over.
  const timestamp = String(Math.floor(Date.now() / 1_000) * 1_000 - 5_000);
  const kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING });
  const plain = kafka.producer();
  const transactional = kafka.producer({ transactionalId: 't', idempotent: true, maxInFlightRequests: 1 });
  await plain.connect();
  await transactional.connect();
  await plain.send({ topic: 'sex', messages: [{ value: '0', timestamp }] });
  const transaction = await transactional.transaction();
  await transaction.send({ topic: 'sex', messages: [{ value: '1', timestamp }] });

  const stop = new AbortController();
  const firstRead = Promise.withResolvers<void>();
  const onProgress = ({ pipelines: counted }: AggregateProgress) => {
    if (counted.get('gender')?.lag === 1) firstRead.resolve();
  };
  const counting = runAggregate(
    {
      connection,
      pipelines,
      groupId: 'counters',
      from: 'earliest',
      outOfOrderness: 50,
      allowedLateness: 60_000,
      resultFormat: 'list',
      untilEnd: false,
      clock: systemClock,
      logger: connection.logger,
      onProgress,
    },
    stop.signal,
  );
  await Promise.race([firstRead.promise, counting]);
  await transaction.commit();
  const results = topicSource({ connection, topics: ['result'], from: 'earliest', signal: stop.signal });
  const { records } = await readUntil(results, (_, all) => all.length > 0);
  expect(records).toMatchObject([{ headers: { revision: '0' } }]);
  expect(String(records[0]?.value)).toBe('[{"0":1},{"1":1}]');
  stop.abort();
  await counting;
  await plain.disconnect();
  await transactional.disconnect();
});
