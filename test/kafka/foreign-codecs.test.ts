import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { kafkaIsAvailable, type RealKafka, startKafka } from '../_support/kafka.ts';
import { freshTopic, readUntil, testConnection, valuesOf } from './_clusters.ts';

const kcatIsAvailable = process.env.CI !== undefined || spawnSync('kcat', ['-V']).error === undefined;
const lines = Array.from({ length: 3_000 }, (_, i) => `line ${i} ${'女生,男生;'.repeat(i % 9)}`);

describe.skipIf(!kafkaIsAvailable() || !kcatIsAvailable)('what others compressed, on Apache Kafka', () => {
  let kafka: RealKafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka?.stop());

  const readAll = async (topic: string) => {
    const stop = new AbortController();
    const { connection } = testConnection(kafka.address);
    const source = topicSource({ connection, topics: [topic], from: 'earliest', signal: stop.signal });
    const { records } = await readUntil(source, (_, all) => all.length === lines.length);
    stop.abort();
    return valuesOf(records);
  };

  const newTopic = async () => {
    const topic = freshTopic();
    await ensureTopics(testConnection(kafka.address).connection, [topic], { partitions: 1 });
    return topic;
  };

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('%s of kcat is read', async (codec) => {
    const topic = await newTopic();
    const kcat = spawn('kcat', ['-P', '-b', kafka.address, '-t', topic, '-z', codec, '-X', 'linger.ms=50']);
    kcat.stdin.end(`${lines.join('\n')}\n`);
    expect(await once(kcat, 'close')).toEqual([0, null]);
    expect(await readAll(topic)).toEqual(lines);
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])("%s of Kafka's own producer is read", async (codec) => {
    const topic = await newTopic();
    const args = ['--bootstrap-server', kafka.address, '--topic', topic, '--compression-codec', codec];
    await kafka.tool('org.apache.kafka.tools.ConsoleProducer', args, `${lines.join('\n')}\n`);
    expect(await readAll(topic)).toEqual(lines);
  });
});
