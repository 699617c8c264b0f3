// Without this, kafkajs polls and warns of negative timeouts on new Node.
import '../../src/kafka/kafkajs-timers.ts';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Kafka, logLevel } from 'kafkajs';
import { expect, onTestFinished, test } from 'vitest';
import { startTestBroker } from '../_support/broker.ts';
import { freePorts } from '../_support/broker-port.ts';
import { kafkaIsAvailable, runKafkaTool } from '../_support/kafka.ts';
import { startLossyProxy } from '../_support/lossy-proxy.ts';
import { pythonIsAvailable, runPython } from '../_support/python.ts';
import { connectRaw } from './_raw-client.ts';
import { readAll } from './_reading.ts';

const kcatIsHere = process.env.CI !== undefined || spawnSync('kcat', ['-V']).status === 0;
const values = Array.from({ length: 60 }, (_, index) => `value-${index}`);

/** Lets a client produce all values to topic `t` through a proxy that loses every third answer, and looks what came. */
async function expectOnce(produceAll: (address: string) => Promise<unknown>): Promise<void> {
  const proxy = await startLossyProxy((count) => count % 3 === 1);
  onTestFinished(() => proxy.close());
  const [port = 0] = await freePorts(1);
  const broker = await startTestBroker({ port, advertise: { host: '127.0.0.1', port: proxy.port } });
  onTestFinished(() => broker.stop());
  proxy.leadTo(port);
  await produceAll(`127.0.0.1:${proxy.port}`);
  const client = await connectRaw(proxy.port);
  const { records } = await readAll(client, { topic: 't', partition: 0 });
  client.close();
  expect(records.map(({ value }) => value)).toEqual(values);
  expect(proxy.lost).toBeGreaterThan(0);
}

test('kafkajs, idempotent, brings each record once', async () => {
  await expectOnce(async (address) => {
    const kafka = new Kafka({
      brokers: [address],
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 20, multiplier: 1, factor: 0, retries: 50 },
    });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (let from = 0; from < values.length; from += 5) {
      const messages = values.slice(from, from + 5).map((value) => ({ value, partition: 0 }));
      await producer.send({ topic: 't', messages });
    }
    await producer.disconnect();
  });
});

test.skipIf(!kcatIsHere)('kcat, idempotent, brings each record once', async () => {
  await expectOnce(async (address) => {
    const settings = [
      'enable.idempotence=true',
      'batch.num.messages=5',
      'retry.backoff.ms=20',
      'reconnect.backoff.ms=10',
    ];
    const args = ['-b', address, '-P', '-E', '-t', 't', '-p', '0', ...settings.flatMap((setting) => ['-X', setting])];
    const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.end(`${values.join('\n')}\n`);
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});

test.skipIf(!pythonIsAvailable())('kafka-python, idempotent, brings each record once', async () => {
  await expectOnce((address) =>
    runPython(
      `
import sys
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=sys.argv[1], enable_idempotence=True, batch_size=200, retry_backoff_ms=20, reconnect_backoff_ms=10)
for value in sys.argv[2:]:
    producer.send('t', value.encode(), partition=0)
producer.flush()
producer.close()
`,
      [address, ...values],
    ),
  );
});

test.skipIf(!kafkaIsAvailable())('the Java producer, idempotent, brings each record once', async () => {
  await expectOnce((address) => {
    const settings = ['enable.idempotence=true', 'batch.size=200', 'retry.backoff.ms=20', 'reconnect.backoff.ms=10'];
    const args = ['--bootstrap-server', address, '--topic', 't'];
    for (const setting of settings) args.push('--producer-property', setting);
    return runKafkaTool('org.apache.kafka.tools.ConsoleProducer', args, `${values.join('\n')}\n`);
  });
});
