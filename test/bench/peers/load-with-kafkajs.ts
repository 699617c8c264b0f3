// Sends records to a topic with kafkajs (acks=all) and reads them back: how a broker serves the client that Node programs use.
// usage: load-with-kafkajs.ts <address> <topic> <records> <bytes each>; prints the records per second of both as JSON.
import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

const [address = '', topic = '', count = '', size = ''] = process.argv.slice(2);
const records = Number(count);
const kafka = new Kafka({ brokers: [address], clientId: 'bench', logLevel: logLevel.ERROR });

// It groups the records of a call by partition in quadratic time, so that larger batches would be slower.
const batch = 500;
const underWay = 8;
const messages = Array.from({ length: batch }, () => ({ value: randomBytes(Number(size)) }));

const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const producing = performance.now();
let sent = 0;
const sendShare = async () => {
  while (sent < records) {
    const next = messages.slice(0, Math.min(batch, records - sent));
    sent += next.length;
    await producer.send({ topic, messages: next, acks: -1 });
  }
};
await Promise.all(Array.from({ length: underWay }, sendShare));
const produced = (records / (performance.now() - producing)) * 1_000;
await producer.disconnect();

const consumer = kafka.consumer({ groupId: `${topic}-kafkajs` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
let read = 0;
let consuming = 0;
await new Promise<void>((resolve, reject) => {
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  // Joining the group is not in it, as with ConsumerPerformance.
  consumer.on(consumer.events.FETCH_START, () => {
    consuming ||= performance.now();
  });
  void consumer.run({
    eachBatch: async ({ batch: { messages: arrived } }) => {
      read += arrived.length;
      if (read >= records) resolve();
    },
  });
});
const consumed = (records / (performance.now() - consuming)) * 1_000;
await consumer.disconnect();
console.log(JSON.stringify({ produced, consumed }));
