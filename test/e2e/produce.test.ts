import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { topicSource } from '../../src/kafka/topic-source.ts';
import { builtInPipelines } from '../../src/records/pipelines.ts';
import { freePorts, untilAnswers } from '../_support/broker-port.ts';
import { countWithAwk, userLogPositions } from '../_support/count-with-awk.ts';
import { dashctl, runDashctl } from '../_support/dashctl.ts';
import { kafkaIsAvailable, startKafka } from '../_support/kafka.ts';
import { temporaryFolder } from '../_support/temporary-folder.ts';

const sample = join(import.meta.dirname, '..', '..', 'data', 'user_log.csv');

interface TestBroker {
  address: string;
  stop(): Promise<unknown>;
}

async function startEmbedded(): Promise<TestBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'dashctl-test-'));
  const [port = 0] = await freePorts(1);
  const broker = dashctl(['broker', '--port', String(port), '--data-dir', folder], { cwd: folder });
  await untilAnswers(port, broker.process);
  const stop = async () => {
    await broker.stop('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  return { address: `127.0.0.1:${port}`, stop };
}

/** Everything that a topic holds, from its first record to what the broker has now. */
async function valuesOf(address: string, topic: string): Promise<string[]> {
  const connection = { brokers: [address], clientId: 'test', logger: pino({ level: 'silent' }) };
  const controller = new AbortController();
  const values: string[] = [];
  const source = topicSource({ connection, topics: [topic], from: 'earliest', signal: controller.signal });
  for await (const { records, caughtUp } of source) {
    for (const { value } of records) values.push(String(value));
    if (caughtUp) controller.abort();
  }
  return values;
}

function countsOf(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

describe.each([
  { name: 'the embedded broker', available: true, start: startEmbedded },
  { name: 'Apache Kafka', available: kafkaIsAvailable(), start: startKafka },
])('produce against $name', ({ available, start }) => {
  let broker: TestBroker;
  beforeAll(async () => {
    if (available) broker = await start();
  });
  afterAll(() => broker?.stop());

  const produce = (...args: string[]) => dashctl(['produce', '--brokers', broker.address, ...args]);
  const produced = async (...args: string[]) => runDashctl(['produce', '--brokers', broker.address, ...args]);

  test.skipIf(!available)('sends what another tool counts in the sample, for all five pipelines', async () => {
    const { code, stdout, stderr } = await produced(sample, '--rate', 'max');
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('10,000 rows sent');
    for (const { name, topic } of builtInPipelines) {
      expect(stderr).toContain(`${topic}: 10,000 records`);
      const position = userLogPositions[name as keyof typeof userLogPositions];
      expect(countsOf(await valuesOf(broker.address, topic)), name).toEqual(countWithAwk(sample, position));
    }
  });

  test.skipIf(!available)('reads standard input and packed files, and sends one column where it is told', async () => {
    const rows = readFileSync(sample, 'utf8').split('\n').slice(0, 101).join('\n');
    const packed = join(temporaryFolder(), 'log.csv.gz');
    writeFileSync(packed, gzipSync(rows));
    const args = ['produce', '-', packed, '--column', 'brand_id', '--topic', 'brands', '--rate', 'max'];
    const { code, stderr } = await runDashctl([...args, '--brokers', broker.address], { input: rows });
    expect(code, stderr).toBe(0);
    const brands = rows.split('\n').map((row) => row.split(',')[4] ?? '');
    expect(await valuesOf(broker.address, 'brands')).toEqual([...brands.slice(1), ...brands.slice(1)]);
  });

  test.skipIf(!available)('names bad rows by line, keeps them when asked, and stops at them when strict', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'bad.csv');
    writeFileSync(file, 'name,shade\na,red\nb\nc,"blue\nd,green,7\ne,"whi"te\nf,grey\n');
    const target = ['--column', 'shade', '--topic', 'shades', '--rate', 'max'];
    const rejects = join(folder, 'rejects.csv');
    const { code, stderr } = await produced(file, ...target, '--rejects', rejects);
    expect(code, stderr).toBe(0);
    expect(await valuesOf(broker.address, 'shades')).toEqual(['red', 'grey']);
    expect(stderr).toContain('rejected: 4');
    for (const place of ['too few columns: 1, ', 'unclosed quote: 1, ', 'too many columns: 1, ', 'stray quote: 1, '])
      expect(stderr).toContain(place + file);
    expect(readFileSync(rejects, 'utf8').split('\n')[2]).toBe(`4,unclosed quote,"c,""blue",${file}`);

    const strict = await produced(file, ...target, '--strict');
    expect(strict.code).toBe(1);
    expect(strict.stderr).toContain(`error: ${file}:3: too few columns\n  hint: `);
  });

  test.skipIf(!available)('flushes and counts what it has sent when it is interrupted', async () => {
    const run = produce(sample, '--column', 'item_id', '--topic', 'items', '--rate', '200');
    await run.waitFor(/replaying/);
    const { code } = await run.stop();
    expect(code).toBe(130);
    const rows = Number(/interrupted: ([\d,]+) rows sent/.exec(run.stderr())?.[1]?.replaceAll(',', ''));
    expect(run.stderr()).toContain(`--skip ${rows}`);
    expect(await valuesOf(broker.address, 'items')).toHaveLength(rows);
    expect(rows).toBeLessThan(10_000);
  });
});

