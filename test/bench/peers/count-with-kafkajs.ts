// Reads a topic to its end with kafkajs alone and counts its values: what an aggregator in Node could cost at least.
import { Kafka, logLevel } from 'kafkajs';

const [address = '', topic = '', records = ''] = process.argv.slice(2);
const kafka = new Kafka({ brokers: [address], clientId: 'bench', logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: `count-${process.pid}-${Date.now()}` });
const counts = new Map<string, number>();
let read = 0;
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await new Promise<void>((resolve) => {
  void consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        const key = String(value);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      read += batch.messages.length;
      if (read >= Number(records)) resolve();
    },
  });
});
await consumer.disconnect();
