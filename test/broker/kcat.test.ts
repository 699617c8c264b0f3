import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTopics } from '../../src/broker/apis/create-topics.ts';
import { decompress } from '../../src/broker/log/decompress.ts';
import { batchHeader, batchHeaderSize, compressionOf } from '../../src/broker/log/record-batch.ts';
import { startTestBroker, type TestBroker } from '../_support/broker.ts';
import { startCompactingBroker } from './_compacting-broker.ts';
import { connectRaw } from './_raw-client.ts';
import { storedBatches } from './_stored-batches.ts';

const isHere = process.env.CI !== undefined || spawnSync('kcat', ['-V']).status === 0;

// librdkafka 2.0.2, as Debian has it, writes uncompressed or does not join groups when a range is not as it expects.
describe.skipIf(!isHere)('kcat', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.stop());

  /** Runs kcat to its end and gives what it printed; a warning or an error of its own fails the test. */
  async function kcat(args: readonly string[], input = ''): Promise<string> {
    const child = spawn('kcat', ['-b', broker.address, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
    });
    child.stdin.end(input);
    const [status] = await once(child, 'close');
    expect({ status, errors: errors.replace(/^% (Reached end|Waiting for|Group).*\n/gm, '') }).toEqual({
      status: 0,
      errors: '',
    });
    return output;
  }

  test('what compaction has left is read from the start, and from an offset that is gone', async () => {
    const own = await startCompactingBroker();
    onTestFinished(() => own.stop());
    const client = await connectRaw(own.port);
    await client.call(createTopics, 5, {
      topics: [
        {
          name: 'table',
          numPartitions: 1,
          replicationFactor: 1,
          assignments: [],
          configs: [
            { name: 'cleanup.policy', value: 'compact' },
            { name: 'segment.bytes', value: '1024' },
          ],
        },
      ],
      timeoutMs: 1_000,
      validateOnly: false,
    });
    client.close();
    const at = ['-b', own.address, '-t', 'table'];
    const input = Array.from({ length: 60 }, (_, index) => `k${index % 2}:${index}\n`).join('');
    // Idempotent, so that a header without records is among what is left.
    await kcat(['-P', ...at, '-K:', '-X', 'batch.num.messages=2', '-X', 'enable.idempotence=true'], input);
    const { logBytes } = own.stats();
    await own.compact();
    expect(own.stats().logBytes).toBeLessThan(logBytes * 0.7);
    const left = await kcat(['-C', '-q', '-e', ...at, '-o', 'beginning', '-f', '%o %k=%s\n']);
    expect(left.split('\n').length).toBeLessThan(40);
    expect(left).toMatch(/^(\d+ k[01]=\d+\n)+58 k0=58\n59 k1=59\n$/);
    expect(await kcat(['-C', '-q', '-e', ...at, '-o', '3', '-f', '%o %k=%s\n'])).toBe(left);
  });

  const lines = Array.from({ length: 2_000 }, (_, index) => `a line that is much like the others ${index}`).join('\n');

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    '%s is written as such, read back and searched by time',
    async (codec) => {
      const topic = `codec-${codec}`;
      // All lines in one batch: librdkafka leaves a batch uncompressed that compression would make larger.
      await kcat(['-P', '-t', topic, '-z', codec, '-X', 'linger.ms=200'], lines);
      const [batch = Buffer.alloc(0)] = await storedBatches(broker.port, topic);
      expect(compressionOf(batch)).toBe(['none', 'gzip', 'snappy', 'lz4', 'zstd'].indexOf(codec));
      const records = decompress(compressionOf(batch), batch.subarray(batchHeaderSize))?.toString();
      for (const line of lines.split('\n').slice(0, batchHeader.recordsCount(batch))) expect(records).toContain(line);
      expect(await kcat(['-C', '-q', '-e', '-t', topic, '-o', 'beginning'])).toBe(`${lines}\n`);
      const printed = (await kcat(['-C', '-q', '-e', '-t', topic, '-f', '%o %T\n'])).trim().split('\n');
      const offsets = printed.map((line) => line.split(' ').map(Number));
      for (const [, time = 0] of [offsets[0], offsets[700], offsets.at(-1)].filter((each) => each !== undefined)) {
        const expected = offsets.find(([, each = 0]) => each >= time)?.[0];
        expect(await kcat(['-Q', '-t', `${topic}:0:${time}`])).toBe(`${topic} [0] offset ${expected}\n`);
      }
      expect(await kcat(['-C', '-q', '-e', '-t', topic, '-o', `s@${offsets[0]?.[1]}`])).toBe(`${lines}\n`);
    },
  );

  test('a seek into a batch gives exactly the records from there on', async () => {
    await kcat(['-P', '-t', 'seek', '-z', 'gzip'], lines);
    const tail = `${lines.split('\n').slice(1_995).join('\n')}\n`;
    expect(await kcat(['-C', '-q', '-e', '-t', 'seek', '-o', '1995'])).toBe(tail);
    expect(await kcat(['-C', '-q', '-e', '-t', 'seek', '-o', '-5'])).toBe(tail);
  });

  test('an idempotent producer and one without acks are served', async () => {
    await kcat(['-P', '-t', 'idempotent', '-X', 'enable.idempotence=true'], 'a\nb\nc');
    expect(await kcat(['-C', '-q', '-e', '-t', 'idempotent'])).toBe('a\nb\nc\n');
    await kcat(['-P', '-t', 'unacknowledged', '-X', 'acks=0'], 'a\nb\nc');
    expect(await kcat(['-C', '-q', '-t', 'unacknowledged', '-c', '3', '-o', 'beginning'])).toBe('a\nb\nc\n');
  });

  test('a group reads everything once, and goes on after its last commit', async () => {
    await kcat(['-P', '-t', 'grouped'], lines);
    const group = [
      '-G',
      'readers',
      'grouped',
      '-q',
      '-e',
      '-X',
      'auto.offset.reset=earliest',
      '-X',
      'session.timeout.ms=10000',
    ];
    expect(await kcat(group)).toBe(`${lines}\n`);
    await kcat(['-P', '-t', 'grouped'], 'one more');
    expect(await kcat(group)).toBe('one more\n');
  });

  test('the listing names broker and topics', async () => {
    await kcat(['-P', '-t', 'listed'], 'x');
    const listing = JSON.parse(await kcat(['-L', '-J', '-t', 'listed']));
    expect(listing).toMatchObject({
      brokers: [{ id: 1, name: broker.address }],
      topics: [{ topic: 'listed', partitions: [{ partition: 0, leader: 1, isrs: [{ id: 1 }] }] }],
    });
  });
});
