import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { connectClient } from '../../src/kafka/client.ts';
import { startTestBroker } from '../_support/broker.ts';
import { freePorts } from '../_support/broker-port.ts';
import { testConnection } from './_clusters.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test('no broker is one line and what to do', async () => {
  const [port] = await freePorts(1);
  await expect(connectClient(testConnection(`localhost:${port}`).connection)).rejects.toMatchObject({
    code: 'BROKER_UNREACHABLE',
    message: `no Kafka broker at localhost:${port}`,
    hint: 'start one with: dashctl broker',
  });
});

test('a broker that is started a moment later is still found', async () => {
  const [port = 0] = await freePorts(1);
  const connecting = connectClient(testConnection(`127.0.0.1:${port}`).connection);
  const broker = await startTestBroker({ port });
  cleanups.push(() => broker.stop());
  (await connecting).close();
});

test('of several bootstrap brokers one that answers is enough', async () => {
  const [port] = await freePorts(1);
  const broker = await startTestBroker();
  cleanups.push(() => broker.stop());
  const { connection } = testConnection(`127.0.0.1:${port}`);
  const client = await connectClient({ ...connection, brokers: [...connection.brokers, broker.address] });
  client.close();
});

test('TLS where none is spoken is refused', async () => {
  const broker = await startTestBroker();
  cleanups.push(() => broker.stop());
  const { connection } = testConnection(broker.address);
  await expect(connectClient({ ...connection, ssl: {} })).rejects.toMatchObject({
    code: 'BROKER_REFUSED',
    message: expect.stringContaining(`TLS with ${broker.address} failed`),
  });
});

test('a login where none is asked for is refused', async () => {
  const broker = await startTestBroker();
  cleanups.push(() => broker.stop());
  const { connection } = testConnection(broker.address);
  const sasl = { mechanism: 'plain', username: 'user', password: 'secret' } as const;
  await expect(connectClient({ ...connection, sasl })).rejects.toMatchObject({ code: 'BROKER_REFUSED' });
});

async function addressOf(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  cleanups.push(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('not listening');
  return `127.0.0.1:${address.port}`;
}

test('a server that hangs up on a Kafka client is no broker', async () => {
  const address = await addressOf(createHttpServer());
  await expect(connectClient(testConnection(address).connection)).rejects.toMatchObject({
    code: 'BROKER_REFUSED',
    message: `${address} closed the connection instead of answering`,
  });
});

test('a server that never answers is not waited for long', async () => {
  const address = await addressOf(createServer((socket) => socket.resume()));
  await expect(connectClient(testConnection(address).connection)).rejects.toMatchObject({
    code: 'BROKER_UNREACHABLE',
    message: `${address} takes connections, but does not answer as Kafka does`,
  });
});

test('an address that is none is wrong usage', async () => {
  await expect(connectClient(testConnection('localhost:99999').connection)).rejects.toMatchObject({ code: 'USAGE' });
});
