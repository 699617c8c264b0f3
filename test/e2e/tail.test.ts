import { afterAll, beforeAll, expect, test } from 'vitest';
import { topicSink } from '../../src/kafka/topic-sink.ts';
import { ensureTopics } from '../../src/kafka/topics.ts';
import { startTestBroker, type TestBroker } from '../_support/broker.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { testConnection } from '../kafka/_clusters.ts';

let broker: TestBroker;

const send = async (topic: string, records: { value: string | Buffer | null; key?: string; timestamp: number }[]) => {
  const sink = await topicSink({ connection: testConnection(broker.address).connection });
  await sink.send(topic, records);
  await sink.close();
};
const tail = (...args: string[]) => runDashctl(['tail', ...args, '--brokers', broker.address]);

beforeAll(async () => {
  broker = await startTestBroker();
  const { connection } = testConnection(broker.address);
  await ensureTopics(connection, ['sex', 'live', 'wide', 'many']);
  await send(
    'sex',
    ['0', '1', 'NULL', '', '女'].map((value, i) => ({ value, timestamp: 1_700_000_000_000 + i * 1_000 })),
  );
});
afterAll(() => broker?.stop());

test.each([
  [['-o', 'start', '-n', '2'], '0\n1\n'],
  [['-o', ':end'], '0\n1\nNULL\n\n女\n'],
  [['-o', '-2:end'], '\n女\n'],
  [['-o', '+3:end'], '\n女\n'],
  [['-o', '@1700000001000:@1700000003000'], '1\nNULL\n'],
  [['-o', '@2023-11-14T22:13:23Z:end'], '\n女\n'],
  [['-o', 'end:end'], ''],
  [['-o', 'start', '-p', '0', '-n', '1'], '0\n'],
])('tail sex %j prints values as they are', async (flags, stdout) => {
  expect(await tail('sex', ...flags)).toEqual({ code: 0, stdout, stderr: '' });
});

test('--json prints one object per record', async () => {
  const { connection } = testConnection(broker.address);
  const sink = await topicSink({ connection });
  await sink.send('wide', [
    { value: '[{"0":3}]', key: '0/1000', timestamp: 1_000, headers: { pipeline: 'gender' } },
    { value: null, timestamp: 2_000 },
  ]);
  await sink.close();
  const { stdout } = await tail('wide', '-o', ':end', '--json');
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    {
      topic: 'wide',
      partition: 0,
      offset: 0,
      timestamp: 1_000,
      key: '0/1000',
      headers: { pipeline: 'gender' },
      value: '[{"0":3}]',
    },
    { topic: 'wide', partition: 0, offset: 1, timestamp: 2_000, key: null, headers: {}, value: null },
  ]);
});

test('records are printed as they come, until it is interrupted', async () => {
  await send('live', [{ value: 'before', timestamp: 1 }]);
  const run = dashctl(['tail', 'live', '-o', '-1', '--brokers', broker.address]);
  await run.waitFor(/before\n/);
  await send('live', [{ value: 'after', timestamp: 2 }]);
  await run.waitFor(/after\n/);
  expect(await run.stop()).toEqual({ code: 0, signal: null });
  expect([run.stdout(), run.stderr()]).toEqual(['before\nafter\n', '']);
});

test('a run that was to end by itself says that it was interrupted', async () => {
  const run = dashctl(['tail', 'live', '-o', 'start', '-n', '99', '--brokers', broker.address]);
  await run.waitFor(/before\n/);
  expect(await run.stop()).toEqual({ code: 130, signal: null });
  expect(run.stderr()).toContain('interrupted after');
});

test('a reader that has seen enough ends it quietly', async () => {
  await send(
    'many',
    Array.from({ length: 200_000 }, (_, i) => ({ value: `line ${i}`, timestamp: 1 })),
  );
  const run = dashctl(['tail', 'many', '-o', 'start', '--brokers', broker.address]);
  await run.waitFor(/line 0\n/);
  run.process.stdout?.destroy();
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(run.stderr()).toBe('');
});

test('all of a long topic comes out', async () => {
  const { stdout } = await tail('many', '-o', ':end');
  expect(stdout.split('\n')).toHaveLength(200_001);
});

test('an unknown topic ends in one line and a hint', async () => {
  const { code, stderr } = await tail('sxe');
  expect([code, stderr]).toEqual([1, 'error: no topic "sxe"\n  hint: did you mean "sex"?\n']);
});

test.each([
  [['-o', 'middle'], 'expected start, end'],
  [['-o', '@yesterday'], 'expected a time'],
  [['-n', '0'], 'expected a whole number'],
])('tail %j is wrong usage', async (flags, message) => {
  const { code, stderr } = await tail('sex', ...flags);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
