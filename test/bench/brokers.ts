import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import { startBroker } from './processes.ts';

/** A broker that clients are measured against. */
export interface BenchBroker {
  name: string;
  address: string;
  pid(): number | undefined;
  stop(): Promise<void>;
}

/** The embedded broker in a process of its own and, where its jars are, Apache Kafka. */
export async function startBrokers(): Promise<{ brokers: BenchBroker[]; skipped: string[] }> {
  const embedded = await startBroker();
  const brokers: BenchBroker[] = [
    { name: 'embedded broker', address: embedded.address, pid: () => embedded.pid, stop: embedded.stop },
  ];
  if (!kafkaIsAvailable()) return { brokers, skipped: ['anything on Apache Kafka: no jars (.ci/install brings them)'] };
  try {
    const kafka = await startKafka();
    brokers.push({ name: 'Apache Kafka', address: kafka.address, pid: kafka.pid, stop: kafka.stop });
    return { brokers, skipped: [] };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}
