import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTopics } from '../../src/broker/apis/create-topics.ts';
import { fetch as fetchApi } from '../../src/broker/apis/fetch.ts';
import { produce } from '../../src/broker/apis/produce.ts';
import { startTestBroker, type TestBroker } from '../_support/broker.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';
import { makeBatch } from './_batches.ts';
import { connectRaw, type RawClient } from './_raw-client.ts';

let broker: TestBroker;
let client: RawClient;
beforeEach(async () => {
  broker = await startTestBroker({ metricsPort: 0 });
  client = await connectRaw(broker.port);
  const topic = (name: string) => ({ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] });
  await client.call(createTopics, 7, { topics: [topic('a'), topic('b')], timeoutMs: 1_000, validateOnly: false });
});
afterEach(async () => {
  client.close();
  await broker.stop();
});

/** The samples of the text by name and labels, as they are written; every line must be one or a comment. */
async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(String(broker.metricsUrl));
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  expect(text.endsWith('\n')).toBe(true);
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    if (type?.[1]) typed.add(type[1]);
    if (line.startsWith('# ')) continue;
    const [, series = '', name = '', value] =
      /^(([a-z_]+)(?:\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)+\})?) ([-+.\deE]+)$/.exec(line) ?? [];
    if (!typed.has(name.replace(/_(bucket|sum|count)$/, '')) && !typed.has(name)) throw new Error(`no type: ${line}`);
    expect(samples.has(series)).toBe(false);
    samples.set(series, Number(value));
  }
  return samples;
}

const send = async (topic: string, index: number, records: Buffer, acks = -1) => {
  const topics = [{ name: topic, partitions: [{ index, records }] }];
  const answer = await client.call(produce, 9, { transactionalId: null, acks, timeoutMs: 1_000, topics });
  return answer.topics[0]?.partitions[0]?.errorCode;
};

const read = (topic: string, partition: number, fetchOffset: number) =>
  client.call(fetchApi, 11, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic,
        topicId: null,
        partitions: [
          {
            partition,
            currentLeaderEpoch: -1,
            fetchOffset,
            lastFetchedEpoch: -1,
            logStartOffset: -1,
            partitionMaxBytes: 1_000_000,
          },
        ],
      },
    ],
    forgottenTopics: [],
    rackId: '',
  });

describe('metrics', () => {
  test('count what producers sent and what consumers were given, by topic', async () => {
    const batches = [makeBatch(['one', 'two', 'three']), makeBatch(['four'], { compression: 'gzip' })];
    for (const batch of batches) expect(await send('a', 0, Buffer.from(batch))).toBe(0);
    const bytes = batches.reduce((size, batch) => size + batch.length, 0);
    await read('a', 0, 0);
    await read('a', 0, 3);

    const samples = await scrape();
    const ofTopic = (name: string, topic: string) => samples.get(`dashctl_broker_${name}{topic="${topic}"}`);
    expect(ofTopic('topic_records_in_total', 'a')).toBe(4);
    expect(ofTopic('topic_bytes_in_total', 'a')).toBe(bytes);
    expect(ofTopic('topic_records_out_total', 'a')).toBe(4 + 1);
    expect(ofTopic('topic_bytes_out_total', 'a')).toBe(bytes + (batches[1]?.length ?? 0));
    expect(ofTopic('topic_records_in_total', 'b')).toBe(0);
    expect(samples.get('dashctl_broker_log_bytes{topic="a",partition="0"}')).toBe(bytes);
    expect(samples.get('dashctl_broker_log_bytes{topic="a",partition="1"}')).toBe(0);
    expect(samples.get('dashctl_broker_log_end_offset{topic="a",partition="0"}')).toBe(4);
    expect(samples.get('dashctl_broker_topics')).toBe(2);
    expect(broker.stats()).toMatchObject({ recordsIn: 4, recordsOut: 5 });
  });

  test('a batch that is sent twice is counted once', async () => {
    const batch = makeBatch(['one', 'two'], { producerId: 1, producerEpoch: 0, baseSequence: 0 });
    for (let time = 0; time < 2; time++) expect(await send('a', 0, Buffer.from(batch))).toBe(0);
    expect((await scrape()).get('dashctl_broker_topic_records_in_total{topic="a"}')).toBe(2);
  });

  test('count requests, their time and their errors by API', async () => {
    await send('a', 0, makeBatch(['one']));
    expect(await send('a', 7, makeBatch(['nowhere']))).toBe(3);
    await read('a', 0, 0);
    const samples = await scrape();
    expect(samples.get('dashctl_broker_requests_total{api="Produce"}')).toBe(2);
    expect(samples.get('dashctl_broker_requests_total{api="Fetch"}')).toBe(1);
    expect(samples.get('dashctl_broker_requests_total{api="CreateTopics"}')).toBe(1);
    expect(samples.get('dashctl_broker_request_errors_total{api="Produce",code="3"}')).toBe(1);
    expect([...samples.keys()].filter((name) => name.includes('request_errors'))).toHaveLength(1);
    const buckets = [...samples].filter(([name]) => name.includes('duration_seconds_bucket{api="Produce"'));
    expect(buckets.map(([, count]) => count)).toEqual(buckets.map(([, count]) => count).sort((a, b) => a - b));
    expect(buckets.at(-1)).toEqual(['dashctl_broker_request_duration_seconds_bucket{api="Produce",le="+Inf"}', 2]);
    expect(samples.get('dashctl_broker_request_duration_seconds_count{api="Produce"}')).toBe(2);
    expect(samples.get('dashctl_broker_request_duration_seconds_sum{api="Produce"}')).toBeGreaterThan(0);
  });

  test('count connections, those that are there and those that were dropped', async () => {
    const other = await connectRaw(broker.port);
    other.socket.write('GET / HTTP/1.1\r\n\r\n');
    await other.closed;
    const samples = await scrape();
    expect(samples.get('dashctl_broker_connections')).toBe(1);
    expect(samples.get('dashctl_broker_connections_total')).toBe(2);
    expect(samples.get('dashctl_broker_connections_dropped_total')).toBe(1);
  });

  test('nothing else is served on the port, and it is given back when the broker stops', async () => {
    const url = String(broker.metricsUrl);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    expect((await fetch(new URL('/', url))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
    await broker.close();
    await expect(fetch(url)).rejects.toThrow();
  });
});

test('a port that is taken is said by its flag, and leaves nothing behind', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as AddressInfo;
  await expect(startTestBroker({ metricsPort: port, dataDir: temporaryFolder() })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    hint: expect.stringContaining('--metrics-port'),
  });
  blocker.close();
});

test('without the option there is no port', async () => {
  const plain = await startTestBroker();
  expect(plain.metricsUrl).toBeUndefined();
  await plain.stop();
});