describe('produce ends in one line and a hint, and no stack trace,', () => {
  const nobody = ['--brokers', '127.0.0.1:1'];
  const textFile = (content: string | Buffer, name = 'rows.csv') => {
    const file = join(temporaryFolder(), name);
    writeFileSync(file, content);
    return file;
  };

  test.each<[string, number, () => string[], RegExp]>([
    ['when a file is missing', 1, () => ['none.csv'], /no file none\.csv/],
    ['when it is a directory', 1, () => [temporaryFolder()], /is a directory/],
    ['when it is empty', 1, () => [textFile('')], /is empty/],
    ['when it is binary', 1, () => [textFile(Buffer.alloc(500))], /is a binary file/],
    [
      'when it is in another encoding',
      1,
      () => [textFile(Buffer.from('gender\n\xd5\xe3\n', 'latin1')), '--pipeline', 'gender'],
      /not utf-8/,
    ],
    ['when a column is missing', 1, () => [textFile('a,b\n1,2\n'), '--header', 'yes'], /no column "gender"/],
    ['when there is no broker', 1, () => [sample], /no Kafka broker at 127\.0\.0\.1:1/],
    ['for an unknown pipeline', 2, () => [sample, '--pipeline', 'sex'], /unknown pipeline "sex"/],
    ['for an unknown encoding', 2, () => [sample, '--encoding', 'klingon'], /unknown encoding/],
    ['for a column without a topic', 2, () => [sample, '--column', 'gender'], /go together/],
    ['for rejects that would overwrite the file', 2, () => [sample, '--rejects', sample], /would overwrite/],
  ])('%s', async (_, status, args, message) => {
    const { code, stdout, stderr } = await runDashctl(['produce', ...args(), ...nobody]);
    expect(stderr).toMatch(/^error: .+\n {2}hint: .+\n$/);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(status);
  });

  test.each([
    ['an unknown flag', ['--rat', '5']],
    ['a rate of nothing', ['--rate', '0']],
    ['a delimiter of two characters', ['--delimiter', '::']],
    ['a limit that is no number', ['--limit', 'ten']],
  ])('with status 2 for %s', async (_, flags) => {
    const { code, stderr } = await runDashctl(['produce', sample, ...flags, ...nobody]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('when rejects cannot be kept', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'log'));
    const { code, stderr } = await runDashctl(['produce', sample, '--rejects', join(folder, 'log'), ...nobody]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot write the rejected rows/);
  });
});
