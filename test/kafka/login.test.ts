import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KafkaConnection } from '../../src/kafka/connection.ts';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { startTestBroker, type TestBroker } from '../_support/broker.ts';
import { freePorts } from '../_support/broker-port.ts';
import { kafkaIsAvailable, type RealKafka, startKafka } from '../_support/kafka.ts';
import { freshTopic, readUntil, testConnection, valuesOf } from './_clusters.ts';

async function writeAndRead(connection: KafkaConnection) {
  const topic = freshTopic();
  await ensureTopics(connection, [topic]);
  const sink = await topicSink({ connection });
  await sink.send(topic, [{ value: 'seen', timestamp: 1 }]);
  await sink.close();
  const stop = new AbortController();
  const source = topicSource({ connection, topics: [topic], from: 'earliest', signal: stop.signal });
  const { records } = await readUntil(source, (_, all) => all.length === 1);
  stop.abort();
  return valuesOf(records);
}

describe.skipIf(!kafkaIsAvailable())('a login on Apache Kafka', () => {
  let kafka: RealKafka;
  const users = 'username="broker" password="broker" user_broker="broker" user_dash="secret"';
  beforeAll(async () => {
    kafka = await startKafka([
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_PLAINTEXT',
      'inter.broker.listener.name=PLAINTEXT',
      'sasl.enabled.mechanisms=PLAIN',
      'sasl.mechanism.inter.broker.protocol=PLAIN',
      `listener.name.plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required ${users};`,
    ]);
  });
  afterAll(() => kafka?.stop());

  const withPassword = (password: string): KafkaConnection => ({
    ...testConnection(kafka.address).connection,
    sasl: { mechanism: 'plain', username: 'dash', password },
  });

  test('lets in who knows the password', async () => {
    expect(await writeAndRead(withPassword('secret'))).toEqual(['seen']);
  });

  test('with a wrong password is refused, with the flags to look at', async () => {
    await expect(writeAndRead(withPassword('wrong'))).rejects.toMatchObject({
      code: 'BROKER_REFUSED',
      message: expect.stringMatching(/refused the login/),
      hint: expect.stringContaining('DASHCTL_SASL_PASSWORD'),
    });
  });

  test('that is left out is missed', async () => {
    await expect(writeAndRead(testConnection(kafka.address).connection)).rejects.toMatchObject({
      code: 'BROKER_REFUSED',
      hint: expect.stringContaining('--sasl'),
    });
  });

  test('by a way that the broker does not offer is refused', async () => {
    const sasl = { mechanism: 'scram-sha-256', username: 'dash', password: 'secret' } as const;
    await expect(writeAndRead({ ...withPassword('secret'), sasl })).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
  });
});

const opensslIsAvailable = process.env.CI !== undefined || spawnSync('openssl', ['version']).error === undefined;

describe.skipIf(!opensslIsAvailable)('TLS, in front of the embedded broker', () => {
  let directory: string;
  let broker: TestBroker;
  let address: string;
  let ca: string;
  let close: () => void;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dashctl-tls-'));
    const [port = 0] = await freePorts(1);
    const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    spawnSync('openssl', [...request, '-keyout', keyFile, '-out', certFile]);
    ca = readFileSync(certFile, 'utf8');
    const server = createServer({ key: readFileSync(keyFile), cert: ca }, (socket) => {
      const inner = connect(port, '127.0.0.1');
      socket.pipe(inner).pipe(socket);
      socket.on('error', () => inner.destroy());
      inner.on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    server.on('tlsClientError', () => {});
    await once(server, 'listening');
    const bound = server.address();
    if (typeof bound !== 'object' || !bound) throw new Error('not listening');
    address = `localhost:${bound.port}`;
    broker = await startTestBroker({ port, advertise: { host: 'localhost', port: bound.port } });
    close = () => server.close();
  });
  afterAll(async () => {
    close?.();
    await broker?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test('with the authority that signed it, records go both ways', async () => {
    expect(await writeAndRead({ ...testConnection(address).connection, ssl: { ca } })).toEqual(['seen']);
  });

  test('a certificate that nobody vouches for is refused', async () => {
    await expect(writeAndRead({ ...testConnection(address).connection, ssl: {} })).rejects.toMatchObject({
      code: 'BROKER_REFUSED',
      message: expect.stringContaining('TLS with'),
      hint: expect.stringContaining('--ssl-ca'),
    });
  });

  test('a client that does not speak it is told of --ssl', async () => {
    await expect(writeAndRead(testConnection(address).connection)).rejects.toMatchObject({
      code: 'BROKER_REFUSED',
      hint: expect.stringContaining('--ssl'),
    });
  });
});
