import { join } from 'node:path';
import { freePorts } from '../_support/broker-port.ts';
import { type Dashctl, dashctl } from '../_support/dashctl.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';

/** A broker in a process of its own. */
export interface BrokerProcess {
  /** `127.0.0.1:<port>` */
  address: string;
  /** Kills it; its data stay for `start`, on the same port. */
  halt(): Promise<unknown>;
  start(): Promise<unknown>;
  stop(): Promise<unknown>;
}

async function embedded(folder: string): Promise<BrokerProcess> {
  const [port] = await freePorts(1);
  let broker: Dashctl | undefined;
  const start = async () => {
    broker = dashctl(['broker', '--port', String(port), '--data-dir', join(folder, 'data')]);
    await broker.waitFor(/127\.0\.0\.1:\d+/);
  };
  await start();
  const address = `127.0.0.1:${port}`;
  return { address, start, halt: async () => broker?.stop('SIGKILL'), stop: async () => broker?.stop() };
}

/** What the same stages are run against; the embedded broker keeps its data in the folder that it is given. */
export const brokers: {
  name: string;
  available: boolean;
  startBroker: (folder: string) => Promise<BrokerProcess>;
}[] = [
  { name: 'the embedded broker', available: true, startBroker: embedded },
  { name: 'Apache Kafka 4.1', available: kafkaIsAvailable(), startBroker: () => startKafka() },
];
